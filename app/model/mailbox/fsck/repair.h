/* model/mailbox/fsck/repair.h: putting right what can be put right when rows were damaged, while
 * the mail is in use.
 *
 *	counters   of a mailbox do not say what its rows sum up to: they are counted anew
 *	a row      cannot be read, but its email knows that it is there: made anew, without flags
 *	an email   says that it is in a row which is not there, for that was expunged when it
 *	           could not be read: comes back behind the others
 *	sums       of the account's state: likewise counted
 *
 * Nothing is removed, so nothing can be lost by it. Records and blobs that are damaged stay as they
 * are; fsck tells of them.
 *
 * Looking is a read transaction as long as fsck's; what it finds is put right by a write
 * transaction for each mailbox, which looks at it again and costs its rows. */
#ifndef MAILBOX_REPAIR_H
#define MAILBOX_REPAIR_H
#include "model/mailbox/mail.h"

struct arena;

struct repair_email { /* one that is not in the row in which it says it is */
	uint64_t email;
	uint32_t uid;
	struct repair_email *next;
};

struct repair_box {
	uint32_t mailbox;
	bool counters; /* of it are wrong */
	struct repair_email *emails;
};

struct repair_list {
	struct repair_box *boxes; /* of all mailboxes, with or without something to do */
	size_t n;
	bool sums; /* of the state are wrong */
};

/* The least account from first on that has mail; *found false: there is none. */
enum err repair_account_next(struct txn *t, uint32_t first, uint32_t *account,
                             bool *found) MUST_USE;

/* What is wrong in m->account. ERR_CORRUPT: its state or the record of a mailbox cannot be read. */
enum err repair_look(const struct mail_txn *m, struct arena *a, struct repair_list *out) MUST_USE;

struct repaired {
	bool counters;  /* were wrong                 */
	uint32_t rows;  /* made anew                  */
	uint32_t came;  /* emails that have come back */
};

/* Write. Put a mailbox right, and count its rows. OK and nothing done when it is right, or gone. */
enum err repair_box(const struct mail_txn *m, const struct repair_box *what,
                    struct repaired *done) MUST_USE;
/* Write. Count the account's emails, and put its sums right if they are wrong. */
enum err repair_sums(const struct mail_txn *m, bool *changed) MUST_USE;

#endif
