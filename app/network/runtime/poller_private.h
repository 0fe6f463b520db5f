/* network/runtime/poller_private.h: the state that is shared by poller.c, which workers and wakers
 * call, and poller_loop.c, the thread. */
#ifndef RUNTIME_POLLER_PRIVATE_H
#define RUNTIME_POLLER_PRIVATE_H
#include "network/runtime/poller.h"

#include <pthread.h>

/* epoll's data: | kind, 8 bits | slot, 24 bits | generation, 32 bits |; for a source the
 * descriptor instead of the generation. */
enum {
	POLLER_KIND_POKE = 0,
	POLLER_KIND_SOURCE,
	POLLER_KIND_CONN,
	POLLER_KIND_WATCH,
	POLLER_SLOT_MAX = (1 << 24) - 1,
};

struct slot {
	struct conn *conn; /* NULL: free */
	uint32_t generation;
	uint32_t next_free; /* while free; 0: last */
};

struct poller {
	int epoll_fd, poke_fd;
	struct pool *pool;
	pthread_t thread;
	bool running;

	pthread_mutex_t lock;   /* of all fields below, and of fields of conn marked "lock" */
	pthread_cond_t changed; /* a connection or a source was removed */
	struct timers timers;
	int64_t sleeps_until; /* the thread is in epoll_wait until then; 0: it is awake */
	struct slot *slots;   /* slots[0] is never used                                 */
	uint32_t slot_count, first_free;
	struct list conns;
	size_t conn_count;
	struct list sources;
	struct poller_source *in_use; /* ready is being called */
	bool stop;
};

static inline uint64_t poller_tag(unsigned kind, uint32_t slot, uint32_t low)
{
	return (uint64_t)kind << 56 | (uint64_t)slot << 32 | low;
}

static inline unsigned poller_tag_kind(uint64_t tag)
{
	return (unsigned)(tag >> 56);
}

/* epoll_ctl with a fault point. */
int poller_ctl(struct poller *p, int op, int fd, uint32_t mask, uint64_t tag);

/* Call the following with the lock held. */
void poller_poke(struct poller *p);
void poller_timer_set(struct poller *p, struct timer *t, int64_t at_ms);
struct conn *poller_find(struct poller *p, uint32_t slot, uint32_t generation);
/* Add events. A parked connection becomes active: its job is appended to ready, which the caller
 * pushes to the pool after it has released the lock. */
void poller_notify(struct poller *p, struct conn *c, unsigned events, struct list *ready);

#endif
