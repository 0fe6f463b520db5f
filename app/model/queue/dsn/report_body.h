/* model/queue/dsn/report_body.h: shared by the files of a report; queue.h describes
 * reports. report.c runs one, report_plan.c plans it, report_letters.c makes its
 * messages, report_log.c writes trace and log. */
#ifndef QUEUE_REPORT_BODY_H
#define QUEUE_REPORT_BODY_H
#include "foundation/base/arena.h"
#include "model/queue/dsn/bounce.h"
#include "model/queue/queue_body.h"
#include "model/queue/route.h"

struct txn;

/* A bounce or notice being made. */
struct letter {
	bool failed; /* at least one recipient failed */
	struct bounce_rcpt *rcpts;
	size_t rcpt_count;
	struct buf raw;
	struct queue_bounce bounce;
	void *made; /* by the host */
	bool prepared;
	bool dropped; /* the recipient was refused */
};

struct report {
	struct queue *q;
	const struct queue_item *item; /* with the recipients of this report */
	const struct queue_result *results;
	/* If the entry continues to be tried (queue_report_part): its current and its
	 * future form. */
	const struct queue_item *whole, *others; /* or NULL */
	const struct settings *settings; /* a reference */
	struct schedule schedule;
	struct routes routes; /* for recipients that stay */
	struct arena arena;
	int64_t now_ms;
	uint32_t rounds;        /* rounds in a row without an answer                     */
	bool keep_failed;       /* no bounce can be made: retry these recipients instead */
	bool bare;              /* no room for trace and log either                      */
	struct queue_item next; /* the rest of the entry; no recipients: nothing         */
	struct letter failure; /* for final results: failed, or relayed */
	struct letter delay;
	struct buf original;
};

/* Set failure, delay and next. */
void report_plan(struct report *r);
/* The final outcome of recipient i: delayed ones fail by age, and failed ones are kept if
 * no bounce can be made. */
enum queue_outcome report_outcome(const struct report *r, size_t i);
/* With printable lines of our own. */
struct envelope_reply report_reply(struct report *r, const struct envelope_reply *reply);

/* Write and prepare the messages that have recipients; outside of transactions, since it
 * may take long. */
enum err report_letters_make(struct report *r, struct why *why) MUST_USE;
/* Write. */
enum err report_letter_send(struct report *r, struct txn *t, struct letter *l) MUST_USE;
void report_letter_free(struct report *r, struct letter *l);

/* Write. */
enum err report_trace(struct report *r, struct txn *t) MUST_USE;
void report_log(struct report *r);

/* Count the result of recipient i in the metrics. */
void tally_result(const struct report *r, size_t i);

/* In the report's transaction: add rows about recipients that leave. */
enum err report_past(struct report *r, struct txn *t) MUST_USE;
/* In the report's transaction: notify the API submission and webhooks. */
enum err report_hear(struct report *r, struct txn *t) MUST_USE;

#endif
