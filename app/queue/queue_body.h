/* queue/queue_body.h: the queue object and small things its files share; for this folder
 * only. */
#ifndef QUEUE_QUEUE_BODY_H
#define QUEUE_QUEUE_BODY_H
#include "config/live.h"
#include "queue/queue.h"
#include "queue/schedule.h"

/* Constant after queue_host_set, so all threads may use it. */
struct queue {
	struct store *store;
	struct live *live;
	struct queue_host host;
	uint64_t holder; /* of our leases: node, then a random number for this life */
};

/* "user@example.org" for the log, or "<>"; lives in a. */
struct str queue_address_text(struct arena *a, const struct mailaddr *address);
/* An entry's id as the log shows it. */
struct str queue_id_text(struct arena *a, uint64_t id);

#endif
