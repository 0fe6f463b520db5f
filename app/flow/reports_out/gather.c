/* flow/reports_out/gather.c: see gather.h. */
#include "flow/reports_out/gather.h"

#include "flow/reports_out/row.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"

#include <pthread.h>

/* A longer record would need too much memory, once for each kind of message. */
enum { DOMAIN_MAX = 253, RECORD_MAX = 4096 };

struct out_gather {
	pthread_mutex_t lock;
	struct out_gathering *now; /* lock; NULL: nothing */
	size_t max;
};

struct out_gather *out_gather_new(size_t max)
{
	struct out_gather *g = NEW(struct out_gather);

	pthread_mutex_init(&g->lock, NULL);
	g->max = max;
	return g;
}

void out_gathering_free(struct out_gathering **g)
{
	if (*g == NULL)
		return;
	map_deinit(&(*g)->map);
	arena_deinit(&(*g)->arena);
	mem_clear(g);
}

void out_gather_free(struct out_gather **g)
{
	if (*g == NULL)
		return;
	out_gathering_free(&(*g)->now);
	pthread_mutex_destroy(&(*g)->lock);
	mem_clear(g);
}

/* --- gathering ------------------------------------------------------------------------------ */

bool out_gathered_begin(struct str domain, struct str record, int64_t now_ms,
                        struct out_gathered *out)
{
	*out = (struct out_gathered){ .day = (uint32_t)(MAX(now_ms, 0) / (OUT_DAY_S * 1000)),
		                      .begin_s = now_ms / 1000,
		                      .domain = domain,
		                      .record = record,
		                      .count = 1 };
	return domain.n != 0 && domain.n <= DOMAIN_MAX && str_find_byte(domain, '\0') < 0 &&
	       record.n <= RECORD_MAX;
}

static void gather_key_make(struct buf *key, const struct out_gathered *one)
{
	buf_init(key, OUT_ROW_KEY_MAX + OUT_ROW_SAME_MAX);
	pack_be32(key, one->day);
	buf_put(key, one->domain);
	buf_byte(key, '\0');
	buf_put(key, one->same);
	assert(buf_ok(key));
}

/* Locked. */
static bool again(struct out_gather *g, struct str key)
{
	struct out_gathered *had = g->now != NULL ? map_get(&g->now->map, key) : NULL;

	if (had != NULL)
		had->count++;
	return had != NULL;
}

static bool is_full(const struct out_gather *g)
{
	return g->now != NULL && g->now->count == g->max;
}

static void gather_entry_add(struct out_gather *g, struct str key, const struct out_gathered *one)
{
	struct out_gathering *now = g->now;
	struct out_gathered *own;

	if (now == NULL) {
		now = g->now = NEW(struct out_gathering);
		now->items = arena_array(&now->arena, struct out_gathered *, g->max);
	}
	own = arena_new(&now->arena, struct out_gathered);
	*own = *one;
	own->domain = str_dup(&now->arena, one->domain);
	own->record = str_dup(&now->arena, one->record);
	own->same = str_dup(&now->arena, one->same);
	own->packed = str_dup(&now->arena, one->packed);
	now->items[now->count++] = own;
	map_put(&now->map, key, own);
}

bool out_gather_again(struct out_gather *g, const struct out_gathered *one, bool *full)
{
	struct buf key;
	bool had;

	gather_key_make(&key, one);
	pthread_mutex_lock(&g->lock);
	had = again(g, buf_str(&key));
	*full = is_full(g);
	pthread_mutex_unlock(&g->lock);
	buf_deinit(&key);
	return had;
}

bool out_gather_add(struct out_gather *g, const struct out_gathered *one)
{
	bool done = true;
	struct buf key;

	gather_key_make(&key, one);
	pthread_mutex_lock(&g->lock);
	if (!again(g, buf_str(&key))) {
		done = !is_full(g);
		if (done)
			gather_entry_add(g, buf_str(&key), one);
	}
	pthread_mutex_unlock(&g->lock);
	buf_deinit(&key);
	return done;
}

/* --- taking --------------------------------------------------------------------------------- */

struct out_gathering *out_gather_take(struct out_gather *g)
{
	struct out_gathering *all;

	pthread_mutex_lock(&g->lock);
	all = g->now;
	g->now = NULL;
	pthread_mutex_unlock(&g->lock);
	return all;
}
