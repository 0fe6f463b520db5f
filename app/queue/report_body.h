/* queue/report_body.h: what the files of a report share; queue.h tells what a report is. report.c
 * plans it and does it, report_letters.c makes the messages that it sends, report_tell.c tells
 * trace and log of it. */
#ifndef QUEUE_REPORT_BODY_H
#define QUEUE_REPORT_BODY_H
#include "base/arena.h"
#include "queue/bounce.h"
#include "queue/queue_body.h"

struct txn;

/* A bounce or notice on its way. */
struct letter {
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
	const struct queue_item *item;
	const struct queue_result *results;
	const struct settings *settings; /* a reference */
	struct schedule schedule;
	struct arena arena;
	int64_t now_ms;
	bool keep_failed;       /* no bounce could be made: try them again instead     */
	struct queue_item next; /* what stays; no recipients: nothing                  */
	struct letter failure, delay;
	struct buf original;
};

/* What becomes of recipient i: delayed ones fail with age. */
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

#endif
