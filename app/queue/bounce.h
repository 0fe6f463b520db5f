/* queue/bounce.h: what a sender is told: delivery status notifications (RFC 3464) in a
 * multipart/report (RFC 6522). Pure: no store, no clock. */
#ifndef QUEUE_BOUNCE_H
#define QUEUE_BOUNCE_H
#include "queue/queue.h"

/* Most of the original's header that a report carries; its body never, unless asked for by
 * RET=FULL and no longer than BOUNCE_FULL_MAX. */
enum { BOUNCE_HEADER_MAX = 64 << 10, BOUNCE_FULL_MAX = 1 << 20 };

enum bounce_action { BOUNCE_FAILED, BOUNCE_DELAYED };

struct bounce_rcpt {
	const struct queue_rcpt *rcpt;
	struct queue_reply reply;
	bool expired; /* given up for age: the reply is only why the last attempt failed */
};

struct bounce {
	enum bounce_action action;
	const struct queue_item *item; /* the original's                                   */
	const struct bounce_rcpt *rcpts;
	size_t rcpt_count;   /* 1 or more                                                    */
	struct str original; /* its header, or with RET=FULL all of it; may be cut, at most
	                      * BOUNCE_HEADER_MAX or BOUNCE_FULL_MAX are used              */
	bool original_whole; /* original is all of it                                      */
	struct str hostname;
	int64_t now_ms;
	int64_t last_attempt_ms; /* of a delay: when we give up; unused for a failure      */
};

/* Append the message. flags gets QUEUE_8BIT and QUEUE_UTF8 as it needs them. Boundary and
 * Message-ID are random. */
void bounce_put(struct buf *out, const struct bounce *b, unsigned *flags);

#endif
