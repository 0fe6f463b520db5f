/* flow/policy/memory/recall.c: the cache and the thread; see recall.h. recall_rows.c has the
 * rows, recall_flush.c the writes. */
#include "flow/policy/blocks/blocks.h"
#include "flow/policy/memory/recall_body.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"

enum { FLUSH_MS = 5000, HOUR_MS = 3600 * 1000 };

/* --- the cache -------------------------------------------------------------------------------- */

static bool forget_written(struct str key, void *value, void *arg)
{
	const struct recall_entry *x = value;

	(void)key, (void)arg;
	if (x->dirty || x->writing)
		return true;
	mem_free(value);
	return false;
}

static bool forget_any(struct str key, void *value, void *arg)
{
	(void)key, (void)arg;
	mem_free(value);
	return false;
}

/* Make room, under the lock. If the disk is slow or full, new entries are dropped instead
 * of using more memory. */
static void room_make(struct recall *m)
{
	if (m->entries.count < LIMIT_policy_remembered)
		return;
	map_filter(&m->entries, forget_written, NULL);
	pthread_cond_signal(&m->service.wake);
	if (m->entries.count < LIMIT_policy_remembered / 8 * 7)
		return;
	map_filter(&m->entries, forget_any, NULL);
	m->dirty = 0;
}

/* Under the lock. */
static struct recall_entry *recall_entry_add(struct recall *m, struct str key)
{
	struct recall_entry *x = NEW(struct recall_entry);

	room_make(m);
	map_put(&m->entries, key, x);
	return x;
}

/* Take the lock, with the key's row in memory if it exists. */
static void lock_with(struct recall *m, struct str key)
{
	struct recall_entry found;

	pthread_mutex_lock(&m->service.lock);
	if (map_get(&m->entries, key) != NULL)
		return;
	pthread_mutex_unlock(&m->service.lock);
	recall_row_look(m, key, &found);
	pthread_mutex_lock(&m->service.lock);
	if (found.until_ms == 0 || map_get(&m->entries, key) != NULL)
		return;
	found.stored = true;
	*recall_entry_add(m, key) = found;
}

/* Under the lock, after lock_with. NULL: none. */
static struct recall_entry *recall_find(struct recall *m, struct str key)
{
	struct recall_entry *x = map_get(&m->entries, key);

	return x != NULL && x->until_ms > clock_real_ms() ? x : NULL;
}

static void recall_set(struct recall *m, struct str key, int64_t value, int64_t until_ms)
{
	struct recall_entry *x = map_get(&m->entries, key);

	if (x == NULL)
		x = recall_entry_add(m, key);
	x->value = value;
	x->until_ms = until_ms;
	if (x->dirty)
		return;
	x->dirty = true;
	/* The first change is written some seconds later; at half of the memory limit, at
	 * once. */
	if (m->dirty++ == 0 || m->dirty == LIMIT_policy_remembered / 2)
		pthread_cond_signal(&m->service.wake);
}

bool recall_get(struct recall *m, enum recall_kind kind, struct str key, int64_t *value)
{
	char room[RECALL_KEY_BYTES];
	struct str row = recall_row_key(room, kind, key);
	const struct recall_entry *x;

	lock_with(m, row);
	x = recall_find(m, row);
	if (x != NULL)
		*value = x->value;
	pthread_mutex_unlock(&m->service.lock);
	return x != NULL;
}

void recall_put(struct recall *m, enum recall_kind kind, struct str key, int64_t value,
                int64_t until_ms)
{
	char room[RECALL_KEY_BYTES];
	struct str row = recall_row_key(room, kind, key);

	lock_with(m, row); /* reads an existing row */
	recall_set(m, row, value, until_ms);
	pthread_mutex_unlock(&m->service.lock);
}

/* The value is the time in microseconds when the bucket is full again. Each token moves
 * it by the refill time of one token, at most to the refill time of all. */
bool recall_take(struct recall *m, struct str key, uint64_t n, uint64_t max, int64_t period_ms)
{
	int64_t now = clock_real_ms() * 1000, period = period_ms * 1000, full;
	char room[RECALL_KEY_BYTES];
	struct str row = recall_row_key(room, RECALL_BUCKET, key);
	struct recall_entry *x;
	bool ok;

	if (max == 0 || n > max)
		return false;
	lock_with(m, row);
	x = recall_find(m, row);
	if (x != NULL && x->value > now + period) /* the clock was set back: one period */
		recall_set(m, row, now + period, (now + period) / 1000 + 1);
	full = x != NULL ? MIN(MAX(x->value, now), now + period) : now;
	full += (int64_t)n * MAX(period / (int64_t)max, 1);
	ok = full - now <= period;
	if (ok)
		recall_set(m, row, full, full / 1000 + 1);
	pthread_mutex_unlock(&m->service.lock);
	return ok;
}

/* --- the thread ---------------------------------------------------------------------- */

/* Sleep until there are changes, then gather more of them. False: stop. */
static bool wait_for_work(struct recall *m, int64_t hour_ends_ms)
{
	int64_t until_ms = hour_ends_ms;
	bool more;

	pthread_mutex_lock(&m->service.lock);
	while (!m->service.stopping && clock_mono_ms() < until_ms) {
		if (m->dirty != 0)
			until_ms = MIN(until_ms, clock_mono_ms() + FLUSH_MS);
		if (m->dirty >= LIMIT_policy_remembered / 2 && !m->failing)
			break;
		cond_wait_until(&m->service.wake, &m->service.lock, until_ms);
	}
	more = !m->service.stopping;
	pthread_mutex_unlock(&m->service.lock);
	return more;
}

static void *recall_run(void *arg)
{
	struct recall *m = arg;
	int64_t hour_ends_ms = clock_mono_ms() + HOUR_MS;
	bool more;

	pthread_mutex_lock(&m->flush);
	if (recall_rows_count(m) != OK)
		event(store_failed, STR(""), ev_z("what checks remember could not be counted"));
	pthread_mutex_unlock(&m->flush);
	do {
		struct why why = { "" };
		enum err e;

		more = wait_for_work(m, hour_ends_ms);
		/* A full disk only loses what would be remembered. */
		if ((e = recall_flush(m, &why)))
			event(store_failed, STR(""), ev_z(err_words(e, &why)));
		if (!more || clock_mono_ms() < hour_ends_ms)
			continue;
		hour_ends_ms = clock_mono_ms() + HOUR_MS;
		why = (struct why){ "" };
		if ((e = recall_expire(m, &why)) || (e = blocks_expire(m->store, &why)))
			event(store_failed, STR(""), ev_z(err_words(e, &why)));
	} while (more);
	return NULL;
}

static void body_free(struct recall *m)
{
	map_filter(&m->entries, forget_any, NULL);
	map_deinit(&m->entries);
	pthread_mutex_destroy(&m->flush);
	mem_free(m);
}

enum err recall_open(struct store *store, size_t rows_max, struct recall **out, struct why *why)
{
	struct recall *m = NEW(struct recall);
	enum err e;

	*out = NULL;
	m->store = store;
	m->rows_max = rows_max;
	pthread_mutex_init(&m->flush, NULL);
	e = service_thread_start(&m->service, recall_run, m, "what checks remember", why);
	if (e == OK)
		*out = m;
	else
		body_free(m);
	return e;
}

void recall_close(struct recall **m)
{
	struct recall *old = *m;

	*m = NULL;
	if (old == NULL)
		return;
	service_thread_stop(&old->service);
	body_free(old);
}
