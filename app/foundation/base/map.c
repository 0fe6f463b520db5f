/* foundation/base/map.c: see map.h. Chained, doubled when full. */
#include "foundation/base/map.h"

#include "foundation/base/mem.h"
#include "foundation/base/random.h"

#include <string.h>

enum { MAP_FIRST = 16 };

struct map_entry {
	struct map_entry *next;
	uint64_t hash;
	void *value;
	size_t key_n;
	char key[];
};

static uint64_t rotate(uint64_t n, unsigned bits)
{
	return n << bits | n >> (64 - bits);
}

/* Eight bytes at a time; each word is mixed with the seed before it enters the state, so that a
 * peer that does not have the seed cannot choose colliding keys. Only 64-bit products: not every
 * machine has wider ones. */
static uint64_t hash_key(uint64_t seed, struct str key)
{
	const uint64_t a = 0x9e3779b97f4a7c15u, b = 0xd6e8feb86659fd93u;
	uint64_t h = seed ^ key.n * a;

	while (key.n != 0) {
		uint64_t word = 0;
		size_t n = MIN(key.n, sizeof word);

		memcpy(&word, key.p, n);
		word = rotate((word ^ seed) * a, 31) * b;
		h = rotate(h ^ word, 27) * a + seed;
		key = str_sub(key, n, key.n);
	}
	h = (h ^ h >> 32) * b;
	h = (h ^ h >> 29) * a;
	return h ^ h >> 32;
}

static struct map_entry **slot_find(const struct map *m, uint64_t hash, struct str key)
{
	struct map_entry **at = &m->slots[hash & (m->slot_count - 1)];

	while (*at != NULL &&
	       ((*at)->hash != hash || !str_eq(str_from((*at)->key, (*at)->key_n), key)))
		at = &(*at)->next;
	return at;
}

static void map_grow(struct map *m)
{
	size_t old_count = m->slot_count;
	struct map_entry **old = m->slots;

	if (m->seed == 0)
		m->seed = random_u64() | 1;
	m->slot_count = old_count != 0 ? old_count * 2 : MAP_FIRST;
	m->slots = mem_new(m->slot_count * sizeof(struct map_entry *));
	for (size_t i = 0; i < old_count; i++) {
		while (old[i] != NULL) {
			struct map_entry *e = old[i];
			struct map_entry **to = &m->slots[e->hash & (m->slot_count - 1)];

			old[i] = e->next;
			e->next = *to;
			*to = e;
		}
	}
	mem_free(old);
}

void *map_get(const struct map *m, struct str key)
{
	struct map_entry *e;

	if (m->count == 0)
		return NULL;
	e = *slot_find(m, hash_key(m->seed, key), key);
	return e != NULL ? e->value : NULL;
}

void *map_put(struct map *m, struct str key, void *value)
{
	struct map_entry **at, *e;
	uint64_t hash;

	assert(value != NULL);
	if (m->count >= m->slot_count)
		map_grow(m);
	hash = hash_key(m->seed, key);
	at = slot_find(m, hash, key);
	if (*at != NULL) {
		void *old = (*at)->value;

		(*at)->value = value;
		return old;
	}
	e = mem_new(sizeof *e + key.n);
	e->hash = hash;
	e->value = value;
	e->key_n = key.n;
	if (key.n != 0)
		memcpy(e->key, key.p, key.n);
	*at = e;
	m->count++;
	return NULL;
}

static void *entry_remove(struct map *m, struct map_entry **at)
{
	struct map_entry *e = *at;
	void *value = e->value;

	*at = e->next;
	mem_free(e);
	m->count--;
	return value;
}

void *map_remove(struct map *m, struct str key)
{
	struct map_entry **at;

	if (m->count == 0)
		return NULL;
	at = slot_find(m, hash_key(m->seed, key), key);
	return *at != NULL ? entry_remove(m, at) : NULL;
}

void map_filter(struct map *m, bool (*keep)(struct str key, void *value, void *arg), void *arg)
{
	for (size_t i = 0; i < m->slot_count; i++) {
		struct map_entry **at = &m->slots[i];

		while (*at != NULL) {
			struct str key = str_from((*at)->key, (*at)->key_n);

			if (keep(key, (*at)->value, arg))
				at = &(*at)->next;
			else
				entry_remove(m, at);
		}
	}
}

static bool drop_all(struct str key, void *value, void *arg)
{
	(void)key, (void)value, (void)arg;
	return false;
}

void map_deinit(struct map *m)
{
	map_filter(m, drop_all, NULL);
	mem_free(m->slots);
	*m = (struct map){ 0 };
}
