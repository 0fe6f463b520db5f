/* protocols/jmap/types/email_body.h: the body of a message as JMAP's parts and values (RFC 8621
 * 4.1.4). Pure, except that bytes of the message are read when they are first needed.
 *
 * A part's id is its index in the structure (formats/message/structure.h), and so is the part in
 * the id of its blob. */
#ifndef JMAP_EMAIL_BODY_H
#define JMAP_EMAIL_BODY_H
#include "formats/message/body_lists.h"
#include "formats/message/structure.h"
#include "model/store/blob.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/header_property.h"

/* A message, stored or in memory. */
struct email_message {
	struct arena *arena;
	struct structure structure;
	struct jmap_blob blob; /* its id */
	uint32_t size_bytes, header_bytes;
	struct str raw;    /* p NULL: not yet read */
	struct str header; /* likewise */
	/* Where it is read from, unless raw is there: */
	struct txn *t;
	struct blob_id stored;
};
/* The header, or all of the message. They live in the arena. Errors of blob_get. */
enum err email_message_header(struct email_message *m, struct str *out) MUST_USE;
enum err email_message_raw(struct email_message *m, struct str *out) MUST_USE;

/* The properties and values that a call requests: the arguments of Email/get and Email/parse
 * (RFC 8621 4.2). */
struct body_wanted {
	unsigned properties; /* BIT of each row of the table in email_body.c */
	struct str *header_names;
	struct header_property *headers;
	size_t header_count;
	bool text_values, html_values, all_values;
	uint64_t value_bytes_max; /* 0: no maximum */
};
extern const struct jmap_argument body_arguments[];
enum { BODY_ARGUMENTS = 5 };
/* OK, or what jmap_refuse returned. */
enum err body_wanted_read(struct jmap_call *c, struct arena *a, struct body_wanted *out) MUST_USE;

/* Each writes the next value of w. */
enum err body_structure_put(struct json_writer *w, struct email_message *m,
                            const struct body_wanted *wanted) MUST_USE;
enum err body_list_put(struct json_writer *w, struct email_message *m,
                       const struct body_wanted *wanted, const struct body_list *list) MUST_USE;
enum err body_values_put(struct json_writer *w, struct email_message *m,
                         const struct body_wanted *wanted,
                         const struct body_lists *lists) MUST_USE;

#endif
