/* network/dnssec/cache.c: see cache.h. */
#include "network/dnssec/cache.h"

#include "foundation/base/arena.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/base/sparse.h"

#include <pthread.h>

struct entry {
	struct str name; /* empty: not used */
	struct dnssec_node node;
	struct arena arena; /* of the fields above */
};

struct dnssec_cache {
	pthread_mutex_t lock;
	struct map names; /* lock: to entries     */
	struct entry *ring; /* lock               */
	size_t count, next; /* lock: next to be used */
};

struct dnssec_cache *dnssec_cache_new(size_t names_max)
{
	struct dnssec_cache *c = NEW(struct dnssec_cache);

	assert(names_max != 0);
	pthread_mutex_init(&c->lock, NULL);
	c->ring = sparse_new(names_max * sizeof *c->ring);
	c->count = names_max;
	return c;
}

static void entry_clear(struct dnssec_cache *c, struct entry *e)
{
	if (e->name.n != 0)
		map_remove(&c->names, e->name);
	arena_deinit(&e->arena);
	*e = (struct entry){ 0 };
}

void dnssec_cache_free(struct dnssec_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		entry_clear(c, &c->ring[i]);
	map_deinit(&c->names);
	pthread_mutex_destroy(&c->lock);
	mem_free(c->ring);
	mem_free(c);
}

static void node_copy(const struct dnssec_node *from, struct arena *a, struct dnssec_node *to)
{
	*to = *from;
	to->keys = arena_array(a, struct dnssec_key, from->key_count);
	for (size_t i = 0; i < from->key_count; i++) {
		bool same = dnssec_key_parse(str_dup(a, from->keys[i].data), &to->keys[i]);

		assert(same);
		(void)same;
	}
}

bool dnssec_cache_get(struct dnssec_cache *c, struct str name, int64_t now_s, struct arena *a,
                      struct dnssec_node *out)
{
	struct entry *e;
	bool found;

	pthread_mutex_lock(&c->lock);
	e = map_get(&c->names, name);
	found = e != NULL && now_s < e->node.until_s;
	if (found)
		node_copy(&e->node, a, out);
	pthread_mutex_unlock(&c->lock);
	return found;
}

void dnssec_cache_put(struct dnssec_cache *c, struct str name, const struct dnssec_node *node)
{
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	e = map_get(&c->names, name);
	if (e == NULL) {
		e = &c->ring[c->next];
		c->next = (c->next + 1) % c->count;
	}
	entry_clear(c, e);
	e->name = str_dup(&e->arena, name);
	node_copy(node, &e->arena, &e->node);
	map_put(&c->names, e->name, e);
	pthread_mutex_unlock(&c->lock);
}

size_t dnssec_cache_count(struct dnssec_cache *c)
{
	size_t n;

	pthread_mutex_lock(&c->lock);
	n = c->names.count;
	pthread_mutex_unlock(&c->lock);
	return n;
}
