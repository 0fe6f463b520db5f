/* network/runtime/poller.h: the owner of idle connections, for runtime/ only.
 *
 * One thread sleeps in epoll_wait on all listeners and parked connections (EPOLLONESHOT) until the
 * earliest deadline, and pushes ready ones to the pool. epoll's data and struct waker identify
 * connections by slot and generation, not by pointer: a late event or wake-up finds another
 * generation and is dropped. */
#ifndef RUNTIME_POLLER_H
#define RUNTIME_POLLER_H
#include "foundation/base/err.h"
#include "network/runtime/conn_private.h"

struct poller;
struct pool;

enum err poller_new(struct pool *pool, struct poller **out, struct why *why) MUST_USE;
enum err poller_start(struct poller *p, struct why *why) MUST_USE;
/* End the thread. Connections can no longer be parked. */
void poller_stop(struct poller *p);
void poller_free(struct poller **p);

/* --- descriptors that are not connections: listeners ------------------------ */

/* Part of its owner. ready is called in the poller's thread, without the lock. */
struct poller_source {
	int fd;
	void (*ready)(struct poller_source *s);
	struct timer timer; /* lock: set while paused */
	struct list link;   /* lock */
};
enum err poller_add(struct poller *p, struct poller_source *s, struct why *why) MUST_USE;
/* Do not poll it for ms milliseconds. In the poller's thread only. */
void poller_pause(struct poller *p, struct poller_source *s, int64_t ms);
/* After this returns, ready is not called any more. From outside the poller's thread. */
void poller_remove(struct poller *p, struct poller_source *s);

/* --- connections ------------------------------------------------------------ */

/* Add c, owned by a worker: queue its first step with CONN_START. */
void poller_attach(struct poller *p, struct conn *c);
/* By c's owner, before it frees c: events and wakers do not find it any more. */
void poller_detach(struct conn *c);

/* By c's owner, which must not use c after true: park it until one of epoll's events mask on its
 * socket, its watched descriptor, at_ms (0: never) or a wake. False: there are pending events; take
 * them and continue. */
bool poller_park(struct conn *c, unsigned mask, int64_t at_ms) MUST_USE;
/* By the owner: the events since the last time. */
unsigned poller_take(struct conn *c);
/* By the owner: queue c for another step with these events. */
void poller_requeue(struct conn *c, unsigned events);
/* By the owner: stop polling watch_fd. */
void poller_unwatch(struct conn *c);

/* Send these events (CONN_STOP, CONN_CUT) to every connection; with CONN_CUT also break the
 * sockets. Returns the number of connections. */
size_t poller_notify_all(struct poller *p, unsigned events);
/* Wait until there is no connection; false at the deadline. */
bool poller_wait_empty(struct poller *p, int64_t deadline_ms);

#endif
