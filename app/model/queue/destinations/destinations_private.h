/* model/queue/destinations/destinations_private.h: internals of destinations.h; for
 * dests*.c only. */
#ifndef QUEUE_DESTINATIONS_PRIVATE_H
#define QUEUE_DESTINATIONS_PRIVATE_H
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "model/queue/destinations/destinations.h"

#include <pthread.h>

/* A hint: no entry of this priority is due before next_ms. */
struct track {
	int64_t next_ms;
	uint8_t level; /* 0 is the highest priority */
};

/* Place of a destination queue: ready at a level, among the suspects (both have lists),
 * or another. */
enum {
	PLACE_SUSPECTS = ENVELOPE_PRIORITY_LEVELS,
	PLACE_LISTS, /* number of places with lists */
	PLACE_NONE = PLACE_LISTS,
	PLACE_LATER,
};

struct dest {
	struct list link;     /* in the list of its place                               */
	struct list proven;   /* in the proven list of its place, or in none            */
	struct list siblings; /* a ring of destination queues with the same destination */
	struct str key;       /* owned                                                  */
	struct dest_class *class;
	struct track *tracks;
	uint8_t track_count, track_room;
	bool paused;          /* then it is in no list                                  */
	uint8_t place;
	uint32_t failures;    /* in a row                     */
	int64_t until_ms;     /* end of the back-off          */
	int64_t wake_ms;      /* PLACE_LATER: key of the heap */
	size_t heap_at;
	struct str text;      /* owned: why no host answered                            */
};

/* The destination queues of one named queue. */
struct dest_class {
	struct str name; /* owned */
	struct list all[PLACE_LISTS];
	struct list proven[PLACE_LISTS]; /* by dest.proven; may contain destination queues
	                                  * no longer proven */
	uint32_t places; /* bits of places that may have a destination queue */
	uint64_t served; /* dests.served at its last service                 */
};

struct dests {
	pthread_mutex_t lock; /* of everything below, and of all destination queues */
	struct map by_key;
	struct map by_destination; /* one destination queue of each ring of siblings */
	struct pace *pace;
	struct dest_class **classes;
	size_t class_count;
	struct dest **heap; /* from 1; heap[1] is the earliest */
	size_t heap_count, heap_room;
	uint64_t served;
	struct queue_pauses pauses; /* owned */
};

void dests_pauses_free(struct dests *l);
/* Is it paused? */
bool dest_rests(const struct dests *l, struct str key);

/* Created if missing. */
struct dest *dest_of(struct dests *l, struct str key);
struct str dest_destination(const struct dest *dest); /* borrows from it */
void dest_remove(struct dests *l, struct dest *dest);  /* from its place  */
void dest_forget(struct dests *l, struct dest *dest);
/* Move the destination queue to its current place. A ready one keeps its position. */
void dest_place(struct dests *l, struct dest *dest, int64_t now_ms);
/* Add it to the proven list of its place. */
void dest_prove(struct dest *dest);
/* Move destination queues whose time has come. A destination queue without entries is
 * removed. */
void dests_ripen(struct dests *l, int64_t now_ms);

/* By wake_ms. */
void heap_put(struct dests *l, struct dest *dest);
void heap_remove(struct dests *l, struct dest *dest);

#endif
