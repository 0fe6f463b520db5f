/* flow/delivery/report.h: reports to the sender of an accepted message: mailboxes without
 * room, recipients without targets (RFC 5321 6.1), and, if requested, that it was
 * delivered or expanded to an alias or list. One report for all, delivered with the
 * message in one transaction. Each owner of a list gets one about local members that do
 * not get it (RFC 5321 3.9.2). */
#ifndef DELIVERY_REPORT_H
#define DELIVERY_REPORT_H
#include "flow/delivery/plan.h"

/* Reports to owners; of further lists, failures are only in the trace. */
enum { REPORT_OWNERS_MAX = 100 };

/* All zero: there is nothing to report. */
struct report {
	struct report *next; /* the next report; or NULL */
	bool made;
	size_t refused; /* number of refused places when it was made */
	struct delivery_message m;
	struct envelope_rcpt to;
	struct buf raw;
	struct plan plan; /* delivery of the report itself */
};

/* Report the known results of about, by NOTIFY of each recipient (RFC 3461 5.2.3, 5.2.6,
 * 5.2.7). OK without a report if none is requested, or the sender is null or unreachable.
 * *r must be all zero, or after report_deinit. */
enum err report_make(struct report *r, const struct plan *about, struct why *why) MUST_USE;
/* Does it cover every refused place of about? */
bool report_covers(const struct report *r, const struct plan *about);
enum err report_put(struct report *r, struct txn *t) MUST_USE;
/* Like plan_again, for the targets of the reports. */
enum err report_again(struct report *r, struct why *why) MUST_USE;
/* Idempotent. */
void report_deinit(struct report *r);

#endif
