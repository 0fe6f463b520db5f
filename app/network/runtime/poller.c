/* network/runtime/poller.c: see poller.h; slots, parking and waking. The thread is in
 * poller_loop.c. */
#include "network/runtime/poller_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "network/runtime/socket.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FIRST_SLOTS = 64 };

int poller_ctl(struct poller *p, int op, int fd, uint32_t mask, uint64_t tag)
{
	struct epoll_event ev = { .events = mask, .data.u64 = tag };

	if (fault("epoll_ctl"))
		return -1;
	return epoll_ctl(p->epoll_fd, op, fd, &ev);
}

enum err poller_new(struct pool *pool, struct poller **out, struct why *why)
{
	struct poller *p = NEW(struct poller);
	enum err e;

	p->pool = pool;
	pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->changed);
	list_init(&p->conns);
	list_init(&p->sources);
	p->poke_fd = -1;
	p->epoll_fd = fault("epoll_create") ? -1 : epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll_fd >= 0)
		p->poke_fd = fault("eventfd") ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->poke_fd >= 0 &&
	    poller_ctl(p, EPOLL_CTL_ADD, p->poke_fd, EPOLLIN, POLLER_KIND_POKE) == 0) {
		*out = p;
		return OK;
	}
	e = fail_errno(why, "cannot set up epoll");
	poller_free(&p);
	return e;
}

void poller_free(struct poller **poller)
{
	struct poller *p = *poller;

	*poller = NULL;
	if (p == NULL)
		return;
	assert(!p->running && p->conn_count == 0);
	socket_close(&p->epoll_fd);
	socket_close(&p->poke_fd);
	timers_deinit(&p->timers);
	mem_free(p->slots);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

/* --- with the lock held ----------------------------------------------------- */

void poller_poke(struct poller *p)
{
	uint64_t one = 1;
	ssize_t n = write(p->poke_fd, &one, sizeof one);

	(void)n; /* full: the thread wakes up anyway */
}

void poller_timer_set(struct poller *p, struct timer *t, int64_t at_ms)
{
	timers_set(&p->timers, t, at_ms);
	if (p->sleeps_until > at_ms) {
		p->sleeps_until = at_ms; /* one poke is enough */
		poller_poke(p);
	}
}

static void slots_grow(struct poller *p)
{
	uint32_t old = p->slot_count;
	uint32_t count = old != 0 ? old * 2 : FIRST_SLOTS;

	assert(count <= POLLER_SLOT_MAX);
	p->slots = mem_resize(p->slots, count * sizeof *p->slots);
	memset(p->slots + old, 0, (count - old) * sizeof *p->slots);
	p->slot_count = count;
	for (uint32_t i = count - 1; i >= MAX(old, 1u); i--) {
		p->slots[i].generation = 1;
		p->slots[i].next_free = p->first_free;
		p->first_free = i;
	}
}

struct conn *poller_find(struct poller *p, uint32_t slot, uint32_t generation)
{
	if (slot == 0 || slot >= p->slot_count || p->slots[slot].generation != generation)
		return NULL;
	return p->slots[slot].conn;
}

void poller_notify(struct poller *p, struct conn *c, unsigned events, struct list *ready)
{
	c->pending |= events;
	if (c->owner != CONN_OWNER_POLLER)
		return;
	timers_remove(&p->timers, &c->timer);
	c->owner = CONN_OWNER_WORKER;
	list_push_back(ready, &c->job.link);
}

/* --- connections ------------------------------------------------------------ */

void poller_attach(struct poller *p, struct conn *c)
{
	pthread_mutex_lock(&p->lock);
	if (p->first_free == 0)
		slots_grow(p);
	c->poller = p;
	c->slot = p->first_free;
	c->generation = p->slots[c->slot].generation;
	p->first_free = p->slots[c->slot].next_free;
	p->slots[c->slot].conn = c;
	list_push_back(&p->conns, &c->link);
	p->conn_count++;
	c->pending = CONN_START;
	c->owner = CONN_OWNER_WORKER;
	pthread_mutex_unlock(&p->lock);
	pool_push(p->pool, &c->job);
}

static void unwatch(struct conn *c)
{
	if (c->watch_polled)
		epoll_ctl(c->poller->epoll_fd, EPOLL_CTL_DEL, c->watch_fd, NULL);
	c->watch_polled = false;
}

void poller_unwatch(struct conn *c)
{
	pthread_mutex_lock(&c->poller->lock);
	unwatch(c);
	pthread_mutex_unlock(&c->poller->lock);
}

void poller_detach(struct conn *c)
{
	struct poller *p = c->poller;
	struct slot *s;

	pthread_mutex_lock(&p->lock);
	s = &p->slots[c->slot];
	assert(c->owner == CONN_OWNER_WORKER && s->conn == c);
	unwatch(c);
	if (c->polled)
		epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	s->conn = NULL;
	s->generation++;
	s->next_free = p->first_free;
	p->first_free = c->slot;
	list_remove(&c->link);
	p->conn_count--;
	if (p->conn_count == 0)
		pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* With the lock held: poll the connection's descriptors once. */
static bool arm(struct poller *p, struct conn *c, unsigned mask)
{
	if (poller_ctl(p, c->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, mask | EPOLLONESHOT,
	               poller_tag(POLLER_KIND_CONN, c->slot, c->generation)) != 0)
		return false;
	c->polled = true;
	if (c->watch_mask == 0)
		return true;
	if (poller_ctl(p, c->watch_polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->watch_fd,
	               c->watch_mask | EPOLLONESHOT,
	               poller_tag(POLLER_KIND_WATCH, c->slot, c->generation)) != 0)
		return false;
	c->watch_polled = true;
	return true;
}

bool poller_park(struct conn *c, unsigned mask, int64_t at_ms)
{
	struct poller *p = c->poller;
	bool parked = false;

	pthread_mutex_lock(&p->lock);
	if (c->pending != 0) {
		/* A wake arrived while the step ran. */
	} else if (!arm(p, c, mask)) {
		c->eof = c->broken = true; /* it cannot continue without epoll */
		c->pending = CONN_HANGUP;
	} else {
		c->owner = CONN_OWNER_POLLER;
		if (at_ms != 0)
			poller_timer_set(p, &c->timer, at_ms);
		parked = true;
	}
	pthread_mutex_unlock(&p->lock);
	return parked;
}

unsigned poller_take(struct conn *c)
{
	unsigned events;

	pthread_mutex_lock(&c->poller->lock);
	events = c->pending;
	c->pending = 0;
	pthread_mutex_unlock(&c->poller->lock);
	return events;
}

void poller_requeue(struct conn *c, unsigned events)
{
	struct poller *p = c->poller;

	pthread_mutex_lock(&p->lock);
	c->pending |= events;
	pthread_mutex_unlock(&p->lock);
	pool_push(p->pool, &c->job);
}

void conn_wake(struct waker w)
{
	struct list ready;
	struct conn *c;

	if (w.poller == NULL)
		return;
	list_init(&ready);
	pthread_mutex_lock(&w.poller->lock);
	c = poller_find(w.poller, w.slot, w.generation);
	if (c != NULL)
		poller_notify(w.poller, c, CONN_WAKE, &ready);
	pthread_mutex_unlock(&w.poller->lock);
	pool_push_all(w.poller->pool, &ready);
}

size_t poller_notify_all(struct poller *p, unsigned events)
{
	struct list ready;
	size_t count;

	list_init(&ready);
	pthread_mutex_lock(&p->lock);
	count = p->conn_count;
	list_each(l, &p->conns)
	{
		struct conn *c = container_of(l, struct conn, link);

		/* The socket is still open: detaching precedes closing. */
		if (events & CONN_CUT)
			socket_cut(c->fd);
		poller_notify(p, c, events, &ready);
	}
	pthread_mutex_unlock(&p->lock);
	pool_push_all(p->pool, &ready);
	return count;
}

bool poller_wait_empty(struct poller *p, int64_t deadline_ms)
{
	bool empty;

	pthread_mutex_lock(&p->lock);
	while (p->conn_count != 0 && cond_wait_until(&p->changed, &p->lock, deadline_ms)) {
	}
	empty = p->conn_count == 0;
	pthread_mutex_unlock(&p->lock);
	return empty;
}
