/* model/queue/pauses.h: pauses of the queue, of named queues and of destinations. */
#ifndef QUEUE_PAUSES_H
#define QUEUE_PAUSES_H
#include "foundation/base/err.h"
#include "model/queue/entry.h"

struct arena;
struct settings;
struct txn;

enum queue_pause_of {
	QUEUE_PAUSE_ALL,
	QUEUE_PAUSE_QUEUE,       /* a named queue; the default one with an empty name */
	QUEUE_PAUSE_DESTINATION, /* as in entries, or its domain                      */
	QUEUE_PAUSE_KINDS,
};

/* Its entries are not tried until queue_resume, also after restarts, and grow older
 * meanwhile. A running attempt continues. */
struct queue_pause {
	enum queue_pause_of of;
	struct str name; /* empty for all */
	int64_t since_ms;
	struct str reason;
};
struct queue_pauses {
	struct queue_pause *items;
	size_t count;
};
/* Insert or replace; call queue_wake_after as for other changes. ERR_LIMIT: the name is
 * too long, or there are LIMIT_queue_pauses. Visits each of them. */
enum err queue_pause(struct txn *t, const struct queue_pause *pause) MUST_USE;
/* ERR_MISSING: it is not paused. */
enum err queue_resume(struct txn *t, enum queue_pause_of of, struct str name) MUST_USE;
/* All of them, at most LIMIT_queue_pauses, in a. */
enum err queue_pauses_read(struct txn *t, struct arena *a, struct queue_pauses *out) MUST_USE;
/* Does one of them, or a setting of its named queue, pause the entry? Pure. */
bool queue_is_paused(const struct queue_pauses *pauses, const struct settings *s,
                     const struct queue_item *item);

#endif
