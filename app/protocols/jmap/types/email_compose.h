/* protocols/jmap/types/email_compose.h: the message of an Email object that Email/set creates
 * (RFC 8621 4.6). Pure: JSON and the bytes of blobs in, a message out.
 *
 *	compose_fields.c   header fields from properties, of the email and of its parts
 *	compose_parts.c    the tree of parts: bodyStructure; or textBody, htmlBody, attachments
 *	compose_write.c    the parts as bytes
 *	email_compose.c    both together */
#ifndef JMAP_EMAIL_COMPOSE_H
#define JMAP_EMAIL_COMPOSE_H
#include "foundation/base/err.h"
#include "foundation/text/json.h"

enum { COMPOSE_PARTS_MAX = 1000, COMPOSE_FIELDS_MAX = 500, COMPOSE_ADDRESSES_MAX = 10000 };

/* A blob that parts refer to; the caller has read it. bytes.p NULL: it does not exist. */
struct compose_blob {
	struct str id;
	struct str bytes;
};

/* Why the object cannot become a message: "invalidProperties" of that property. */
struct compose_refusal {
	struct str property;
	struct why why;
};

struct composing {
	struct json email; /* the object; "#" ids are resolved in it */
	const struct compose_blob *blobs;
	size_t blob_count;
	struct str domain; /* of a generated Message-ID */
	int64_t now_ms;
	struct arena *arena; /* for working memory: linear in the object */
	struct compose_refusal refusal;
};

/* The ids of all blobs that the parts refer to, each as often as it is named; in the arena of the
 * object. ERR_SYNTAX: the parts are not valid, refusal tells why. */
enum err compose_blob_ids(struct composing *c, struct str **ids, size_t *n) MUST_USE;

/* Append the message. ERR_SYNTAX: refusal tells why. buf_ok tells whether it had room. Linear. */
enum err email_compose(struct composing *c, struct buf *out) MUST_USE;

#endif
