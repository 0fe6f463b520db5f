/* flow/reports_out/mail.h: queues a finished report for its recipients, and records the
 * result in the same transaction. For this folder only. */
#ifndef REPORTS_OUT_MAIL_H
#define REPORTS_OUT_MAIL_H
#include "flow/reports_out/ask.h"
#include "flow/reports_out/letter.h"
#include "flow/reports_out/post.h"

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

#endif
