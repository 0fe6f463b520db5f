/* model/queue/pause_body.h: what pauses mean to lanes; for this folder only. */
#ifndef QUEUE_PAUSE_BODY_H
#define QUEUE_PAUSE_BODY_H
#include "model/queue/queue_body.h"
#include "model/queue/route.h"

/* Does it keep what is in that lane? Pure. */
bool pause_fits(const struct queue_pause *pause, const struct queue_lane *lane);

/* Names of destinations and domains that rest, in a. */
enum err pauses_destinations(struct txn *t, struct arena *a, const struct str **names,
                             size_t *count) MUST_USE;

/* Tell the lanes of the pauses that there are. *news: others than before. */
enum err pauses_load(struct queue *q, struct txn *t, bool *news) MUST_USE;

#endif
