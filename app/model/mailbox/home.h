/* model/mailbox/home.h: from an email to its row; the other direction is email_rows (email.h). */
#ifndef MAILBOX_HOME_H
#define MAILBOX_HOME_H
#include "model/mailbox/mail.h"

/* An email is in one mailbox: a copy is another email. */
struct email_home {
	uint32_t mailbox;
	uint32_t uid;
};

/* ERR_MISSING: it has no row any more. */
enum err email_home(const struct mail_txn *m, uint64_t email, struct email_home *out) MUST_USE;

/* The account's emails with ids above after that are in a mailbox, in the order of ids, which is
 * the order of arrival. Call end exactly once. */
struct emails {
	struct kv_iter it;
};
void emails_init(struct emails *s, const struct mail_txn *m, uint64_t after);
bool emails_next(struct emails *s, uint64_t *email, struct email_home *home);
enum err emails_end(struct emails *s) MUST_USE;

/* The lowest number above after that has mail: an account or a group. 0: none. */
enum err mail_next(struct txn *t, uint32_t after, uint32_t *account) MUST_USE;

/* An id above all assigned ids of emails. */
enum err emails_limit(const struct mail_txn *m, uint64_t *id) MUST_USE;

#endif
