/* delivery/report.h: the report to a sender whose message some full mailboxes could not
 * take, delivered with the rest of the message in one transaction. */
#ifndef DELIVERY_REPORT_H
#define DELIVERY_REPORT_H
#include "delivery/plan.h"

/* All zero: there is nothing to report. */
struct report {
	bool made;
	size_t full; /* how many mailboxes it speaks of */
	struct delivery_message m;
	struct buf raw;
	struct plan plan; /* where the report itself goes */
};

/* Report the mailboxes of about that are marked full. Nothing is made, and OK returned, when
 * the sender is null or cannot be reached from here: nobody is left to be told. *r must be
 * all zero, or given to report_deinit before. */
enum err report_make(struct report *r, const struct plan *about, struct why *why) MUST_USE;
/* Does it speak of every mailbox of about that is marked full? */
bool report_covers(const struct report *r, const struct plan *about);
enum err report_put(struct report *r, struct txn *t) MUST_USE;
/* Again is a no-op. */
void report_deinit(struct report *r);

#endif
