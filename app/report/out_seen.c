/* report/out_seen.c: see out_seen.h. */
#include "report/out_seen.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/minder.h"
#include "base/pack.h"
#include "config/limits.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "store/store.h"

#include <pthread.h>

/* A longer record would cost too much memory, once for each kind of message. */
enum { DOMAIN_MAX = 253, RECORD_MAX = 4096, FLUSH_MS = 10000 };

/* Messages that agree. */
struct pending {
	uint32_t day;
	struct str domain, record, same;
	uint64_t count;
};

struct gathered {
	struct arena arena;
	struct map map; /* by day, domain, same */
	struct pending *items[LIMIT_report_gathered];
	size_t count;
	uint64_t lost; /* of the present attempt to write */
};

struct out_seen {
	pthread_mutex_t lock;
	struct gathered *now; /* lock; NULL: nothing */
	pthread_mutex_t writing;
	struct minder minder;
	struct store *store; /* NULL: there is no thread */
};

struct out_seen *out_seen_new(void)
{
	struct out_seen *s = NEW(struct out_seen);

	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->writing, NULL);
	return s;
}

static void gathered_free(struct gathered *g)
{
	if (g == NULL)
		return;
	map_deinit(&g->map);
	arena_deinit(&g->arena);
	mem_free(g);
}

void out_seen_free(struct out_seen **s)
{
	if (*s == NULL)
		return;
	if ((*s)->store != NULL)
		minder_stop(&(*s)->minder);
	gathered_free((*s)->now);
	pthread_mutex_destroy(&(*s)->writing);
	pthread_mutex_destroy(&(*s)->lock);
	mem_clear(s);
}

/* --- gathering ------------------------------------------------------------------------------ */

static struct pending *pending_new(struct gathered *g, uint32_t day, struct str domain,
                                   struct str record, struct str same)
{
	struct pending *p = arena_new(&g->arena, struct pending);

	*p = (struct pending){ .day = day,
		               .domain = str_dup(&g->arena, domain),
		               .record = str_dup(&g->arena, record),
		               .same = str_dup(&g->arena, same) };
	g->items[g->count++] = p;
	return p;
}

/* key is day, domain NUL, same. */
static void gather(struct out_seen *s, uint32_t day, struct str domain, struct str record,
                   struct str key)
{
	struct gathered *g = s->now;
	struct pending *p;

	if (g == NULL)
		g = s->now = NEW(struct gathered);
	p = map_get(&g->map, key);
	if (p == NULL && g->count == LIMIT_report_gathered) {
		metric_add(METRIC_report_lost, 1);
		return;
	}
	if (p == NULL) {
		p = pending_new(g, day, domain, record,
		                str_sub(key, 4 + domain.n + 1, key.n));
		map_put(&g->map, key, p);
	}
	p->count++;
}

void out_seen_add(struct out_seen *s, struct str domain, struct str record,
                  const struct report_dmarc_row *row, int64_t now_ms)
{
	uint32_t day = (uint32_t)(MAX(now_ms, 0) / (OUT_DAY_S * 1000));
	struct buf key;

	if (domain.n == 0 || domain.n > DOMAIN_MAX || str_find_byte(domain, '\0') >= 0 ||
	    record.n > RECORD_MAX)
		return;
	buf_init(&key, OUT_ROW_KEY_MAX + OUT_ROW_SAME_MAX);
	pack_be32(&key, day);
	buf_put(&key, domain);
	buf_byte(&key, '\0');
	out_same_put(&key, row);
	assert(buf_ok(&key));
	pthread_mutex_lock(&s->lock);
	gather(s, day, domain, record, buf_str(&key));
	pthread_mutex_unlock(&s->lock);
	buf_deinit(&key);
}

/* --- writing -------------------------------------------------------------------------------- */

static enum err day_get(struct txn *t, uint32_t day, struct out_day *out)
{
	char key[OUT_ROW_KEY_MAX];
	struct str value;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, out_day_key(key, day), &value);

	*out = (struct out_day){ 0 };
	if (e == ERR_MISSING)
		return OK;
	if (e == OK && !out_day_parse(value, out))
		*out = (struct out_day){ 0 };
	return e;
}

/* ERR_LIMIT: it is one domain too many. */
static enum err head_get(struct txn *t, const struct pending *p, struct out_day *day,
                         struct out_head *out)
{
	char key[OUT_ROW_KEY_MAX];
	struct str value;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, out_head_key(key, p->day, p->domain), &value);

	if (e == OK && out_head_parse(value, out))
		return OK;
	*out = (struct out_head){ .begin_s = p->day * OUT_DAY_S };
	if (e != ERR_MISSING)
		return e;
	if (day->domains >= LIMIT_report_domains)
		return ERR_LIMIT;
	day->domains++;
	return OK;
}

/* How often there was such a message before. ERR_LIMIT: it is one row too many. */
static enum err count_get(struct txn *t, struct str key, struct out_day *day,
                          struct out_head *head, uint64_t *count)
{
	struct arena a = { 0 };
	struct report_dmarc_row row;
	struct str value;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, key, &value);

	*count = e == OK && out_row_parse(value, &a, &row) ? row.count : 0;
	arena_deinit(&a);
	if (e != ERR_MISSING)
		return e;
	if (head->rows >= LIMIT_report_rows || day->rows >= LIMIT_report_rows_day)
		return ERR_LIMIT;
	head->rows++;
	day->rows++;
	return OK;
}

static enum err pending_write(struct txn *t, const struct pending *p)
{
	char room[OUT_ROW_KEY_MAX];
	struct str key = out_row_key(room, p->day, p->domain, p->same);
	struct out_head head;
	struct out_day day;
	uint64_t before;
	enum err e;

	if ((e = day_get(t, p->day, &day)) || (e = head_get(t, p, &day, &head)) ||
	    (e = count_get(t, key, &day, &head, &before)))
		return e;
	head.messages += p->count;
	head.record = p->record;
	if ((e = out_row_put(t, key, p->same, before + p->count)) ||
	    (e = out_head_put(t, p->day, p->domain, &head)))
		return e;
	return out_day_put(t, p->day, &day);
}

static enum err gathered_write(struct txn *t, void *arg)
{
	struct gathered *g = arg;
	enum err e = OK;

	g->lost = 0;
	for (size_t i = 0; e == OK && i < g->count; i++) {
		e = pending_write(t, g->items[i]);
		if (e != ERR_LIMIT)
			continue;
		g->lost += g->items[i]->count;
		e = OK;
	}
	return e;
}

static uint64_t messages_of(const struct gathered *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->count; i++)
		n += g->items[i]->count;
	return n;
}

static struct gathered *gathered_take(struct out_seen *s)
{
	struct gathered *g;

	pthread_mutex_lock(&s->lock);
	g = s->now;
	s->now = NULL;
	pthread_mutex_unlock(&s->lock);
	return g;
}

enum err out_seen_flush(struct out_seen *s, struct store *store, struct why *why)
{
	struct gathered *g;
	enum err e = OK;

	pthread_mutex_lock(&s->writing);
	g = gathered_take(s);
	if (g != NULL) {
		e = store_write(store, gathered_write, g, why);
		metric_add(METRIC_report_lost, (int64_t)(e == OK ? g->lost : messages_of(g)));
		gathered_free(g);
	}
	pthread_mutex_unlock(&s->writing);
	return e;
}

/* --- the thread ----------------------------------------------------------------------------- */

static void *run(void *arg)
{
	struct out_seen *s = arg;

	while (!atomic_load(&s->minder.stopping)) {
		struct why why = { "" };
		int64_t until_ms = clock_mono_ms() + FLUSH_MS;
		enum err e;

		pthread_mutex_lock(&s->minder.lock);
		while (!atomic_load(&s->minder.stopping) &&
		       cond_wait_until(&s->minder.wake, &s->minder.lock, until_ms))
			continue;
		pthread_mutex_unlock(&s->minder.lock);
		e = out_seen_flush(s, s->store, &why);
		if (e)
			event(store_failed, STR(""), ev_z(err_words(e, &why)));
	}
	return NULL;
}

enum err out_seen_start(struct out_seen *s, struct store *store, struct why *why)
{
	enum err e;

	s->store = store;
	e = minder_start(&s->minder, run, s, "counting for reports", why);
	if (e)
		s->store = NULL;
	return e;
}
