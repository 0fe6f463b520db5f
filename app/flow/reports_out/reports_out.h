/* flow/reports_out/reports_out.h: reports to other domains about mail that came in their name.
 *
 * Chapter. What was found of each message is counted (flow/policy/authentication/seen.c, seen.h) by
 * the domain whose DMARC record counted, by day (UTC). When a day is over, what was counted becomes
 * a report (RFC 7489 7.2) to whom its record names, and is forgotten in the transaction that puts
 * the report into the queue: so none is lost or sent twice, whenever the server stops.
 *
 *	gather.h   messages that agree, before they are written
 *	seen.h     counting
 *	row.h      the rows of that: space dmarc_seen
 *	dmarc.h    rows become a file
 *	letter.h   the message around it
 *	from.h     whose name stands on it
 *	ask.h      who is to get it
 *	post.h     one report, from rows to the queue
 *	notice.h   that it was too large for all of them
 *	mail.h     its last step: queue and books in one transaction
 *	tls.h          TLS reports, of what model/remote/evidence.h has
 *	web.h      to whom wants it by HTTPS
 *	suppress.h who gets none for a while: space report_suppressed
 *	failure.h  one message that failed, and what may be told of it (RFC 7489 7.3)
 *	hide.h     names of people in that
 *	failing.h  takes such messages
 *	failed.h   keeps them until they were told of: space report_failed
 *	failure_text.h, failure_post.h  the report about one, and its way to the queue
 *	due.h      what became of it: space report_due
 *	reports_out.c          when; the thread that does all of this
 *
 * A report is sent at a time of the first hour of the day that is another one each day, so that not
 * all servers of the world write to a domain at midnight. */
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

/* A message that is ready to be sent, from the null sender: nobody answers it, and what comes back
 * goes nowhere (RFC 3834 3.3). */
struct report_out_mail {
	struct str raw; /* CRLF, header and body; ASCII */
	struct mailaddr to;
	bool tls_optional; /* no policy of TLS keeps it (RFC 8460 3) */
};

/* How mail is sent, by who is above: begin prepares it outside of transactions, and hands on
 * whatever it likes in *made; put does it, in t, as a txn_fn; end frees *made, always after begin
 * was OK. ERR_MISSING, ERR_DENIED: nobody takes it. */
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

/* Counts from now on; report_out_start begins to send. */
struct report_out *report_out_new(const struct report_out_config *config) MUST_USE;
enum err report_out_start(struct report_out *o, struct why *why) MUST_USE;
/* Back soon: a report that is not in the queue yet is made anew by the next start. Writes what has
 * gathered. NULL is a no-op; clears *o. */
void report_out_stop(struct report_out **o);

/* Count a message; see out_seen_add. Nothing by ROOST_REPORTS_DMARC, or when the record names
 * nobody. NULL is a no-op. */
void report_out_seen(struct report_out *o, struct str domain, struct str record,
                     const struct report_dmarc_row *row);

/* Of which kinds would failure reports about it go out, BIT of enum out_failure_kind each? None by
 * ROOST_REPORTS_FAILURE, or when the record does not ask for them. Looks at what failed, not at the
 * message. NULL is a no-op. */
unsigned report_out_failure_kinds(struct report_out *o, const struct report_failure *f);
/* Take the message, for those. Copies what may be told; never waits. */
void report_out_failure(struct report_out *o, const struct report_failure *f);
/* ERR_SYNTAX: ROOST_REPORTS_FAILURE has another word than off and headers. */
enum err report_out_failure_check(struct str setting, struct why *why) MUST_USE;

/* Send all there is now, also of the present day, of which counting goes on from there. Never
 * waits. */
void report_out_send(struct report_out *o);

/* What is counted of a domain at present. */
struct report_out_pending {
	int64_t begin_s;
	struct str domain;
	uint64_t messages;
};
/* Call fn for each until it says false, at most LIMIT_report_domains of them. */
enum err report_out_pending_each(struct txn *t,
                                 bool (*fn)(const struct report_out_pending *p, void *arg),
                                 void *arg) MUST_USE;

#endif
