/* report/out_failing.c: see out_failing.h. */
#include "report/out_failing.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/random.h"
#include "config/limits.h"
#include "report/out_failed.h"
#include "store/store.h"

#include <pthread.h>

/* As in out_seen.c. */
enum { DOMAIN_MAX = 253, RECORD_MAX = 4096 };

struct gathered {
	struct arena arena;
	struct map map; /* by day, domain, same: struct out_failed_new */
	struct out_failed_new *items[LIMIT_report_failures_gathered];
	size_t count;
	bool fresh; /* of the present attempt to write */
};

struct out_failing {
	pthread_mutex_t lock;
	struct gathered *now; /* lock; NULL: nothing */
	uint8_t key[OUT_FAILURE_KEY];
};

struct out_failing *out_failing_new(void)
{
	struct out_failing *f = NEW(struct out_failing);

	pthread_mutex_init(&f->lock, NULL);
	random_bytes(f->key, sizeof f->key);
	return f;
}

static void gathered_free(struct gathered *g)
{
	if (g == NULL)
		return;
	map_deinit(&g->map);
	arena_deinit(&g->arena);
	mem_free(g);
}

void out_failing_free(struct out_failing **f)
{
	if (*f == NULL)
		return;
	gathered_free((*f)->now);
	pthread_mutex_destroy(&(*f)->lock);
	mem_clear(f);
}

/* --- gathering ------------------------------------------------------------------------------ */

/* Is it there already, or is there no room for it? Then there is nothing to be made. */
static bool known(struct out_failing *f, struct str key)
{
	struct out_failed_new *had;
	bool full;

	pthread_mutex_lock(&f->lock);
	had = f->now != NULL ? map_get(&f->now->map, key) : NULL;
	full = f->now != NULL && f->now->count == LIMIT_report_failures_gathered;
	if (had != NULL)
		had->incidents++;
	pthread_mutex_unlock(&f->lock);
	return had != NULL || full;
}

static void gather(struct out_failing *f, struct str key, const struct out_failed_new *n)
{
	struct gathered *g;
	struct out_failed_new *had;

	pthread_mutex_lock(&f->lock);
	if (f->now == NULL)
		f->now = NEW(struct gathered);
	g = f->now;
	had = map_get(&g->map, key);
	if (had != NULL) {
		had->incidents++;
	} else if (g->count < LIMIT_report_failures_gathered) {
		had = arena_new(&g->arena, struct out_failed_new);
		*had = *n;
		had->domain = str_dup(&g->arena, n->domain);
		had->record = str_dup(&g->arena, n->record);
		had->same = str_dup(&g->arena, n->same);
		had->packed = str_dup(&g->arena, n->packed);
		g->items[g->count++] = had;
		map_put(&g->map, key, had);
	}
	pthread_mutex_unlock(&f->lock);
}

static void make(struct out_failing *f, const struct report_failure *of,
                 enum out_failure_kind kind, int64_t now_ms, struct buf *packed)
{
	struct arena a = { 0 };
	struct out_failure failure;

	out_failure_make(of, kind, now_ms, f->key, &a, &failure);
	out_failure_pack(packed, &failure);
	arena_deinit(&a);
}

void out_failing_add(struct out_failing *f, const struct report_failure *of,
                     enum out_failure_kind kind, int64_t now_ms)
{
	char same[OUT_FAILED_SAME_MAX], room[OUT_ROW_KEY_MAX + OUT_FAILED_SAME_MAX];
	struct out_failed_new n = { .day = (uint32_t)(MAX(now_ms, 0) / (OUT_DAY_S * 1000)),
		                    .begin_s = now_ms / 1000,
		                    .domain = of->domain,
		                    .record = of->record,
		                    .same = out_failed_same(same, kind, &of->ip),
		                    .incidents = 1 };
	struct buf key, packed;

	if (of->domain.n == 0 || of->domain.n > DOMAIN_MAX || of->record.n > RECORD_MAX ||
	    str_find_byte(of->domain, '\0') >= 0)
		return;
	buf_init_in(&key, room, sizeof room);
	pack_be32(&key, n.day);
	buf_put(&key, n.domain);
	buf_byte(&key, '\0');
	buf_put(&key, n.same);
	if (known(f, buf_str(&key)))
		return;
	buf_init(&packed, OUT_FAILURE_PACKED_MAX);
	make(f, of, kind, now_ms, &packed);
	n.packed = buf_str(&packed);
	if (buf_ok(&packed))
		gather(f, buf_str(&key), &n);
	buf_deinit(&packed);
}

/* --- writing -------------------------------------------------------------------------------- */

static enum err gathered_write(struct txn *t, void *arg)
{
	struct gathered *g = arg;
	enum err e = OK;

	g->fresh = false;
	for (size_t i = 0; e == OK && i < g->count; i++) {
		bool fresh;

		e = out_failed_add(t, g->items[i], &fresh);
		g->fresh = g->fresh || fresh;
		e = e == ERR_LIMIT ? OK : e;
	}
	return e;
}

enum err out_failing_flush(struct out_failing *f, struct store *store, bool *fresh,
                           struct why *why)
{
	struct gathered *g;
	enum err e;

	pthread_mutex_lock(&f->lock);
	g = f->now;
	f->now = NULL;
	pthread_mutex_unlock(&f->lock);
	if (g == NULL)
		return OK;
	e = store_write(store, gathered_write, g, why);
	*fresh = *fresh || (e == OK && g->fresh);
	gathered_free(g);
	return e;
}
