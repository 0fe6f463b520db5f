/* delivery/delivery.h: from accepted bytes to mailboxes and queue.
 *
 * Chapter. A protocol that has received a message asks delivery_accept, which follows the
 * recipients to where they lead (plan.h), prepares what is to be stored outside of any
 * transaction, and puts everything into mailboxes and queue in one. So either all of the
 * message is durable when it returns OK, or none of it has happened.
 *
 * A recipient whose mailbox turns out to be full, among others that are not, gets the
 * message returned to its sender; that report is part of the same transaction. */
#ifndef DELIVERY_DELIVERY_H
#define DELIVERY_DELIVERY_H
#include "base/err.h"
#include "message/mailaddr.h"
#include "message/mime.h"

struct live;
struct mailboxes;
struct queue;
struct queue_host;
struct store;
struct traces;

/* Made once in main/, constant afterwards; everything is borrowed. */
struct delivery {
	struct store *store;
	const struct mailboxes *mailboxes;
	struct queue *queue;
	struct live *live;
	struct traces *traces; /* NULL: none are kept */
	struct message_limits limits;
};

struct delivery_message {
	struct str id;        /* of the session, for the log                          */
	struct str service;   /* "smtp", "submission", for the log                    */
	struct str peer;      /* address, for the log                                 */
	struct mailaddr from; /* null for a bounce                                   */
	const struct mailaddr *rcpts;
	size_t rcpt_count;
	struct str trace;   /* header fields to put in front: Received and so on    */
	struct str body;    /* the message as it came, header and all               */
	unsigned flags;     /* enum queue_flags                                     */
	uint32_t submitter; /* account that sent it after a login, or 0             */
	bool ours;          /* written by that account, or by this server: signed when it
	                     * leaves (delivery/sign.h); else it is passed on          */
};

/* Deliver and queue. Blocks until it is durable. Not inside a transaction.
 * ERR_LIMIT    no recipient has room: 552 5.2.2
 * ERR_MISSING  no recipient exists (any more): 550 5.1.1
 * ERR_FULL     452 4.3.1
 * others       a failure of the store: 451 4.3.0
 * Nothing has happened unless OK is returned. */
enum err delivery_accept(const struct delivery *d, const struct delivery_message *m,
                         struct why *why) MUST_USE;

/* What queue/ calls to have its reports delivered. d outlives the queue. wake is left to
 * the runner, which fills it in. */
void delivery_host_init(struct queue_host *host, struct delivery *d);

#endif
