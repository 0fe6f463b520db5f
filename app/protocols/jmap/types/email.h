/* protocols/jmap/types/email.h: the files of the type Email (RFC 8621 4).
 *
 *	email.c          its tables, state and changes
 *	email_get.c      properties of stored emails
 *	email_parse.c    Email/parse
 *	email_set.h      Email/set, Email/import
 *	email_body.c body_lists.c body_values.c    body parts
 *	header_value.c   header fields */
#ifndef JMAP_EMAIL_H
#define JMAP_EMAIL_H
#include "model/mailbox/keywords.h"
#include "model/mailbox/placement.h"
#include "protocols/jmap/types/email_body.h"

extern const struct jmap_type jmap_type_email;
/* The first properties of the table, id to receivedAt, are of rows: a message alone has none. */
enum { EMAIL_ROW_PROPERTIES = 7 };

/* The state of a call (struct jmap_get) of Email/get or Email/parse. */
struct email_reading {
	struct body_wanted body;
	struct email_viewer *viewer; /* Email/get */
	struct keywords keywords;
};

/* An email whose properties are written. Its parts are read when a property needs them. */
struct email_object {
	bool parsed; /* Email/parse: it has no metadata */
	struct str id;
	struct email_view view;
	struct email record;
	bool has_record, has_lists;
	struct envelope envelope;
	struct email_message message;
	struct body_lists lists;
	struct str preview;
};

/* email_get.c; for the table. */
enum err email_get_begin(struct jmap_get *g) MUST_USE;
enum err email_load(struct jmap_get *g, struct str id, const void **object) MUST_USE;
enum err email_header_put(struct jmap_get *g, struct str name, const void *object) MUST_USE;
typedef enum err email_put_fn(struct jmap_get *g, const char *name, const void *object);
email_put_fn email_put_id, email_put_blob_id, email_put_thread_id, email_put_mailbox_ids,
	email_put_keywords, email_put_size, email_put_received_at, email_put_envelope,
	email_put_field, email_put_has_attachment, email_put_preview, email_put_headers,
	email_put_structure, email_put_values, email_put_list;

#endif
