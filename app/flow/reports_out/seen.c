/* flow/reports_out/seen.c: see seen.h. */
#include "flow/reports_out/seen.h"

#include "flow/reports_out/gather.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/store/store.h"

#include <pthread.h>

enum { FLUSH_MS = 10000 };

struct out_seen {
	struct out_gather *gather;
	pthread_mutex_t writing;
	struct service_thread service;
	struct store *store; /* NULL: no thread runs */
};

struct out_seen *out_seen_new(void)
{
	struct out_seen *s = NEW(struct out_seen);

	s->gather = out_gather_new(LIMIT_report_gathered);
	pthread_mutex_init(&s->writing, NULL);
	return s;
}

void out_seen_free(struct out_seen **s)
{
	if (*s == NULL)
		return;
	if ((*s)->store != NULL)
		service_thread_stop(&(*s)->service);
	out_gather_free(&(*s)->gather);
	pthread_mutex_destroy(&(*s)->writing);
	mem_clear(s);
}

void out_seen_add(struct out_seen *s, struct str domain, struct str record,
                  const struct report_dmarc_row *row, int64_t now_ms)
{
	struct out_gathered one;
	struct buf same;

	if (!out_gathered_begin(domain, record, now_ms, &one))
		return;
	buf_init(&same, OUT_ROW_SAME_MAX);
	out_same_put(&same, row);
	assert(buf_ok(&same));
	one.same = buf_str(&same);
	if (!out_gather_add(s->gather, &one))
		metric_add(METRIC_report_lost, 1);
	buf_deinit(&same);
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

/* ERR_LIMIT: too many domains. */
static enum err head_get(struct txn *t, const struct out_gathered *p, struct out_day *day,
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

/* The previous count of such messages. ERR_LIMIT: too many rows. */
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

static enum err one_write(struct txn *t, const struct out_gathered *p)
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

struct writing {
	const struct out_gathering *of;
	uint64_t lost; /* of the current attempt */
};

static enum err all_write(struct txn *t, void *arg)
{
	struct writing *w = arg;
	enum err e = OK;

	w->lost = 0;
	for (size_t i = 0; e == OK && i < w->of->count; i++) {
		e = one_write(t, w->of->items[i]);
		if (e != ERR_LIMIT)
			continue;
		w->lost += w->of->items[i]->count;
		e = OK;
	}
	return e;
}

static uint64_t messages_of(const struct out_gathering *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->count; i++)
		n += g->items[i]->count;
	return n;
}

enum err out_seen_flush(struct out_seen *s, struct store *store, struct why *why)
{
	struct out_gathering *g;
	enum err e = OK;

	pthread_mutex_lock(&s->writing);
	g = out_gather_take(s->gather);
	if (g != NULL) {
		struct writing w = { .of = g };

		e = store_write(store, all_write, &w, why);
		metric_add(METRIC_report_lost, (int64_t)(e == OK ? w.lost : messages_of(g)));
		out_gathering_free(&g);
	}
	pthread_mutex_unlock(&s->writing);
	return e;
}

/* --- the thread ----------------------------------------------------------------------------- */

static void *seen_run(void *arg)
{
	struct out_seen *s = arg;

	while (!atomic_load(&s->service.stopping)) {
		struct why why = { "" };
		int64_t until_ms = clock_mono_ms() + FLUSH_MS;
		enum err e;

		pthread_mutex_lock(&s->service.lock);
		while (!atomic_load(&s->service.stopping) &&
		       cond_wait_until(&s->service.wake, &s->service.lock, until_ms))
			continue;
		pthread_mutex_unlock(&s->service.lock);
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
	e = service_thread_start(&s->service, seen_run, s, "counting for reports", why);
	if (e)
		s->store = NULL;
	return e;
}
