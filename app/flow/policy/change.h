/* flow/policy/change.h: what checks want changed of a message: a list, applied once before it is
 * delivered (view.h does header and body).
 *
 * The kinds and their indices are those of milters: of the fields with a name, the first has
 * index 1; an inserted field goes before the field that has this place in the whole header,
 * counted from 0. */
#ifndef POLICY_CHANGE_H
#define POLICY_CHANGE_H
#include "flow/delivery/delivery.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/list.h"

enum policy_change_kind {
	CHANGE_ADD,     /* name: value at the end of the header                       */
	CHANGE_INSERT,  /* name: value before the field at place index                */
	CHANGE_FIELD,   /* the index-th field of this name gets this value; an empty
	                   one deletes it; beyond the last, it is added                */
	CHANGE_SENDER,  /* value: the address, without angle brackets                */
	CHANGE_RCPT_ADD,
	CHANGE_RCPT_DELETE,
	CHANGE_BODY, /* value: the new body, instead of that of an earlier change; its line
	                ends become CRLF                                             */
};

struct policy_change {
	struct list link;
	enum policy_change_kind kind;
	uint32_t index;
	bool came; /* CHANGE_FIELD: index counts those that came with the message alone     */
	bool spaced; /* value is all that stands behind the colon: no space is put there */
	struct str name, value;
};

struct policy_changes {
	struct list items; /* struct policy_change, in the order in which they were asked for */
	size_t count;
	size_t bytes; /* of all names and values                                          */
};

void policy_changes_init(struct policy_changes *c);
/* Copied into a. ERR_LIMIT beyond LIMIT_policy_changes or LIMIT_policy_change_bytes;
 * ERR_SYNTAX: the name is none of a field, the value has lone line ends, the address is none, the
 * body has a NUL. Costs what it copies. */
enum err policy_changes_add(struct policy_changes *c, struct arena *a,
                            const struct policy_change *change, struct why *why) MUST_USE;
/* All of more behind those there are, or none: ERR_LIMIT. They were made by policy_changes_add with
 * an arena that lasts as long, and are moved. */
enum err policy_changes_join(struct policy_changes *c, struct policy_changes *more,
                             struct why *why) MUST_USE;
/* Does any of them concern header or body? */
bool policy_changes_rewrite(const struct policy_changes *c);

/* The envelope with the changes; all in a. */
struct policy_envelope {
	struct mailaddr from;
	struct delivery_rcpt *rcpts; /* with what each asked for: notices (RFC 3461) */
	size_t rcpt_count;
};
void policy_changes_envelope(const struct policy_changes *c, struct arena *a,
                             struct policy_envelope *envelope);

#endif
