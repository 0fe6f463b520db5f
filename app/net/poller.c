/* net/poller.c: see poller.h. */
#include "net/poller.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/mem.h"
#include "net/cond.h"
#include "net/socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	BATCH = 128,
	FIRST_SLOTS = 64,
	STACK_BYTES = 256 * 1024,
	/* epoll's data: | kind, 8 bits | slot, 24 bits | generation, 32 bits |
	 * A source has its number in the list of sources as slot. */
	KIND_POKE = 0,
	KIND_SOURCE,
	KIND_CONN,
	KIND_WATCH,
	SLOT_MAX = (1 << 24) - 1,
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

	pthread_mutex_t lock;   /* of all below, and of the fields of conn that say so */
	pthread_cond_t changed; /* a connection has gone; a source was let go */
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

static uint64_t conn_tag(const struct conn *c, unsigned kind)
{
	return (uint64_t)kind << 56 | (uint64_t)c->slot << 32 | c->generation;
}

static int poll_ctl(struct poller *p, int op, int fd, uint32_t mask, uint64_t tag)
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
	if (p->poke_fd >= 0 && poll_ctl(p, EPOLL_CTL_ADD, p->poke_fd, EPOLLIN, KIND_POKE) == 0) {
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

/* --- with the lock held ---------------------------------------------------------- */

static void poke(struct poller *p)
{
	uint64_t one = 1;
	ssize_t n = write(p->poke_fd, &one, sizeof one);

	(void)n; /* full: the thread will wake up anyway */
}

static void timer_set(struct poller *p, struct timer *t, int64_t at_ms)
{
	timers_set(&p->timers, t, at_ms);
	if (p->sleeps_until > at_ms) {
		p->sleeps_until = at_ms; /* one poke is enough */
		poke(p);
	}
}

static void slots_grow(struct poller *p)
{
	uint32_t old = p->slot_count;
	uint32_t count = old != 0 ? old * 2 : FIRST_SLOTS;

	assert(count <= SLOT_MAX);
	p->slots = mem_resize(p->slots, count * sizeof *p->slots);
	memset(p->slots + old, 0, (count - old) * sizeof *p->slots);
	p->slot_count = count;
	for (uint32_t i = count - 1; i >= MAX(old, 1u); i--) {
		p->slots[i].generation = 1;
		p->slots[i].next_free = p->first_free;
		p->first_free = i;
	}
}

static struct conn *conn_find(struct poller *p, uint32_t slot, uint32_t generation)
{
	if (slot == 0 || slot >= p->slot_count || p->slots[slot].generation != generation)
		return NULL;
	return p->slots[slot].conn;
}

/* Add events; a parked connection becomes active. */
static void conn_tell(struct poller *p, struct conn *c, unsigned events)
{
	c->pending |= events;
	if (c->owner != CONN_OWNER_POLLER)
		return;
	timers_remove(&p->timers, &c->timer);
	c->owner = CONN_OWNER_WORKER;
	pool_push(p->pool, &c->job);
}

/* --- connections ------------------------------------------------------------------ */

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
	pool_push(p->pool, &c->job);
	pthread_mutex_unlock(&p->lock);
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

/* With the lock held: let epoll look at the connection's descriptors once. */
static bool arm(struct poller *p, struct conn *c, unsigned mask)
{
	if (poll_ctl(p, c->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, mask | EPOLLONESHOT,
	             conn_tag(c, KIND_CONN)) != 0)
		return false;
	c->polled = true;
	if (c->watch_mask == 0)
		return true;
	if (poll_ctl(p, c->watch_polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->watch_fd,
	             c->watch_mask | EPOLLONESHOT, conn_tag(c, KIND_WATCH)) != 0)
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
		/* Somebody called while the step ran. */
	} else if (!arm(p, c, mask)) {
		c->eof = c->broken = true; /* without epoll it cannot go on */
		c->pending = CONN_HANGUP;
	} else {
		c->owner = CONN_OWNER_POLLER;
		if (at_ms != 0)
			timer_set(p, &c->timer, at_ms);
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
	pool_push(p->pool, &c->job);
	pthread_mutex_unlock(&p->lock);
}

void conn_wake(struct waker w)
{
	struct conn *c;

	if (w.poller == NULL)
		return;
	pthread_mutex_lock(&w.poller->lock);
	c = conn_find(w.poller, w.slot, w.generation);
	if (c != NULL)
		conn_tell(w.poller, c, CONN_WAKE);
	pthread_mutex_unlock(&w.poller->lock);
}

size_t poller_tell_all(struct poller *p, unsigned events)
{
	size_t count;

	pthread_mutex_lock(&p->lock);
	count = p->conn_count;
	list_each(l, &p->conns)
	{
		struct conn *c = container_of(l, struct conn, link);

		/* The socket is still open: detaching comes before closing. */
		if (events & CONN_CUT)
			socket_cut(c->fd);
		conn_tell(p, c, events);
	}
	pthread_mutex_unlock(&p->lock);
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

/* --- sources ---------------------------------------------------------------------- */

enum err poller_add(struct poller *p, struct poller_source *s, struct why *why)
{
	uint64_t tag = (uint64_t)KIND_SOURCE << 56 | (uint64_t)s->fd;

	pthread_mutex_lock(&p->lock);
	list_push_back(&p->sources, &s->link);
	pthread_mutex_unlock(&p->lock);
	if (poll_ctl(p, EPOLL_CTL_ADD, s->fd, EPOLLIN, tag) == 0)
		return OK;

	enum err e = fail_errno(why, "cannot watch a listener");

	poller_remove(p, s);
	return e;
}

void poller_pause(struct poller *p, struct poller_source *s, int64_t ms)
{
	epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	pthread_mutex_lock(&p->lock);
	timer_set(p, &s->timer, clock_mono_ms() + ms);
	pthread_mutex_unlock(&p->lock);
}

void poller_remove(struct poller *p, struct poller_source *s)
{
	pthread_mutex_lock(&p->lock);
	while (p->in_use == s)
		pthread_cond_wait(&p->changed, &p->lock);
	list_remove(&s->link);
	timers_remove(&p->timers, &s->timer);
	epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	pthread_mutex_unlock(&p->lock);
}

/* By number, since a removed source may still be among the events of this batch. */
static void source_ready(struct poller *p, int fd)
{
	struct poller_source *found = NULL;

	pthread_mutex_lock(&p->lock);
	list_each(l, &p->sources)
	{
		struct poller_source *s = container_of(l, struct poller_source, link);

		if (s->fd == fd)
			found = s;
	}
	p->in_use = found;
	pthread_mutex_unlock(&p->lock);
	if (found == NULL)
		return;
	found->ready(found);
	pthread_mutex_lock(&p->lock);
	p->in_use = NULL;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* --- the thread -------------------------------------------------------------------- */

/* With the lock held. A timer belongs to a connection or to a paused source. */
static void timer_expired(struct poller *p, struct timer *t)
{
	timers_remove(&p->timers, t);
	list_each(l, &p->sources)
	{
		struct poller_source *s = container_of(l, struct poller_source, link);

		if (&s->timer != t)
			continue;
		if (poll_ctl(p, EPOLL_CTL_ADD, s->fd, EPOLLIN,
		             (uint64_t)KIND_SOURCE << 56 | (uint64_t)s->fd) != 0)
			timers_set(&p->timers, t, clock_mono_ms() + 1000);
		return;
	}
	conn_tell(p, container_of(t, struct conn, timer), CONN_TIMER);
}

/* With the lock held: run what is due; returns how long epoll may wait. */
static int timers_run(struct poller *p)
{
	int64_t now = clock_mono_ms();
	struct timer *t;

	while ((t = timers_first(&p->timers)) != NULL && t->at_ms <= now)
		timer_expired(p, t);
	p->sleeps_until = t != NULL ? t->at_ms : INT64_MAX;
	return t != NULL ? (int)MIN(t->at_ms - now, 24 * 3600 * 1000) : -1;
}

static unsigned events_of(unsigned kind, uint32_t mask)
{
	unsigned events = 0;

	if (kind == KIND_WATCH)
		return CONN_WATCH;
	if (mask & (EPOLLIN | EPOLLRDHUP))
		events |= CONN_INPUT;
	if (mask & EPOLLOUT)
		events |= CONN_OUTPUT;
	/* The peer has closed: there may be bytes to read, and the read will tell. */
	if (mask & (EPOLLHUP | EPOLLERR))
		events |= CONN_INPUT | CONN_HANGUP;
	return events;
}

static void dispatch(struct poller *p, const struct epoll_event *ev)
{
	unsigned kind = (unsigned)(ev->data.u64 >> 56);
	uint32_t slot = (uint32_t)(ev->data.u64 >> 32) & SLOT_MAX;
	struct conn *c;
	uint64_t count;

	if (kind == KIND_POKE) {
		ssize_t n = read(p->poke_fd, &count, sizeof count);

		(void)n;
		return;
	}
	if (kind == KIND_SOURCE) {
		source_ready(p, (int)(uint32_t)ev->data.u64);
		return;
	}
	pthread_mutex_lock(&p->lock);
	c = conn_find(p, slot, (uint32_t)ev->data.u64);
	/* While a worker has it the event is stale: parking will look again. */
	if (c != NULL && c->owner == CONN_OWNER_POLLER) {
		if (kind == KIND_WATCH)
			c->watch_mask = 0;
		conn_tell(p, c, events_of(kind, ev->events));
	}
	pthread_mutex_unlock(&p->lock);
}

static void *poller_main(void *arg)
{
	struct poller *p = arg;
	struct epoll_event events[BATCH];
	bool stop = false;

	while (!stop) {
		int n, timeout_ms;

		pthread_mutex_lock(&p->lock);
		timeout_ms = timers_run(p);
		stop = p->stop;
		pthread_mutex_unlock(&p->lock);
		if (stop)
			break;
		n = epoll_wait(p->epoll_fd, events, BATCH, timeout_ms);
		pthread_mutex_lock(&p->lock);
		p->sleeps_until = 0;
		pthread_mutex_unlock(&p->lock);
		for (int i = 0; i < n; i++)
			dispatch(p, &events[i]);
	}
	return NULL;
}

enum err poller_start(struct poller *p, struct why *why)
{
	pthread_attr_t attr;
	int number = EAGAIN;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (!fault("poller_thread"))
		number = pthread_create(&p->thread, &attr, poller_main, p);
	pthread_attr_destroy(&attr);
	if (number != 0)
		return fail(why, ERR_IO, "cannot start a thread: %s", strerror(number));
	pthread_setname_np(p->thread, "poller");
	p->running = true;
	return OK;
}

void poller_stop(struct poller *p)
{
	if (!p->running)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	poke(p);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->running = false;
}
