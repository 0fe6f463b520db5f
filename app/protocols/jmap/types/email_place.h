/* protocols/jmap/types/email_place.h: "mailboxIds", "keywords" and "receivedAt" of an email that is
 * created, imported, copied or changed (RFC 8621 4.6 to 4.8). */
#ifndef JMAP_EMAIL_PLACE_H
#define JMAP_EMAIL_PLACE_H
#include "model/mailbox/email_edit.h"
#include "protocols/jmap/request/type.h"

/* Where a new email goes; mailboxes live in the arena of the set. */
struct email_place {
	uint32_t *mailboxes;
	size_t mailbox_count;
	struct flags flags;
	int64_t internal_ms; /* of receivedAt, or the default */
};
/* Write, for keywords that are new. Checks that the mailboxes exist and that the caller may insert
 * into them, so that email_create does not fail after it has written. A SetError or an error of the
 * store. */
enum err email_place_take(struct jmap_set *s, struct json object, int64_t received_ms,
                          struct email_place *out) MUST_USE;
/* Write, for keywords that are new: add them to the flags. */
enum err email_place_keywords(struct jmap_set *s, const struct str *names, size_t n,
                              struct email_place *out) MUST_USE;
/* Create it there and write "blobId", "threadId" and "size". */
enum err email_place_put(struct jmap_set *s, const struct email_place *place,
                         const struct email_new *email, struct str *id) MUST_USE;

/* Write, for keywords that are new. Reads the changes of the patch; arrays live in the arena of the
 * set. */
enum err email_edit_take(struct jmap_set *s, const struct jmap_patch *patch,
                         struct email_edit *out) MUST_USE;
/* The SetError of an edit that failed. */
enum err email_edit_refuse(struct jmap_set *s, const struct email_edit *edit) MUST_USE;

#endif
