/* protocols/jmap/types/email_set.h: Email/set (RFC 8621 4.6), and what Email/import and Email/copy
 * share with it.
 *
 * Messages are composed, or read from blobs, and prepared for the store before the transaction. In
 * it, an email is some small rows. All updates and removals of one call are one edit
 * (model/mailbox/email_edit.h). */
#ifndef JMAP_EMAIL_SET_H
#define JMAP_EMAIL_SET_H
#include "protocols/jmap/request/type.h"

/* Functions of struct jmap_type for Email. */
enum err email_set_prepare(struct jmap_set *s) MUST_USE;
enum err email_create_prepare(struct jmap_set *s, struct json object) MUST_USE;
enum err email_set_create(struct jmap_set *s, struct json object, struct str *id) MUST_USE;
enum err email_set_begin(struct jmap_set *s) MUST_USE;
enum err email_set_update(struct jmap_set *s, struct str id,
                          const struct jmap_patch *patch) MUST_USE;
enum err email_set_destroy(struct jmap_set *s, struct str id) MUST_USE;
enum err email_set_end(struct jmap_set *s) MUST_USE;
void email_set_done(struct jmap_set *s, bool committed);
/* Can an email be created with that property, which is not in the table? */
bool email_set_extra(struct str name);

#endif
