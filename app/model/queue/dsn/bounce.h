/* model/queue/dsn/bounce.h: what a sender is told: delivery status notifications (RFC 3464, RFC
 * 6533) in a multipart/report (RFC 6522). Pure: no store, no clock.
 *
 * The only maker of reports, for mail that the queue sends or gives up and for mail that ends in
 * mailboxes here (flow/delivery/report.h). One report speaks of any number of recipients, of
 * each with an action of its own. */
#ifndef QUEUE_BOUNCE_H
#define QUEUE_BOUNCE_H
#include "model/queue/queue.h"

/* Most of the original's header that a report carries; its body never, unless asked for by
 * RET=FULL and no longer than BOUNCE_FULL_MAX. */
enum { BOUNCE_HEADER_MAX = 64 << 10, BOUNCE_FULL_MAX = 1 << 20 };

/* RFC 3464 2.3.3; the gravest first: that of one recipient names the report. */
enum bounce_action {
	BOUNCE_FAILED,
	BOUNCE_DELAYED,
	BOUNCE_RELAYED,   /* to a server that will not report                     */
	BOUNCE_EXPANDED,  /* an alias or list with several members                */
	BOUNCE_DELIVERED, /* into a mailbox here                                  */
	BOUNCE_ACTIONS
};

struct bounce_rcpt {
	const struct queue_rcpt *rcpt;
	enum bounce_action action;
	struct queue_reply reply;
	bool expired; /* given up for age: the reply is only why the last attempt failed  */
	bool late;    /* the time that the sender set with DELIVERBY is over (RFC 2852)   */
};

struct bounce {
	const struct queue_item *item; /* the original's                                   */
	const struct bounce_rcpt *rcpts;
	size_t rcpt_count;   /* 1 or more                                                    */
	struct str original; /* its header, or with RET=FULL all of it; may be cut, at most
	                      * BOUNCE_HEADER_MAX or BOUNCE_FULL_MAX are used              */
	bool original_whole; /* original is all of it                                      */
	struct str hostname;
	int64_t now_ms;
	int64_t last_attempt_ms; /* of a delay: when we give up; else unused              */
};

/* The gravest of all recipients' actions. */
enum bounce_action bounce_action(const struct bounce *b);

/* Does RET=FULL apply (RFC 3461 4.3): something failed, and the message may travel back whole
 * (RFC 8689 5)? */
bool bounce_wants_all(const struct queue_item *item, bool failed);

/* Append the message. flags gets QUEUE_8BIT, QUEUE_UTF8 and QUEUE_REQUIRETLS as it needs them.
 * Boundary and Message-ID are random. */
void bounce_put(struct buf *out, const struct bounce *b, unsigned *flags);

#endif
