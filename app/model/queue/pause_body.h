/* model/queue/pause_body.h: pauses of destination queues; for this folder only. */
#ifndef QUEUE_PAUSE_BODY_H
#define QUEUE_PAUSE_BODY_H
#include "model/queue/queue_body.h"
#include "model/queue/route.h"

/* Does the pause apply to that destination queue? Pure. */
bool pause_fits(const struct queue_pause *pause, const struct queue_destination *dest);

/* Names of paused destinations and domains, in a. */
enum err pauses_destinations(struct txn *t, struct arena *a, const struct str **names,
                             size_t *count) MUST_USE;

/* Pass the stored pauses to destinations.h. *news: they have changed. */
enum err pauses_load(struct queue *q, struct txn *t, bool *news) MUST_USE;

#endif
