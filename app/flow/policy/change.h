/* flow/policy/change.h: the changes that checks request for a message: a list, applied
 * once before delivery (view.h applies those of header and body).
 *
 * Kinds and indices are those of milters. CHANGE_FIELD counts the fields of that name
 * from 1. CHANGE_INSERT counts all fields of the header from 0. */
#ifndef POLICY_CHANGE_H
#define POLICY_CHANGE_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/list.h"
#include "model/envelope/envelope.h"

enum policy_change_kind {
	CHANGE_ADD,     /* name: value at the end of the header        */
	CHANGE_INSERT,  /* name: value before the field at place index */
	CHANGE_FIELD,   /* the index-th field of this name gets this value; an empty one
	                 * deletes it; after the last, it is added */
	CHANGE_SENDER,  /* value: the address, without angle brackets                */
	CHANGE_RCPT_ADD,
	CHANGE_RCPT_DELETE,
	CHANGE_BODY, /* value: the new body, which replaces earlier ones; its line ends
	              * become CRLF */
};

struct policy_change {
	struct list link;
	enum policy_change_kind kind;
	uint32_t index;
	bool came; /* CHANGE_FIELD: index counts only fields that arrived with the message  */
	bool spaced; /* value includes the space after the colon: none is added */
	struct str name, value;
};

struct policy_changes {
	struct list items; /* struct policy_change, in the order of the requests */
	size_t count;
	size_t bytes; /* of all names and values                                          */
};

void policy_changes_init(struct policy_changes *c);
/* Copies into a. ERR_LIMIT beyond LIMIT_policy_changes or LIMIT_policy_change_bytes.
 * ERR_SYNTAX: an invalid field name or address, lone line ends in the value, or a NUL in
 * the body. */
enum err policy_changes_add(struct policy_changes *c, struct arena *a,
                            const struct policy_change *change, struct why *why) MUST_USE;
/* Append all of more, or none: ERR_LIMIT. They were added by policy_changes_add with an
 * arena that lives as long, and are moved. */
enum err policy_changes_join(struct policy_changes *c, struct policy_changes *more,
                             struct why *why) MUST_USE;
/* Does any of them change header or body? */
bool policy_changes_rewrite(const struct policy_changes *c);

/* Apply those of sender and recipients. New recipients and addresses live in a. */
void policy_changes_envelope(const struct policy_changes *c, struct arena *a,
                             struct envelope *envelope);

#endif
