/* policy/turns.c: see turns.h. */
#include "policy/turns.h"

#include "base/mem.h"
#include "config/limits.h"
#include "policy/network.h"

struct turns_network {
	unsigned begun;
	struct list line; /* struct turn */
};

void turns_init(struct turns *t)
{
	*t = (struct turns){ 0 };
	pthread_mutex_init(&t->lock, NULL);
}

void turns_deinit(struct turns *t)
{
	assert(t->networks.count == 0);
	map_deinit(&t->networks);
	pthread_mutex_destroy(&t->lock);
}

/* Under the lock. */
static struct turns_network *network_of(struct turns *t, struct str name)
{
	struct turns_network *n = map_get(&t->networks, name);

	if (n != NULL)
		return n;
	n = NEW(struct turns_network);
	list_init(&n->line);
	map_put(&t->networks, name, n);
	return n;
}

bool turns_take(struct turns *t, struct turn *turn, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];
	struct turns_network *n;

	turn->peer = *peer;
	pthread_mutex_lock(&t->lock);
	n = network_of(t, peer_network(peer, text));
	turn->waits = n->begun >= LIMIT_policy_per_network;
	if (turn->waits)
		list_push_back(&n->line, &turn->link);
	else
		n->begun++;
	pthread_mutex_unlock(&t->lock);
	return !turn->waits;
}

struct turn *turns_give(struct turns *t, struct turn *turn)
{
	char text[ADDR_TEXT_MAX];
	struct str name = peer_network(&turn->peer, text);
	struct turn *next = NULL;
	struct turns_network *n;
	struct list *first;

	pthread_mutex_lock(&t->lock);
	n = map_get(&t->networks, name);
	assert(n != NULL && n->begun != 0);
	first = list_pop_front(&n->line);
	if (first != NULL) {
		next = container_of(first, struct turn, link);
		next->waits = false;
	} else if (--n->begun == 0) {
		map_remove(&t->networks, name);
		mem_free(n);
	}
	pthread_mutex_unlock(&t->lock);
	return next;
}

bool turns_leave(struct turns *t, struct turn *turn)
{
	bool waited;

	pthread_mutex_lock(&t->lock);
	waited = turn->waits;
	if (waited)
		list_remove(&turn->link);
	turn->waits = false;
	pthread_mutex_unlock(&t->lock);
	return waited;
}
