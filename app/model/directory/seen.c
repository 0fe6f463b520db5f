/* model/directory/seen.c: see seen.h. All entries have the same lifetime, so the order of the last
 * put is also the order in which they expire. */
#include "model/directory/seen.h"

#include "foundation/base/clock.h"
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"

#include <pthread.h>

struct entry {
	struct list link;
	int64_t put_ms;
	struct str key;
};

struct seen {
	size_t capacity;
	int64_t life_ms;
	pthread_mutex_t lock;
	struct map entries; /* lock */
	struct list order;  /* lock; oldest first */
};

struct seen *seen_new(size_t capacity, int64_t life_ms)
{
	struct seen *s = NEW(struct seen);

	assert(capacity != 0);
	s->capacity = capacity;
	s->life_ms = life_ms;
	pthread_mutex_init(&s->lock, NULL);
	list_init(&s->order);
	return s;
}

static void entry_drop(struct seen *s, struct entry *e)
{
	map_remove(&s->entries, e->key);
	list_remove(&e->link);
	str_free(&e->key);
	mem_free(e);
}

static void oldest_drop(struct seen *s)
{
	entry_drop(s, container_of(s->order.next, struct entry, link));
}

static void expired_drop(struct seen *s, int64_t now_ms)
{
	while (!list_empty(&s->order) &&
	       now_ms - container_of(s->order.next, struct entry, link)->put_ms >= s->life_ms)
		oldest_drop(s);
}

void seen_free(struct seen **s)
{
	if (*s == NULL)
		return;
	while (!list_empty(&(*s)->order))
		oldest_drop(*s);
	map_deinit(&(*s)->entries);
	pthread_mutex_destroy(&(*s)->lock);
	mem_clear(s);
}

/* Under the lock; key is not there. */
static void seen_entry_add(struct seen *s, struct str key)
{
	struct entry *e = NEW(struct entry);

	if (s->entries.count == s->capacity)
		oldest_drop(s);
	e->put_ms = clock_mono_ms();
	e->key = str_new(key);
	map_put(&s->entries, e->key, e);
	list_push_back(&s->order, &e->link);
}

void seen_put(struct seen *s, struct str key)
{
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = map_get(&s->entries, key);
	if (e != NULL)
		entry_drop(s, e);
	seen_entry_add(s, key);
	pthread_mutex_unlock(&s->lock);
}

bool seen_add(struct seen *s, struct str key)
{
	bool fresh;

	pthread_mutex_lock(&s->lock);
	expired_drop(s, clock_mono_ms());
	fresh = map_get(&s->entries, key) == NULL;
	if (fresh)
		seen_entry_add(s, key);
	pthread_mutex_unlock(&s->lock);
	return fresh;
}

bool seen_has(struct seen *s, struct str key)
{
	bool has;

	pthread_mutex_lock(&s->lock);
	expired_drop(s, clock_mono_ms());
	has = map_get(&s->entries, key) != NULL;
	pthread_mutex_unlock(&s->lock);
	return has;
}
