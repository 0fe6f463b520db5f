/* flow/policy/slots.c: see slots.h. */
#include "flow/policy/slots.h"

#include "flow/policy/network.h"
#include "foundation/base/mem.h"

struct slots_site {
	struct list link; /* in waiting, while hosts is not empty       */
	unsigned begun;
	struct list hosts; /* with a waiting run, the next one first */
};

struct slots_host {
	struct list link;
	struct list line; /* struct slot */
};

void slots_init(struct slots *t, unsigned most, unsigned share)
{
	*t = (struct slots){ .most = most, .share = share };
	pthread_mutex_init(&t->lock, NULL);
	list_init(&t->waiting);
}

void slots_deinit(struct slots *t)
{
	assert(t->sites.count == 0 && t->hosts.count == 0 && t->begun == 0);
	map_deinit(&t->sites);
	map_deinit(&t->hosts);
	pthread_mutex_destroy(&t->lock);
}

/* --- all of these under the lock ------------------------------------------------------------- */

static struct slots_site *site_of(struct slots *t, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_site(peer, text);
	struct slots_site *s = map_get(&t->sites, name);

	if (s != NULL)
		return s;
	s = NEW(struct slots_site);
	list_init(&s->link);
	list_init(&s->hosts);
	map_put(&t->sites, name, s);
	return s;
}

static struct slots_host *host_of(struct slots *t, struct slots_site *s, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_host(peer, text);
	struct slots_host *h = map_get(&t->hosts, name);

	if (h != NULL)
		return h;
	h = NEW(struct slots_host);
	list_init(&h->line);
	list_push_back(&s->hosts, &h->link);
	map_put(&t->hosts, name, h);
	return h;
}

static bool may_begin(const struct slots *t, const struct slots_site *s)
{
	unsigned room = t->most - t->begun;

	return room != 0 && s->begun < MAX(room / t->share, 1U);
}

static void slots_begin(struct slots *t, struct slots_site *s)
{
	s->begun++;
	t->begun++;
}

static void wait_in_line(struct slots *t, struct slots_site *s, struct slot *slot)
{
	list_push_back(&host_of(t, s, &slot->peer)->line, &slot->link);
	if (list_empty(&s->link))
		list_push_back(&t->waiting, &s->link);
}

/* slot has left the queue of its host in s: remove the host if its queue is empty. */
static void line_shorter(struct slots *t, struct slots_site *s, const struct slot *slot)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_host(&slot->peer, text);
	struct slots_host *h = map_get(&t->hosts, name);

	if (list_empty(&h->line)) {
		list_remove(&h->link);
		map_remove(&t->hosts, name);
		mem_free(h);
	}
	if (list_empty(&s->hosts))
		list_remove(&s->link);
}

static void site_end(struct slots *t, struct slots_site *s, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];

	if (s->begun != 0 || !list_empty(&s->hosts))
		return;
	map_remove(&t->sites, peer_site(peer, text));
	mem_free(s);
}

/* The next run of s. s moves behind the other sites, and the host behind the other
 * hosts. */
static struct slot *next_of(struct slots *t, struct slots_site *s)
{
	struct slots_host *h = container_of(s->hosts.next, struct slots_host, link);
	struct slot *slot = container_of(list_pop_front(&h->line), struct slot, link);

	list_remove(&h->link);
	list_push_back(&s->hosts, &h->link);
	list_remove(&s->link);
	list_push_back(&t->waiting, &s->link);
	slot->waits = false;
	slots_begin(t, s);
	line_shorter(t, s, slot);
	return slot;
}

/* Skipped sites hold threads, so there are at most as many of them as threads. */
static struct slots_site *next_site(const struct slots *t)
{
	list_each(it, &t->waiting)
	{
		struct slots_site *s = container_of(it, struct slots_site, link);

		if (may_begin(t, s))
			return s;
	}
	return NULL;
}

/* --- for runs -------------------------------------------------------------------------------- */

bool slots_take(struct slots *t, struct slot *slot, const struct addr *peer)
{
	struct slots_site *s;
	bool begins;

	slot->peer = *peer;
	pthread_mutex_lock(&t->lock);
	s = site_of(t, peer);
	begins = may_begin(t, s);
	slot->waits = !begins;
	if (begins)
		slots_begin(t, s);
	else
		wait_in_line(t, s, slot);
	pthread_mutex_unlock(&t->lock);
	return begins;
}

void slots_give(struct slots *t, struct slot *slot, struct list *next)
{
	struct slots_site *s;

	pthread_mutex_lock(&t->lock);
	s = site_of(t, &slot->peer);
	assert(s->begun != 0);
	s->begun--;
	t->begun--;
	for (struct slots_site *n = next_site(t); n != NULL; n = next_site(t))
		list_push_back(next, &next_of(t, n)->link);
	site_end(t, s, &slot->peer);
	pthread_mutex_unlock(&t->lock);
}

bool slots_leave(struct slots *t, struct slot *slot)
{
	struct slots_site *s;
	bool waited;

	pthread_mutex_lock(&t->lock);
	waited = slot->waits;
	if (waited) {
		s = site_of(t, &slot->peer);
		list_remove(&slot->link);
		line_shorter(t, s, slot);
		site_end(t, s, &slot->peer);
	}
	slot->waits = false;
	pthread_mutex_unlock(&t->lock);
	return waited;
}

bool slots_waits(struct slots *t, const struct slot *slot)
{
	bool waits;

	pthread_mutex_lock(&t->lock);
	waits = slot->waits;
	pthread_mutex_unlock(&t->lock);
	return waits;
}
