/* network/runtime/evict.c: makes room for new connections by closing idle ones without a login.
 *
 * In this order: connections without accepted mail; those of the network with the most connections;
 * then the longest time since the last whole unit, so that peers that send slowly count as idle. A
 * connection that a worker runs, or with a login, is never closed here.
 * that a worker runs, or that has logged in, never ends here. */
#include "foundation/base/clock.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/poller_private.h"
#include "network/runtime/runtime_private.h"

enum {
	BATCH_MAX = 32,     /* closed in one pass, which visits every connection */
	BATCH_PART = 256,   /* and at most this fraction of all */
	ENDING_MAX = 64,    /* descriptors that may still be open above the limit */
	WEIGHT_BITS = 20,   /* of a rank, from the top: trust, weight, age */
	AGE_BITS = 40,
};

struct victim {
	struct conn *c;
	uint64_t rank;
};

/* Higher ranks are closed first; 0: never. */
static uint64_t rank_of(const struct conn *c, const struct place *wanted, int64_t now)
{
	uint64_t weight = MIN(peers_weight(&c->who), (1u << WEIGHT_BITS) - 1);
	uint64_t age = (uint64_t)MAX(now - c->active_ms, 0) + 1;

	if (c->owner != CONN_OWNER_POLLER || c->trust == CONN_TRUST_LOGIN || c->evicted ||
	    !places_would_gain(&c->runtime->places, c->listener->place, wanted))
		return 0;
	return (uint64_t)(c->trust == CONN_TRUST_NONE) << (WEIGHT_BITS + AGE_BITS) |
	       weight << AGE_BITS | MIN(age, ((uint64_t)1 << AGE_BITS) - 1);
}

/* Store the max highest ranks, in order. */
static size_t victim_put(struct victim *best, size_t n, size_t max, struct victim v)
{
	size_t at = n;

	while (at > 0 && best[at - 1].rank < v.rank)
		at--;
	if (at == max)
		return n;
	n = MIN(n + 1, max);
	for (size_t i = n - 1; i > at; i--)
		best[i] = best[i - 1];
	best[at] = v;
	return n;
}

static size_t victims_find(struct poller *p, const struct place *wanted, struct victim *best,
                           size_t max)
{
	int64_t now = clock_mono_ms();
	size_t n = 0;

	list_each(l, &p->conns)
	{
		struct conn *c = container_of(l, struct conn, link);
		struct victim v = { c, rank_of(c, wanted, now) };

		if (v.rank != 0)
			n = victim_put(best, n, max, v);
	}
	return n;
}

static size_t batch_max(const struct runtime *r)
{
	size_t part = MAX(r->places.connections_max / BATCH_PART, 1u);

	return MIN(MIN(part, (size_t)BATCH_MAX), (size_t)(ENDING_MAX - r->ending));
}

/* Their places are free at once; their descriptors shortly after. */
bool runtime_make_room(struct runtime *r, const struct place *wanted)
{
	struct victim best[BATCH_MAX];
	struct poller *p = r->poller;
	struct list ready;
	size_t max = batch_max(r), n = 0;

	list_init(&ready);
	pthread_mutex_lock(&p->lock);
	if (max != 0)
		n = victims_find(p, wanted, best, max);
	for (size_t i = 0; i < n; i++) {
		struct conn *c = best[i].c;

		if (places_have_room(&r->places, wanted) &&
		    !places_would_gain(&r->places, c->listener->place, wanted))
			continue;
		c->evicted = true;
		r->ending++;
		listener_leave(c);
		metric_add(METRIC_connections_evicted, 1);
		poller_notify(p, c, CONN_EVICT, &ready);
	}
	pthread_mutex_unlock(&p->lock);
	pool_push_all(r->pool, &ready);
	return places_have_room(&r->places, wanted);
}
