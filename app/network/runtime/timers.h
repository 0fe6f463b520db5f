/* network/runtime/timers.h: deadlines in a binary heap. The poller sleeps until the earliest one,
 * so an idle server does not wake up. Not thread-safe. */
#ifndef RUNTIME_TIMERS_H
#define RUNTIME_TIMERS_H
#include "foundation/base/util.h"

/* Part of the object that has the deadline. All-zero: not set. */
struct timer {
	int64_t at_ms;
	size_t place; /* in the heap, from 1; 0: not in it */
};

struct timers {
	struct timer **heap; /* heap[1] is the earliest; a parent is never later */
	size_t count, capacity;
};

/* Set or move t. */
void timers_set(struct timers *h, struct timer *t, int64_t at_ms);
/* Take t out; a no-op when it is not set. */
void timers_remove(struct timers *h, struct timer *t);
/* The earliest, NULL when there is none. */
struct timer *timers_first(const struct timers *h);
void timers_deinit(struct timers *h);

#endif
