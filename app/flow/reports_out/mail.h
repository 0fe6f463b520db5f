/* flow/reports_out/mail.h: a report that is made, on its way to those who are to get it: into
 * the queue, and what became of it written down, in one transaction. For this folder only. */
#ifndef REPORTS_OUT_MAIL_H
#define REPORTS_OUT_MAIL_H
#include "flow/reports_out/ask.h"
#include "flow/reports_out/letter.h"
#include "flow/reports_out/post.h"

struct out_mail {
	const struct out_post *post;
	struct arena *a;
	struct out_letter letter; /* without to, id and date                       */
	bool tls_optional;        /* it goes however TLS fails (RFC 8460 3)        */
	bool notices;             /* say so when it is too large for all           */
	struct out_asked_list asked;
	struct out_due due;       /* begin_s, end_s, kind, domain, id, messages and
	                           * attempts are there; the rest is filled in      */
	int64_t give_up_s;        /* when it is not tried any more                 */
	/* In the transaction, after the rest: forget what it was made of. NULL: nothing.
	 * ERR_MISSING: somebody else has sent it, and this one is undone. */
	enum err (*done)(struct txn *t, void *arg);
	void *arg;
	void *made[OUT_TO_MAX]; /* private */
};

/* OK also when nobody gets it, or it waits: due says so. Errors are the store's. */
enum err out_mail_send(struct out_mail *m, struct why *why) MUST_USE;

#endif
