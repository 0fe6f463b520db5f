/* model/queue/dsn/bounce.h: delivery status notifications (RFC 3464, RFC 6533) in a
 * multipart/report (RFC 6522). Pure: no store, no clock.
 *
 * All reports are made here, for queued mail and for mail delivered to local mailboxes
 * (flow/delivery/report.h). One report covers any number of recipients, each with an
 * action of its own. */
#ifndef QUEUE_BOUNCE_H
#define QUEUE_BOUNCE_H
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"
#include "model/queue/entry.h"

/* Maximum of the original's header in a report. The body is included only for RET=FULL
 * and up to BOUNCE_FULL_MAX. */
enum { BOUNCE_HEADER_MAX = 64 << 10, BOUNCE_FULL_MAX = 1 << 20 };

/* RFC 3464 2.3.3; the most severe first: one recipient's action names the report. */
enum bounce_action {
	BOUNCE_FAILED,
	BOUNCE_DELAYED,
	BOUNCE_RELAYED,   /* to a server that does not report      */
	BOUNCE_EXPANDED,  /* an alias or list with several members */
	BOUNCE_DELIVERED, /* into a local mailbox                  */
	BOUNCE_ACTIONS
};

struct bounce_rcpt {
	const struct envelope_rcpt *rcpt;
	enum bounce_action action;
	struct envelope_reply reply;
	struct str reason; /* of a refusal: the recipient's words, perhaps several lines, instead of
	                    * the reply's; or empty */
	bool expired; /* given up for age: the reply is the reason of the last failed
	               * attempt */
	bool late;    /* the DELIVERBY time of the sender has passed (RFC 2852)           */
};

struct bounce {
	const struct queue_item *item; /* the original's                                   */
	const struct bounce_rcpt *rcpts;
	size_t rcpt_count;   /* 1 or more                                                    */
	struct str original; /* its header, or with RET=FULL all of it; may be cut: at
	                      * most BOUNCE_HEADER_MAX or BOUNCE_FULL_MAX are used */
	bool original_whole; /* original is complete                                       */
	struct str hostname;
	int64_t now_ms;
	int64_t last_attempt_ms; /* of a delay: the time of expiry; else unused           */
};

/* The most severe of all recipients' actions. */
enum bounce_action bounce_action(const struct bounce *b);

/* Does RET=FULL apply (RFC 3461 4.3): some recipient failed, and the message may be
 * returned whole (RFC 8689 5)? */
bool bounce_wants_all(const struct queue_item *item, bool failed);

/* Append the message. flags gets ENVELOPE_8BIT, ENVELOPE_UTF8 and ENVELOPE_REQUIRETLS as needed.
 * Boundary and Message-ID are random. */
void bounce_put(struct buf *out, const struct bounce *b, unsigned *flags);

#endif
