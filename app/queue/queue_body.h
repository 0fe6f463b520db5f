/* queue/queue_body.h: the queue object and small things its files share; for this folder
 * only. */
#ifndef QUEUE_QUEUE_BODY_H
#define QUEUE_QUEUE_BODY_H
#include "base/arena.h"
#include "queue/queue.h"

/* Constant after queue_host_set, so all threads may use it. */
struct queue {
	struct store *store;
	struct schedule schedule;
	struct queue_host host;
	struct str hostname;
	bool smarthost;
	uint64_t holder; /* of our leases: node, then a random number for this life */
	struct arena arena;
};

/* Wake the runner when t has been committed. */
void queue_wake_after(struct queue *q, struct txn *t);

/* "user@example.org" for the log, or "<>"; lives in a. */
struct str queue_address_text(struct arena *a, const struct mailaddr *address);
/* An entry's id as the log shows it. */
struct str queue_id_text(struct arena *a, uint64_t id);

#endif
