/* flow/policy/turns.c: see turns.h. */
#include "flow/policy/turns.h"

#include "flow/policy/network.h"
#include "foundation/base/mem.h"

struct turns_site {
	struct list link; /* in waiting, while hosts has any            */
	unsigned begun;
	struct list hosts; /* with somebody in line, the next one first */
};

struct turns_host {
	struct list link;
	struct list line; /* struct turn */
};

void turns_init(struct turns *t, unsigned most, unsigned share)
{
	*t = (struct turns){ .most = most, .share = share };
	pthread_mutex_init(&t->lock, NULL);
	list_init(&t->waiting);
}

void turns_deinit(struct turns *t)
{
	assert(t->sites.count == 0 && t->hosts.count == 0 && t->begun == 0);
	map_deinit(&t->sites);
	map_deinit(&t->hosts);
	pthread_mutex_destroy(&t->lock);
}

/* --- all of these under the lock ------------------------------------------------------------- */

static struct turns_site *site_of(struct turns *t, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_site(peer, text);
	struct turns_site *s = map_get(&t->sites, name);

	if (s != NULL)
		return s;
	s = NEW(struct turns_site);
	list_init(&s->link);
	list_init(&s->hosts);
	map_put(&t->sites, name, s);
	return s;
}

static struct turns_host *host_of(struct turns *t, struct turns_site *s, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_host(peer, text);
	struct turns_host *h = map_get(&t->hosts, name);

	if (h != NULL)
		return h;
	h = NEW(struct turns_host);
	list_init(&h->line);
	list_push_back(&s->hosts, &h->link);
	map_put(&t->hosts, name, h);
	return h;
}

static bool may_begin(const struct turns *t, const struct turns_site *s)
{
	unsigned room = t->most - t->begun;

	return room != 0 && s->begun < MAX(room / t->share, 1U);
}

static void begin(struct turns *t, struct turns_site *s)
{
	s->begun++;
	t->begun++;
}

static void wait_in_line(struct turns *t, struct turns_site *s, struct turn *turn)
{
	list_push_back(&host_of(t, s, &turn->peer)->line, &turn->link);
	if (list_empty(&s->link))
		list_push_back(&t->waiting, &s->link);
}

/* The line of a host of s, of which turn was one, is shorter by it: who is without goes. */
static void line_shorter(struct turns *t, struct turns_site *s, const struct turn *turn)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_host(&turn->peer, text);
	struct turns_host *h = map_get(&t->hosts, name);

	if (list_empty(&h->line)) {
		list_remove(&h->link);
		map_remove(&t->hosts, name);
		mem_free(h);
	}
	if (list_empty(&s->hosts))
		list_remove(&s->link);
}

static void site_end(struct turns *t, struct turns_site *s, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];

	if (s->begun != 0 || !list_empty(&s->hosts))
		return;
	map_remove(&t->sites, peer_site(peer, text));
	mem_free(s);
}

/* The next of s, which then is behind the other sites, as its host is behind the other hosts. */
static struct turn *next_of(struct turns *t, struct turns_site *s)
{
	struct turns_host *h = container_of(s->hosts.next, struct turns_host, link);
	struct turn *turn = container_of(list_pop_front(&h->line), struct turn, link);

	list_remove(&h->link);
	list_push_back(&s->hosts, &h->link);
	list_remove(&s->link);
	list_push_back(&t->waiting, &s->link);
	turn->waits = false;
	begin(t, s);
	line_shorter(t, s, turn);
	return turn;
}

/* Those that are passed over hold threads, so there are no more of them than of these. */
static struct turns_site *next_site(const struct turns *t)
{
	list_each(it, &t->waiting)
	{
		struct turns_site *s = container_of(it, struct turns_site, link);

		if (may_begin(t, s))
			return s;
	}
	return NULL;
}

/* --- for runs -------------------------------------------------------------------------------- */

bool turns_take(struct turns *t, struct turn *turn, const struct addr *peer)
{
	struct turns_site *s;
	bool begins;

	turn->peer = *peer;
	pthread_mutex_lock(&t->lock);
	s = site_of(t, peer);
	begins = may_begin(t, s);
	turn->waits = !begins;
	if (begins)
		begin(t, s);
	else
		wait_in_line(t, s, turn);
	pthread_mutex_unlock(&t->lock);
	return begins;
}

void turns_give(struct turns *t, struct turn *turn, struct list *next)
{
	struct turns_site *s;

	pthread_mutex_lock(&t->lock);
	s = site_of(t, &turn->peer);
	assert(s->begun != 0);
	s->begun--;
	t->begun--;
	for (struct turns_site *n = next_site(t); n != NULL; n = next_site(t))
		list_push_back(next, &next_of(t, n)->link);
	site_end(t, s, &turn->peer);
	pthread_mutex_unlock(&t->lock);
}

bool turns_leave(struct turns *t, struct turn *turn)
{
	struct turns_site *s;
	bool waited;

	pthread_mutex_lock(&t->lock);
	waited = turn->waits;
	if (waited) {
		s = site_of(t, &turn->peer);
		list_remove(&turn->link);
		line_shorter(t, s, turn);
		site_end(t, s, &turn->peer);
	}
	turn->waits = false;
	pthread_mutex_unlock(&t->lock);
	return waited;
}

bool turns_waits(struct turns *t, const struct turn *turn)
{
	bool waits;

	pthread_mutex_lock(&t->lock);
	waits = turn->waits;
	pthread_mutex_unlock(&t->lock);
	return waits;
}
