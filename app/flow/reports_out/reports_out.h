/* flow/reports_out/reports_out.h: outgoing reports to other domains about mail in their
 * name.
 *
 * Chapter. The results of each message are counted (flow/policy/authentication/seen.c,
 * seen.h) by the domain of the DMARC record and by day (UTC). After the day the counts
 * become a report (RFC 7489 7.2) to the recipients in the record. They are removed in the
 * transaction that queues the report, so no report is lost or sent twice.
 *
 *	gather.h   sums equal messages in memory
 *	seen.h     counting
 *	row.h      the rows of the counts: space dmarc_seen
 *	dmarc.h    makes a file from rows
 *	letter.h   the message around it
 *	from.c     its author
 *	ask.h      its recipients
 *	post.c     one report, from rows to the queue
 *	notice.c   that it was too large for all of them
 *	mail.c     its last step: queue and state in one transaction
 *	tls.c      TLS reports, from model/remote/evidence.h
 *	web.c      reports by HTTPS
 *	suppress.h addresses that get none for some time: space report_suppressed
 *	failure.h  one failed message, reduced for a report (RFC 7489 7.3)
 *	hide.h     replaces names of people in it
 *	failing.c  gathers such messages
 *	failed.h   stores them until they are reported: space report_failed
 *	failure_text.c, failure_post.c  the failure report, and its way to the queue
 *	due.h      the state of reports: space report_due
 *	reports_out.c          the schedule and its thread
 *
 * A report is sent in the first hour of the day, at a time that differs each day, so that
 * not all servers of the world send to a domain at midnight. */
#ifndef REPORTS_OUT_H
#define REPORTS_OUT_H
#include "flow/reports_out/due.h"
#include "flow/reports_out/failure.h"
#include "formats/message/mailaddr.h"

struct dns;
struct live;
struct report_dmarc_row;
struct report_out;
struct store;

/* A message ready to be sent, from the null sender: it gets no replies and no bounces
 * (RFC 3834 3.3). */
struct report_out_mail {
	struct str raw; /* CRLF, header and body; ASCII */
	struct mailaddr to;
	bool tls_optional; /* TLS policies do not apply (RFC 8460 3) */
};

/* How mail is sent; set by a higher folder. begin prepares it outside of transactions and
 * sets *made; put queues it in t, as a txn_fn; end frees *made, always if begin was OK.
 * ERR_MISSING, ERR_DENIED: the recipient is not accepted. */
struct report_out_host {
	enum err (*begin)(const struct report_out_mail *m, void **made, void *arg, struct why *why);
	enum err (*put)(struct txn *t, void *made);
	void (*end)(void *made, bool committed);
	void *arg;
};

/* Borrowed, and outlives it. */
struct report_out_config {
	struct store *store;
	struct dns *dns;
	struct live *live;
	struct str agent; /* "Roost/1.0" */
	struct report_out_host host;
};

/* Counts from now on; report_out_start begins sending. */
struct report_out *report_out_new(const struct report_out_config *config) MUST_USE;
enum err report_out_start(struct report_out *o, struct why *why) MUST_USE;
/* Returns soon: a report not yet queued is made again after the next start. Writes the
 * gathered counts. NULL is a no-op; clears *o. */
void report_out_stop(struct report_out **o);

/* Count a message; see out_seen_add. Ignored if ROOST_REPORTS_DMARC is off or the record
 * has no recipient. NULL is a no-op. */
void report_out_seen(struct report_out *o, struct str domain, struct str record,
                     const struct report_dmarc_row *row);

/* The kinds of failure reports to send for it, BIT of enum out_failure_kind. None if
 * ROOST_REPORTS_FAILURE is off or the record does not request them. Uses the results, not
 * the message. NULL is a no-op. */
unsigned report_out_failure_kinds(struct report_out *o, const struct report_failure *f);
/* Add the message for these kinds. Copies the parts that may be reported; never waits. */
void report_out_failure(struct report_out *o, const struct report_failure *f);
/* ERR_SYNTAX: ROOST_REPORTS_FAILURE is neither off nor headers. */
enum err report_out_failure_check(struct str setting, struct why *why) MUST_USE;

/* Send all pending reports, also of the current day, whose counting continues. Never
 * waits. */
void report_out_send(struct report_out *o);

/* Current counts of a domain. */
struct report_out_pending {
	int64_t begin_s;
	struct str domain;
	uint64_t messages;
};
/* Call fn for each until it returns false, at most LIMIT_report_domains times. */
enum err report_out_pending_each(struct txn *t,
                                 bool (*fn)(const struct report_out_pending *p, void *arg),
                                 void *arg) MUST_USE;

#endif
