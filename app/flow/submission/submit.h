/* flow/submission/submit.h: mail that a program submits without SMTP, by the API: the same
 * questions are asked of it, in the same order, as of what comes to the submission port, and it
 * goes the same way.
 *
 *	may it send as this? -> checks of policy/ -> each recipient -> checks -> delivery/ */
#ifndef SUBMISSION_SUBMIT_H
#define SUBMISSION_SUBMIT_H
#include "flow/delivery/delivery.h"
#include "network/runtime/addr.h"

struct policy;
struct sent_new;
struct settings;
struct store;

/* A reply, as in SMTP. */
struct submit_answer {
	unsigned code;       /* 0: accepted              */
	struct str enhanced; /* "5.1.1"                  */
	struct str text;     /* perhaps some lines, parted by LF */
};

struct submit_rcpt {
	struct envelope_rcpt rcpt;
	struct submit_answer answer; /* set by submit_run */
};

struct submit {
	const struct delivery *delivery;
	struct policy *policy; /* NULL: nothing is checked beyond the RFCs */
	const struct settings *settings;
	struct addr peer; /* who calls                                    */
	struct str tls;   /* "TLSv1.2 ...", or any text; empty: without   */
	struct str login; /* address of the submitter                      */
	/* Sender, submitter, flags, not_before_ms, priority and session.id are given; submit_run
	 * adds the recipients that are accepted. */
	struct envelope envelope;
	struct submit_rcpt *rcpts; /* 1 or more */
	size_t rcpt_count;
	bool all;           /* refuse the message if any recipient is refused */
	struct str service; /* in logs, traces and Received; empty: "api" */
	struct str body; /* the message, CRLF, with a header        */
	/* Called when it is known who is taken, before the message is: what is kept of it. */
	const struct sent_new *(*sent)(struct submit *s, void *arg);
	void *arg;
};

/* Submit it. Blocks until it is durable, and while checks wait for others. Not inside a
 * transaction. Strings of answers live in a.
 * OK            it is accepted for the recipients whose answer has code 0
 * ERR_DENIED    it is refused, *answer says why: 4yz when it may be tried again
 * ERR_CONFLICT  the key of sent was used before: nothing has happened */
enum err submit_run(struct submit *s, struct arena *a, struct submit_answer *answer) MUST_USE;

#endif
