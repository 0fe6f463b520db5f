/* model/queue/dsn/report_body.h: what the files of a report share; queue.h tells what a report
 * is. report.c does it, report_plan.c says what is to be done, report_letters.c makes the
 * messages that it sends, report_tell.c tells trace and log of it. */
#ifndef QUEUE_REPORT_BODY_H
#define QUEUE_REPORT_BODY_H
#include "foundation/base/arena.h"
#include "model/queue/dsn/bounce.h"
#include "model/queue/queue_body.h"
#include "model/queue/route.h"

struct txn;

/* A bounce or notice on its way. */
struct letter {
	bool failed; /* of one recipient at least it says so */
	struct bounce_rcpt *rcpts;
	size_t rcpt_count;
	struct buf raw;
	struct queue_bounce bounce;
	void *made; /* by the host */
	bool prepared;
	bool dropped; /* nobody takes it */
};

struct report {
	struct queue *q;
	const struct queue_item *item; /* with the recipients that this is about */
	const struct queue_result *results;
	/* If the entry goes on being tried (queue_report_part): as it is, and as it will be. */
	const struct queue_item *whole, *others; /* or NULL */
	const struct settings *settings; /* a reference */
	struct schedule schedule;
	struct routes routes; /* where recipients go who stay */
	struct arena arena;
	int64_t now_ms;
	uint32_t rounds;        /* in which nobody was there, in a row                 */
	bool keep_failed;       /* no bounce could be made: try them again instead     */
	bool bare;              /* nor is there room for what is told of it            */
	struct queue_item next; /* what stays; no recipients: nothing                  */
	struct letter failure; /* what has come to an end: failed, or relayed */
	struct letter delay;
	struct buf original;
};

/* Fill failure, delay and next. */
void report_plan(struct report *r);
/* What becomes of recipient i: delayed ones fail with age, those that fail are kept when no bounce
 * can be made. */
enum queue_outcome report_outcome(const struct report *r, size_t i);
/* In lines of our own. */
struct queue_reply report_reply(struct report *r, const struct queue_reply *reply);

/* Write and prepare those that have recipients; outside of transactions, for it may take long. */
enum err report_letters_make(struct report *r, struct why *why) MUST_USE;
/* Write. */
enum err report_letter_send(struct report *r, struct txn *t, struct letter *l) MUST_USE;
void report_letter_free(struct report *r, struct letter *l);

/* Write. */
enum err report_trace(struct report *r, struct txn *t) MUST_USE;
void report_log(struct report *r);

/* For the metrics: what came of recipient i. */
void tally_result(const struct report *r, size_t i);

/* In the transaction of the report: what is kept of those who leave. */
enum err report_past(struct report *r, struct txn *t) MUST_USE;
/* In the same: what programs hear of it that have sent the message, or that listen. */
enum err report_hear(struct report *r, struct txn *t) MUST_USE;

#endif
