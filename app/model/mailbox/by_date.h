/* model/mailbox/by_date.h: the rows of a mailbox in the order of their internal dates.
 *
 *	DATED  account mailbox date UID     email, thread
 *
 * One row for each placement, so that a page of a list costs its own rows in a mailbox of any size.
 * Dates are order-preserving: times before 1970 come first. Damaged rows (email.h) are missing. */
#ifndef MAILBOX_BY_DATE_H
#define MAILBOX_BY_DATE_H
#include "model/mailbox/mail.h"

struct dated_row {
	int64_t internal_ms;
	uint32_t uid;
	uint64_t email;
	uint64_t thread;
};
/* A new walk is between the ends, as kv_iter is: next begins with the oldest, prev with the
 * newest. Call end exactly once. */
struct by_date {
	struct kv_iter it;
	enum err error;
};
void by_date_init(struct by_date *w, const struct mail_txn *m, uint32_t mailbox);
bool by_date_next(struct by_date *w, struct dated_row *out);
bool by_date_prev(struct by_date *w, struct dated_row *out);
enum err by_date_end(struct by_date *w) MUST_USE;

/* The value of a row: email and thread. False: malformed. For row_index.c. */
bool dated_unpack(struct str record, struct dated_row *out);

#endif
