/* flow/delivery/queue_local.h: local delivery of a queue entry. An entry has local recipients when
 * its domain became local, when a mailbox was full at first, or when the mail waited for a later
 * time (ENVELOPE_LATER; RFC 4865). They get the message without a connection, like new mail.
 *
 * Local recipients are delivered in the transaction that ends their entry. So a kill leaves either
 * the entry or its result, and a mailbox gets one copy. Remote recipients, and those whose mailbox
 * is full, get entries of their own. */
#ifndef QUEUE_LOCAL_H
#define QUEUE_LOCAL_H
#include "foundation/base/str.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "model/store/spool.h"

struct delivery;
struct local_part;

struct delivery_local {
	struct queue_result *results; /* of all of the entry's recipients                  */
	struct local_part *parts;     /* the deliveries to its local recipients            */
	size_t part_count;
	struct spool spool;           /* the message's bytes, while part_count is not 0    */
	struct queue_item rest;       /* the entry with its remote recipients, maybe none  */
	size_t *places;               /* of the rest's recipients in results               */
};

/* Local delivery by a route ("via=local"). */
struct delivery_local_route {
	struct str address; /* the mailbox or alias                                        */
	struct str trace;   /* header fields to put in front: Received, Delivered-To       */
};

/* Prepare delivery to the recipients of local domains and fill in their results. Delivery happens
 * in the transaction of the report (deeds in model/queue/take.h), so no mailbox gets two copies.
 * With delivery NULL no recipient is local; with route NULL none is local by a route. A message
 * that the route has delivered before, or that has passed too many servers, fails (RFC 5321 6.3).
 * Everything is in a; delivery_local_end must be called. Not inside a transaction. Cost: one
 * preparation of the message for each local recipient. */
void delivery_local_prepare(struct delivery_local *l, const struct delivery *delivery,
                            const struct queue_item *item,
                            const struct delivery_local_route *route, struct arena *a);

/* After a failed report: true when a local delivery caused it. Its result is then changed or it is
 * prepared again, and the report may be repeated at once. */
bool delivery_local_retry(struct delivery_local *l);

/* recorded: the report is committed. */
void delivery_local_end(struct delivery_local *l, bool recorded);

/* Fill in the results of the rest, rest.rcpt_count of them. */
void delivery_local_fill(struct delivery_local *l, const struct queue_result *rest);

#endif
