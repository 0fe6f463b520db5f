/* model/queue/destinations_private.h: internals of destinations.h; for lanes*.c only. */
#ifndef QUEUE_DESTINATIONS_PRIVATE_H
#define QUEUE_DESTINATIONS_PRIVATE_H
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "model/queue/destinations.h"

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

struct lane {
	struct list link;     /* in the list of its place                               */
	struct list proven;   /* in the proven list of its place, or in none            */
	struct list siblings; /* a ring of destination queues with the same destination */
	struct str key;       /* owned                                                  */
	struct lane_class *class;
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
struct lane_class {
	struct str name; /* owned */
	struct list all[PLACE_LISTS];
	struct list proven[PLACE_LISTS]; /* by lane.proven; may contain destination queues
	                                  * no longer proven */
	uint32_t places; /* bits of places that may have a destination queue */
	uint64_t served; /* lanes.served at its last service                 */
};

struct lanes {
	pthread_mutex_t lock; /* of everything below, and of all destination queues */
	struct map by_key;
	struct map by_destination; /* one destination queue of each ring of siblings */
	struct pace *pace;
	struct lane_class **classes;
	size_t class_count;
	struct lane **heap; /* from 1; heap[1] is the earliest */
	size_t heap_count, heap_room;
	uint64_t served;
	struct queue_pauses pauses; /* owned */
};

void lanes_pauses_free(struct lanes *l);
/* Is it paused? */
bool lane_rests(const struct lanes *l, struct str key);

/* Created if missing. */
struct lane *lane_of(struct lanes *l, struct str key);
struct str lane_destination(const struct lane *lane); /* borrows from it */
void lane_remove(struct lanes *l, struct lane *lane);  /* from its place  */
void lane_forget(struct lanes *l, struct lane *lane);
/* Move the destination queue to its current place. A ready one keeps its position. */
void lane_place(struct lanes *l, struct lane *lane, int64_t now_ms);
/* Add it to the proven list of its place. */
void lane_prove(struct lane *lane);
/* Move destination queues whose time has come. A destination queue without entries is
 * removed. */
void lanes_ripen(struct lanes *l, int64_t now_ms);

/* By wake_ms. */
void heap_put(struct lanes *l, struct lane *lane);
void heap_remove(struct lanes *l, struct lane *lane);

#endif
