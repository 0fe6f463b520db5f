/* model/mailbox/fsck/repair.h: repair of damaged rows while the mail is in use.
 *
 *	counters   of a mailbox, or its dates and threads (row_index.h), differ from its rows: they
 *	           are computed again
 *	a row      is malformed, but its email refers to it: written again, without flags
 *	an email   refers to a row that does not exist, because that was expunged while
 *	           malformed: appended to the mailbox again
 *	sums       of the account's state: computed again
 *
 * Nothing is removed, so a repair cannot lose data. Damaged records and blobs stay unchanged; fsck
 * reports them.
 *
 * The search is a read transaction as long as fsck's. Each finding is repaired by a write
 * transaction for its mailbox, which checks again and costs the mailbox's rows. */
#ifndef MAILBOX_REPAIR_H
#define MAILBOX_REPAIR_H
#include "model/mailbox/mail.h"

struct arena;

struct repair_email { /* an email that is not in the row to which it refers */
	uint64_t email;
	uint32_t uid;
	struct repair_email *next;
};

struct repair_box {
	uint32_t mailbox;
	bool counters; /* its counters are wrong */
	struct repair_email *emails;
};

struct repair_list {
	struct repair_box *boxes; /* of all mailboxes, also intact ones */
	size_t n;
	bool sums; /* the sums of the state are wrong */
};

/* The lowest account from first on that has mail; *found false: none. */
enum err repair_account_next(struct txn *t, uint32_t first, uint32_t *account,
                             bool *found) MUST_USE;

/* Find errors in m->account. ERR_CORRUPT: its state or the record of a mailbox is malformed. */
enum err repair_look(const struct mail_txn *m, struct arena *a, struct repair_list *out) MUST_USE;

struct repaired {
	bool counters;  /* were wrong                 */
	uint32_t rows;  /* written again */
	uint32_t came;  /* emails that were appended again */
};

/* Write. Repair a mailbox, and count its rows. OK without effect when it is intact, or deleted. */
enum err repair_box(const struct mail_txn *m, const struct repair_box *what,
                    struct repaired *done) MUST_USE;
/* Write. Count the account's emails, and repair its sums if they are wrong. */
enum err repair_sums(const struct mail_txn *m, bool *changed) MUST_USE;

#endif
