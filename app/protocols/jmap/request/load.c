/* protocols/jmap/request/load.c: see load.h. */
#include "protocols/jmap/request/load.h"

#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

#include <pthread.h>

/* The counters of an account; they exist only while something runs. */
struct load_entry {
	unsigned running[LOAD_KINDS];
};

struct jmap_load {
	pthread_mutex_t lock;
	struct map entries; /* lock: struct load_entry by account */
};

static const unsigned load_max[LOAD_KINDS] = {
	[LOAD_REQUEST] = LIMIT_jmap_requests,
	[LOAD_UPLOAD] = LIMIT_jmap_uploads,
	[LOAD_STREAM] = LIMIT_jmap_streams,
};

struct jmap_load *jmap_load_new(void)
{
	struct jmap_load *l = NEW(struct jmap_load);

	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void jmap_load_free(struct jmap_load **l)
{
	if (*l == NULL)
		return;
	assert((*l)->entries.count == 0);
	map_deinit(&(*l)->entries);
	pthread_mutex_destroy(&(*l)->lock);
	mem_clear(l);
}

bool jmap_load_begin(struct jmap_load *l, uint32_t account, enum jmap_load_kind kind)
{
	struct str key = str_from((const char *)&account, sizeof account);
	struct load_entry *x;
	bool ok;

	pthread_mutex_lock(&l->lock);
	x = map_get(&l->entries, key);
	if (x == NULL)
		map_put(&l->entries, key, x = NEW(struct load_entry));
	ok = x->running[kind] < load_max[kind];
	x->running[kind] += ok;
	pthread_mutex_unlock(&l->lock);
	return ok;
}

void jmap_load_end(struct jmap_load *l, uint32_t account, enum jmap_load_kind kind)
{
	struct str key = str_from((const char *)&account, sizeof account);
	struct load_entry *x;
	unsigned left = 0;

	pthread_mutex_lock(&l->lock);
	x = map_get(&l->entries, key);
	assert(x != NULL && x->running[kind] > 0);
	x->running[kind]--;
	for (unsigned i = 0; i < LOAD_KINDS; i++)
		left += x->running[i];
	if (left == 0)
		mem_free(map_remove(&l->entries, key));
	pthread_mutex_unlock(&l->lock);
}
