/* flow/reports_out/reports_out_private.h: what the files of this folder share, by file. */
#ifndef REPORTS_OUT_PRIVATE_H
#define REPORTS_OUT_PRIVATE_H
#include "flow/reports_out/ask.h"
#include "flow/reports_out/dmarc.h"
#include "flow/reports_out/failure.h"
#include "flow/reports_out/letter.h"
#include "flow/reports_out/reports_out.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "model/remote/evidence.h"

#include <stdatomic.h>

struct arena;
struct live;
struct out_failing;
struct store;

/* --- post.c --------------------------------------------------------------------------------- */

/* Makes and queues one report from the counts. */

struct out_post {
	const struct report_out_config *config;
	const atomic_bool *stop;
	bool now; /* ignore the time of the next attempt */
};

/* Make and send the report of a domain's day, or defer it. today: the day has not ended.
 * OK also if no recipient wants it: then its counts are removed. Errors are the
 * store's. */
enum err out_post_dmarc(const struct out_post *p, const struct out_dmarc_at *at, bool today,
                        struct why *why) MUST_USE;

/* --- mail.c --------------------------------------------------------------------------------- */

/* Queues a finished report for its recipients, and records the result in the same transaction. */

struct out_mail {
	const struct out_post *post;
	struct arena *a;
	struct out_letter letter; /* without to, id and date                             */
	bool tls_optional;        /* it is sent even if TLS fails (RFC 8460 3)           */
	bool notices;             /* send a notice if it is too large for all recipients */
	struct out_asked_list asked;
	struct out_due due;       /* begin_s, end_s, kind, domain, id, messages and
	                           * attempts are set; out_mail_send sets the rest */
	int64_t give_up_s;        /* time of the last attempt                      */
	/* Called in the transaction, after the rest, to subtract the reported counts.
	 * NULL: nothing to do. ERR_MISSING: another report has subtracted them, and this
	 * one is undone. */
	enum err (*done)(struct txn *t, void *arg);
	void *arg;
	void *made[OUT_TO_MAX]; /* private */
};

/* OK also if it has no recipient or is deferred: due has the state. Errors are the
 * store's. */
enum err out_mail_send(struct out_mail *m, struct why *why) MUST_USE;

/* --- failing.c ------------------------------------------------------------------------------ */

/* Gathers failed messages for failure reports. They gather in memory (gather.h), and are
 * written together every few seconds (failed.h); a kill loses those seconds. Thread-safe. */

/* Names are hidden by its own key, so they change at the next start. */
struct out_failing *out_failing_new(void) MUST_USE;
/* Unwritten messages are lost. NULL is a no-op; clears *f. */
void out_failing_free(struct out_failing **f);

/* Add one message; ignored if there is no room. Copies; never waits. */
void out_failing_add(struct out_failing *f, const struct report_failure *of,
                     enum out_failure_kind kind, int64_t now_ms);

/* Write the gathered messages; they are lost if that fails. *fresh becomes true if a
 * report is pending, and is unchanged otherwise. */
enum err out_failing_flush(struct out_failing *f, struct store *store, bool *fresh,
                           struct why *why) MUST_USE;

/* --- failure_post.c ------------------------------------------------------------------------- */

/* Queues failure reports from the stored messages. */

/* Send or defer pending reports, some at a time: *more if others are left. Errors are the
 * store's. */
enum err out_failure_post(const struct out_post *p, bool *more, struct why *why) MUST_USE;

/* --- failure_text.c ------------------------------------------------------------------------- */

/* A failure report as text (RFC 5965 3, RFC 6591 3, RFC 7489 7.3.1). Pure. */

struct out_failure_about {
	struct str host;     /* of this server                        */
	struct str agent;    /* "Roost/1.0"                           */
	struct str spf;      /* the record of f->spf_domain, or empty */
	uint64_t incidents;  /* how many messages it stands for       */
	const struct out_failure *failure;
};

/* Append text for people, lines of ASCII; at most OUT_FAILURE_WORDS bytes. */
enum { OUT_FAILURE_WORDS = 4096 };
void out_failure_words_put(struct buf *out, const struct out_failure_about *about);

/* Append the fields of message/feedback-report; at most OUT_FAILURE_FIELDS bytes. A value
 * cannot add another field. */
enum { OUT_FAILURE_FIELDS = 32768 };
void out_failure_fields_put(struct buf *out, const struct out_failure_about *about,
                            struct arena *a);

/* The Subject of the report, in a (RFC 5965 2 f). */
struct str out_failure_subject(const struct out_failure *f, struct arena *a);

/* --- failure_wanted.c ----------------------------------------------------------------------- */

/* Is a failure report requested for a message? */

/* The kinds for report_out_failure_kinds: by the setting and the record. */
unsigned out_failure_wanted(struct live *live, const struct report_failure *f);

/* --- from.c --------------------------------------------------------------------------------- */

/* The author of reports. They must pass DMARC themselves (RFC 7489 7.2.1.1), so the author's
 * domain is a local one with keys: the host's own or one above it, else the first that has any. */

/* Postmaster at that domain; strings live in a. */
enum err out_from_find(struct store *store, struct str hostname, struct arena *a,
                       struct mailaddr *out) MUST_USE;

/* --- notice.c ------------------------------------------------------------------------------- */

/* The notice that a report was too large for all of its recipients (RFC 7489 7.2.2). Pure. */

struct out_notice {
	struct str domain; /* that the report is about         */
	struct str id;     /* of the report, with its brackets */
	uint64_t bytes;    /* of the message that was not sent */
	struct mailaddr to;
	int64_t when_ms;
	struct out_letter_part part; /* private */
};

/* Make the notice from the report's message. Strings live in a; n must live as long. */
void out_notice_letter(struct out_notice *n, const struct out_letter *report, struct arena *a,
                       struct out_letter *out);

/* --- tls.c ---------------------------------------------------------------------------------- */

/* TLS reports (RFC 8460): the results of TLS with a domain's servers on a day, sent to the
 * recipients in _smtp._tls. */

/* Send the pending reports of a day. end_s: end of the period if the day has not ended;
 * 0: it has. *waits: some are deferred. Errors are the store's. */
enum err out_tls_post(const struct out_post *p, uint32_t day, int64_t end_s, bool *waits,
                      struct why *why) MUST_USE;

/* --- tls_file.c ----------------------------------------------------------------------------- */

/* The JSON of a TLS report (RFC 8460 4.4). */

/* Head of a report. */
struct out_tls_about {
	struct str organization, contact, id;
	int64_t begin_s, end_s;
};

/* Append the report (RFC 8460 4.4). buf_ok is false if it did not fit. */
void out_tls_put(struct buf *out, const struct out_tls_about *about, const struct tls_day *day);

/* --- web.c ---------------------------------------------------------------------------------- */

/* Sends reports by HTTPS (RFC 8460 5.4). */

/* Post the file to each URL of m->asked and record the result. *posted: one has accepted
 * it; *failed: one has failed and may be retried. Verified TLS, no redirects, and never
 * to a private address, whatever a domain's record names. Blocks. */
void out_web_post(struct out_mail *m, bool *posted, bool *failed);

#endif
