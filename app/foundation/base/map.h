/* foundation/base/map.h: a hash table from byte strings to pointers.
 *
 * Keys are copied; values are not owned. Keys may come from peers, so the hash is keyed
 * with a random seed per table. Not thread-safe: the owner has the lock. */
#ifndef BASE_MAP_H
#define BASE_MAP_H
#include "foundation/base/str.h"

struct map_entry;

struct map {
	struct map_entry **slots;
	size_t slot_count; /* a power of two, 0 while empty */
	size_t count;
	uint64_t seed;
};

/* An all-zero struct map is a valid empty one. */
void map_deinit(struct map *m);

/* NULL when absent. */
void *map_get(const struct map *m, struct str key);
/* Insert or replace; returns the replaced value or NULL. value must not be NULL. */
void *map_put(struct map *m, struct str key, void *value);
/* Remove; returns the value or NULL. */
void *map_remove(struct map *m, struct str key);

/* Visit every entry, in no particular order. The visitor frees the value and returns false to
 * remove the entry that it was passed; it must not change the map otherwise. */
void map_filter(struct map *m, bool (*keep)(struct str key, void *value, void *arg), void *arg);

#endif
