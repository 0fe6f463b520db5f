/* flow/delivery/report.h: what a sender is told at once of a message that was accepted:
 * mailboxes that had no room, recipients that led to nobody (RFC 5321 6.1), and, where he asked
 * for it, that it was delivered or went to all behind an alias or list. One report for all,
 * delivered with the message in one transaction. So is one for each owner of a list, of its
 * members here who do not get it (RFC 5321 3.9.2). */
#ifndef DELIVERY_REPORT_H
#define DELIVERY_REPORT_H
#include "flow/delivery/plan.h"

/* Reports to owners; owners of more lists than this, of one message, find it in the trace only. */
enum { REPORT_OWNERS_MAX = 100 };

/* All zero: there is nothing to report. */
struct report {
	struct report *next; /* to another; or NULL */
	bool made;
	size_t refused; /* how many places were known not to take it when it was made */
	struct delivery_message m;
	struct delivery_rcpt to;
	struct buf raw;
	struct plan plan; /* where the report itself goes */
};

/* Report what is known of about, by NOTIFY of each recipient (RFC 3461 5.2.3, 5.2.6, 5.2.7).
 * Nothing is made, and OK returned, when there is nothing that he wants to hear, the sender is
 * null or cannot be reached from here: nobody is left to be told. *r must be all zero, or given
 * to report_deinit before. */
enum err report_make(struct report *r, const struct plan *about, struct why *why) MUST_USE;
/* Does it know every place of about that does not take it? */
bool report_covers(const struct report *r, const struct plan *about);
enum err report_put(struct report *r, struct txn *t) MUST_USE;
/* As plan_again, of where the reports go. */
enum err report_again(struct report *r, struct why *why) MUST_USE;
/* Again is a no-op. */
void report_deinit(struct report *r);

#endif
