/* net/peers.c: how many connections each network has; see runtime_private.h. */
#include "net/runtime_private.h"

void peers_init(struct peers *p)
{
	pthread_mutex_init(&p->lock, NULL);
	p->by_network = (struct map){ 0 };
}

void peers_deinit(struct peers *p)
{
	map_deinit(&p->by_network);
	pthread_mutex_destroy(&p->lock);
}

bool peers_enter(struct peers *p, const struct addr *peer, unsigned max)
{
	char bytes[ADDR_NETWORK_KEY_MAX];
	struct str key = addr_network_key(peer, bytes);
	uintptr_t count;

	pthread_mutex_lock(&p->lock);
	count = (uintptr_t)map_get(&p->by_network, key);
	if (count < max)
		map_put(&p->by_network, key, (void *)(count + 1));
	pthread_mutex_unlock(&p->lock);
	return count < max;
}

void peers_leave(struct peers *p, const struct addr *peer)
{
	char bytes[ADDR_NETWORK_KEY_MAX];
	struct str key = addr_network_key(peer, bytes);
	uintptr_t count;

	pthread_mutex_lock(&p->lock);
	count = (uintptr_t)map_get(&p->by_network, key);
	assert(count != 0);
	if (count == 1)
		map_remove(&p->by_network, key);
	else
		map_put(&p->by_network, key, (void *)(count - 1));
	pthread_mutex_unlock(&p->lock);
}
