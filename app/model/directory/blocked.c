/* model/directory/blocked.c: see blocked.h. */
#include "model/directory/blocked.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"

struct entry {
	struct list link;
	struct blocked blocked;
};

static struct entry *entry_of(struct list *l)
{
	return container_of(l, struct entry, link);
}

static void entry_drop(struct blocked_list *l, struct entry *e)
{
	list_remove(&e->link);
	l->count--;
	str_free(&e->blocked.address);
	str_free(&e->blocked.reason);
	str_free(&e->blocked.key);
	mem_free(e);
}

static bool is_same(const struct blocked *a, const struct blocked *b)
{
	return a->network == b->network && str_eq(a->key, b->key);
}

/* Drops the entries with this key, and the expired ones. */
static void blocked_drop(struct blocked_list *l, const struct blocked *same, int64_t now_ms)
{
	list_each_safe(it, &l->entries)
	{
		struct entry *e = entry_of(it);

		if (e->blocked.until_ms <= now_ms || (same != NULL && is_same(&e->blocked, same)))
			entry_drop(l, e);
	}
}

void blocked_init(struct blocked_list *l)
{
	pthread_mutex_init(&l->lock, NULL);
	list_init(&l->entries);
	l->count = 0;
}

void blocked_deinit(struct blocked_list *l)
{
	blocked_clear(l);
	pthread_mutex_destroy(&l->lock);
}

void blocked_put(struct blocked_list *l, const struct blocked *b)
{
	struct entry *e = NEW(struct entry);

	e->blocked = *b;
	e->blocked.address = str_new(b->address);
	e->blocked.reason = str_new(b->reason);
	e->blocked.key = str_new(b->key);
	pthread_mutex_lock(&l->lock);
	blocked_drop(l, b, clock_real_ms());
	if (l->count == BLOCKED_MAX)
		entry_drop(l, entry_of(l->entries.next));
	list_push_back(&l->entries, &e->link);
	l->count++;
	pthread_mutex_unlock(&l->lock);
}

size_t blocked_get(struct blocked_list *l, struct arena *a, struct blocked **out)
{
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	blocked_drop(l, NULL, clock_real_ms());
	*out = arena_array(a, struct blocked, l->count);
	list_each(it, &l->entries)
	{
		struct blocked *b = &(*out)[n++];

		*b = entry_of(it)->blocked;
		b->address = str_dup(a, b->address);
		b->reason = str_dup(a, b->reason);
		b->key = str_dup(a, b->key);
	}
	pthread_mutex_unlock(&l->lock);
	return n;
}

void blocked_remove(struct blocked_list *l, const struct blocked *b)
{
	pthread_mutex_lock(&l->lock);
	blocked_drop(l, b, clock_real_ms());
	pthread_mutex_unlock(&l->lock);
}

void blocked_clear(struct blocked_list *l)
{
	pthread_mutex_lock(&l->lock);
	while (!list_empty(&l->entries))
		entry_drop(l, entry_of(l->entries.next));
	pthread_mutex_unlock(&l->lock);
}
