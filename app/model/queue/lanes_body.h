/* model/queue/lanes_body.h: the parts of lanes.h; for lanes*.c only. */
#ifndef QUEUE_LANES_BODY_H
#define QUEUE_LANES_BODY_H
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "model/queue/lanes.h"

#include <pthread.h>

/* Something of this priority, not due before next_ms. */
struct track {
	int64_t next_ms;
	uint8_t level; /* 0 is the highest priority */
};

/* Where a lane is: at a level, ready, or among the suspects, which have lists; or elsewhere. */
enum {
	PLACE_SUSPECTS = QUEUE_PRIORITY_LEVELS,
	PLACE_LISTS, /* so many have lists */
	PLACE_NONE = PLACE_LISTS,
	PLACE_LATER,
};

struct lane {
	struct list link;     /* in the list of its place                               */
	struct list proven;   /* there too, if its destination is; or in none           */
	struct list siblings; /* a ring of those with the same destination              */
	struct str key;       /* own                                                    */
	struct lane_class *class;
	struct track *tracks;
	uint8_t track_count, track_room;
	bool paused;          /* in no list then, whatever is due in it                 */
	uint8_t place;
	uint32_t failures;    /* in a row                                               */
	int64_t until_ms;     /* left alone till then                                   */
	int64_t wake_ms;      /* PLACE_LATER: the heap's order                          */
	size_t heap_at;
	struct str text;      /* own: why nobody was there                              */
};

/* The lanes of one named queue. */
struct lane_class {
	struct str name; /* own */
	struct list all[PLACE_LISTS];
	struct list proven[PLACE_LISTS]; /* by lane.proven; some that were may still be there */
	uint32_t places; /* bits of those that may have a lane */
	uint64_t served; /* lanes.served when it last was      */
};

struct lanes {
	pthread_mutex_t lock; /* of all that follows, and all lanes */
	struct map by_key;
	struct map by_destination; /* one lane of each ring of siblings */
	struct pace *pace;
	struct lane_class **classes;
	size_t class_count;
	struct lane **heap; /* from 1; heap[1] is the earliest */
	size_t heap_count, heap_room;
	uint64_t served;
	struct queue_pauses pauses; /* own */
};

void lanes_pauses_free(struct lanes *l);
/* Do the pauses keep it? */
bool lane_rests(const struct lanes *l, struct str key);

/* Made when there is none. */
struct lane *lane_of(struct lanes *l, struct str key);
struct str lane_destination(const struct lane *lane); /* borrows from it */
void lane_remove(struct lanes *l, struct lane *lane);  /* from its place  */
void lane_forget(struct lanes *l, struct lane *lane);
/* Where it belongs by now. Who is ready keeps his place in the row. */
void lane_place(struct lanes *l, struct lane *lane, int64_t now_ms);
/* Among the proven of its place. */
void lane_prove(struct lane *lane);
/* Those whose time has come. Who has nothing to be tried any more is forgotten. */
void lanes_ripen(struct lanes *l, int64_t now_ms);

/* By wake_ms. */
void heap_put(struct lanes *l, struct lane *lane);
void heap_remove(struct lanes *l, struct lane *lane);

#endif
