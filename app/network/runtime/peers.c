/* network/runtime/peers.c: see peers.h. */
#include "network/runtime/peers.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

#include <string.h>

enum { SITE_BYTES = 6 };

struct peer_network {
	atomic_uint count; /* written with the lock held */
	char key[ADDR_NETWORK_KEY_MAX];
	size_t key_bytes;
};

void peers_init(struct peers *p)
{
	pthread_mutex_init(&p->lock, NULL);
	p->networks = (struct map){ 0 };
}

void peers_deinit(struct peers *p)
{
	assert(p->networks.count == 0);
	map_deinit(&p->networks);
	pthread_mutex_destroy(&p->lock);
}

/* --- with the lock held ----------------------------------------------------- */

static struct peer_network *network_get(struct peers *p, struct str key)
{
	struct peer_network *n = map_get(&p->networks, key);

	if (n != NULL)
		return n;
	n = NEW(struct peer_network);
	memcpy(n->key, key.p, key.n);
	n->key_bytes = key.n;
	map_put(&p->networks, key, n);
	return n;
}

static void network_free_unused(struct peers *p, struct peer_network *n)
{
	if (n == NULL || n->count != 0)
		return;
	map_remove(&p->networks, str_from(n->key, n->key_bytes));
	mem_free(n);
}

static bool network_full(const struct peer_network *n, uint64_t max)
{
	return n != NULL && max != 0 && n->count >= max;
}

/* ---------------------------------------------------------------------------- */

bool peers_enter(struct peers *p, const struct addr *a, unsigned max, struct peer *out)
{
	char bytes[ADDR_NETWORK_KEY_MAX];
	struct str key = addr_network_key(a, bytes);
	struct peer who = { 0 };
	bool full;

	pthread_mutex_lock(&p->lock);
	who.network = network_get(p, key);
	if (a->family == ADDR_V6) /* its key is shorter than any other */
		who.site = network_get(p, str_sub(key, 0, 1 + SITE_BYTES));
	full = network_full(who.network, max) ||
	       network_full(who.site, (uint64_t)max * LIMIT_conn_site_factor);
	if (full) {
		network_free_unused(p, who.network);
		network_free_unused(p, who.site);
	} else {
		who.network->count++;
		if (who.site != NULL)
			who.site->count++;
		*out = who;
	}
	pthread_mutex_unlock(&p->lock);
	return !full;
}

void peers_leave(struct peers *p, struct peer *who)
{
	if (who->network == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	assert(who->network->count != 0);
	who->network->count--;
	network_free_unused(p, who->network);
	if (who->site != NULL)
		who->site->count--;
	network_free_unused(p, who->site);
	pthread_mutex_unlock(&p->lock);
	*who = (struct peer){ 0 };
}

unsigned peers_weight(const struct peer *who)
{
	unsigned network = who->network != NULL ? who->network->count : 0;
	unsigned site = who->site != NULL ? who->site->count / LIMIT_conn_site_factor : 0;

	return MAX(network, site);
}
