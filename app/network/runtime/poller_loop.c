/* network/runtime/poller_loop.c: the poller's thread: events, timers, listeners; see poller.h. */
#include "network/runtime/poller_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 128, STACK_BYTES = 256 * 1024 };

/* --- sources ---------------------------------------------------------------- */

enum err poller_add(struct poller *p, struct poller_source *s, struct why *why)
{
	uint64_t tag = poller_tag(POLLER_KIND_SOURCE, 0, (uint32_t)s->fd);

	pthread_mutex_lock(&p->lock);
	list_push_back(&p->sources, &s->link);
	pthread_mutex_unlock(&p->lock);
	if (poller_ctl(p, EPOLL_CTL_ADD, s->fd, EPOLLIN, tag) == 0)
		return OK;

	enum err e = fail_errno(why, "cannot watch a listener");

	poller_remove(p, s);
	return e;
}

void poller_pause(struct poller *p, struct poller_source *s, int64_t ms)
{
	epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	pthread_mutex_lock(&p->lock);
	poller_timer_set(p, &s->timer, clock_mono_ms() + ms);
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

/* --- the thread ------------------------------------------------------------- */

/* With the lock held. A timer belongs to a connection or to a paused source. */
static void timer_expired(struct poller *p, struct timer *t, struct list *ready)
{
	timers_remove(&p->timers, t);
	list_each(l, &p->sources)
	{
		struct poller_source *s = container_of(l, struct poller_source, link);

		if (&s->timer != t)
			continue;
		if (poller_ctl(p, EPOLL_CTL_ADD, s->fd, EPOLLIN,
		               poller_tag(POLLER_KIND_SOURCE, 0, (uint32_t)s->fd)) != 0)
			timers_set(&p->timers, t, clock_mono_ms() + 1000);
		return;
	}
	poller_notify(p, container_of(t, struct conn, timer), CONN_TIMER, ready);
}

/* With the lock held: process due timers; returns how long epoll may wait. */
static int timers_run(struct poller *p, struct list *ready)
{
	int64_t now = clock_mono_ms();
	struct timer *t;

	while ((t = timers_first(&p->timers)) != NULL && t->at_ms <= now)
		timer_expired(p, t, ready);
	p->sleeps_until = t != NULL ? t->at_ms : INT64_MAX;
	return t != NULL ? (int)MIN(t->at_ms - now, 24 * 3600 * 1000) : -1;
}

static unsigned events_of(unsigned kind, uint32_t mask)
{
	unsigned events = 0;

	if (kind == POLLER_KIND_WATCH)
		return CONN_WATCH;
	if (mask & (EPOLLIN | EPOLLRDHUP))
		events |= CONN_INPUT;
	if (mask & EPOLLOUT)
		events |= CONN_OUTPUT;
	/* The peer has closed: there may be bytes to read, and the read returns the end. */
	if (mask & (EPOLLHUP | EPOLLERR))
		events |= CONN_INPUT | CONN_HANGUP;
	return events;
}

/* With the lock held. */
static void conn_event(struct poller *p, const struct epoll_event *ev, struct list *ready)
{
	unsigned kind = poller_tag_kind(ev->data.u64);
	struct conn *c = poller_find(p, (uint32_t)(ev->data.u64 >> 32) & POLLER_SLOT_MAX,
	                             (uint32_t)ev->data.u64);

	/* While a worker has it the event is stale: parking checks again. */
	if (c == NULL || c->owner != CONN_OWNER_POLLER)
		return;
	if (kind == POLLER_KIND_WATCH)
		c->watch_mask = 0;
	poller_notify(p, c, events_of(kind, ev->events), ready);
}

static void other_event(struct poller *p, const struct epoll_event *ev)
{
	uint64_t count;

	if (poller_tag_kind(ev->data.u64) == POLLER_KIND_SOURCE)
		source_ready(p, (int)(uint32_t)ev->data.u64);
	else if (read(p->poke_fd, &count, sizeof count) < 0)
		(void)0; /* poked twice */
}

static bool of_conn(const struct epoll_event *ev)
{
	return poller_tag_kind(ev->data.u64) >= POLLER_KIND_CONN;
}

/* Connections first, all under one lock: the workers take the same lock when they wake. */
static void dispatch(struct poller *p, const struct epoll_event *events, int n)
{
	struct list ready;

	list_init(&ready);
	pthread_mutex_lock(&p->lock);
	p->sleeps_until = 0;
	for (int i = 0; i < n; i++)
		if (of_conn(&events[i]))
			conn_event(p, &events[i], &ready);
	pthread_mutex_unlock(&p->lock);
	pool_push_all(p->pool, &ready);
	for (int i = 0; i < n; i++)
		if (!of_conn(&events[i]))
			other_event(p, &events[i]);
}

static void *poller_main(void *arg)
{
	struct poller *p = arg;
	struct epoll_event events[BATCH];
	struct list ready;

	pthread_setname_np(pthread_self(), "poller");
	list_init(&ready);
	for (;;) {
		int timeout_ms;
		bool stop;

		pthread_mutex_lock(&p->lock);
		timeout_ms = timers_run(p, &ready);
		stop = p->stop;
		pthread_mutex_unlock(&p->lock);
		pool_push_all(p->pool, &ready);
		if (stop)
			return NULL;
		dispatch(p, events, epoll_wait(p->epoll_fd, events, BATCH, timeout_ms));
	}
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
	p->running = true;
	return OK;
}

void poller_stop(struct poller *p)
{
	if (!p->running)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	poller_poke(p);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->running = false;
}
