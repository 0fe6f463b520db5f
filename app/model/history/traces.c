/* model/history/traces.c: new traces, and the thread that writes traces of refused mail and deletes
 * old ones; see trace.h. */
#include "model/history/trace.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/history/record.h"
#include "model/store/store.h"

#include <stdatomic.h>
#include <string.h>

enum {
	GATHER_MS = 2000, /* traces of refused mail are collected so long */
	HOUR_MS = 3600 * 1000,
	EXPIRE_ROWS = LIMIT_trace_rows / 10, /* an earlier check after so many new rows */
	GATHER_MAX = 200,
};

/* Traces of refused mail that are not written yet. */
struct pending {
	struct arena arena;
	struct trace items[GATHER_MAX];
	size_t count;
};

struct traces {
	struct store *store;
	struct live *live;
	uint64_t own; /* the last bits of this server's ids, below 1 << 16 */
	_Atomic uint64_t last_id;
	_Atomic uint64_t added; /* rows since the last expiry */
	struct service_thread service;
	struct pending *pending; /* service.lock; NULL while there is none */
	unsigned refused_left;   /* service.lock; for this hour            */
};

/* --- ids -------------------------------------------------------------------------------- */

static uint64_t days_kept(const struct traces *tr)
{
	const struct settings *s = settings_ref(tr->live);
	uint64_t days = s->trace_days;

	settings_unref(s);
	return days;
}

int64_t trace_time_ms(uint64_t id)
{
	return (int64_t)(id >> 16);
}

/* The time, then bits that differ from those of another server on this store. A second id within
 * the same millisecond gets the next number. */
uint64_t trace_id_new(struct traces *tr)
{
	uint64_t last, id;

	if (tr == NULL || days_kept(tr) == 0)
		return 0;
	id = (uint64_t)clock_real_ms() << 16 | tr->own;
	last = atomic_load(&tr->last_id);
	do
		id = MAX(id, last + 1);
	while (!atomic_compare_exchange_weak(&tr->last_id, &last, id));
	return id;
}

/* --- accepted mail ---------------------------------------------------------------------- */

enum err trace_put(struct traces *tr, struct txn *t, const struct trace *trace)
{
	if (trace->id == 0)
		return OK;
	/* A transaction that is undone counts too: this only triggers a check. */
	if (atomic_fetch_add(&tr->added, 1) == EXPIRE_ROWS)
		pthread_cond_signal(&tr->service.wake);
	return record_put(t, trace);
}

enum err trace_step_put(struct txn *t, uint64_t id, const struct trace_step *step)
{
	char key[TRACE_KEY_BYTES];
	enum err e = id != 0 ? kv_get(t, SPACE_TRACE, record_key(key, id), NULL) : ERR_MISSING;

	if (e == ERR_MISSING)
		return OK;
	return e == OK ? record_step_add(t, id, step) : e;
}

/* --- refused mail ----------------------------------------------------------------------- */

static struct str *names_join(struct arena *a, const struct trace *x, const struct trace *y)
{
	struct str *to = arena_array(a, struct str, x->to_count + y->to_count);

	for (size_t i = 0; i < x->to_count; i++)
		to[i] = x->to[i];
	for (size_t i = 0; i < y->to_count; i++)
		to[x->to_count + i] = str_dup(a, y->to[i]);
	return to;
}

static struct trace_step *steps_join(struct arena *a, const struct trace *x, const struct trace *y)
{
	struct trace_step *steps = arena_array(a, struct trace_step, x->step_count + y->step_count);

	for (size_t i = 0; i < x->step_count; i++)
		steps[i] = x->steps[i];
	for (size_t i = 0; i < y->step_count; i++) {
		struct trace_step *s = &steps[x->step_count + i];

		*s = y->steps[i];
		s->who = str_dup(a, s->who);
		s->detail = str_dup(a, s->detail);
	}
	return steps;
}

/* The last pending trace, if this one continues it. */
static struct trace *pending_same(struct pending *p, const struct trace *trace)
{
	struct trace *last = p->count != 0 ? &p->items[p->count - 1] : NULL;

	return last != NULL && str_eq(last->session, trace->session) &&
	                       str_eq(last->from, trace->from) &&
	                       last->step_count < LIMIT_smtp_rcpts_unknown
	               ? last
	               : NULL;
}

static void pending_add(struct traces *tr, const struct trace *trace, uint64_t id)
{
	struct pending *p = tr->pending;
	struct trace *to = pending_same(p, trace);

	if (to == NULL && (p->count == GATHER_MAX || tr->refused_left == 0))
		return;
	if (to == NULL) {
		tr->refused_left--;
		to = &p->items[p->count++];
		*to = (struct trace){ .id = id,
			              .session = str_dup(&p->arena, trace->session),
			              .service = str_dup(&p->arena, trace->service),
			              .peer = str_dup(&p->arena, trace->peer),
			              .from = str_dup(&p->arena, trace->from) };
	}
	if (trace->message_id.n != 0)
		to->message_id = str_dup(&p->arena, trace->message_id);
	to->size_bytes = MAX(to->size_bytes, trace->size_bytes);
	to->to = names_join(&p->arena, to, trace);
	to->to_count += trace->to_count;
	to->steps = steps_join(&p->arena, to, trace);
	to->step_count += trace->step_count;
}

void trace_refused(struct traces *tr, const struct trace *trace)
{
	uint64_t id = trace_id_new(tr);

	if (id == 0)
		return;
	pthread_mutex_lock(&tr->service.lock);
	if (tr->pending == NULL) {
		tr->pending = NEW(struct pending);
		pthread_cond_signal(&tr->service.wake);
	}
	pending_add(tr, trace, id);
	pthread_mutex_unlock(&tr->service.lock);
}

static enum err pending_write(struct txn *t, void *arg)
{
	const struct pending *p = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->count; i++)
		e = record_put(t, &p->items[i]);
	return e;
}

enum err traces_flush(struct traces *tr, struct why *why)
{
	struct pending *p;
	enum err e = OK;

	pthread_mutex_lock(&tr->service.lock);
	p = tr->pending;
	tr->pending = NULL;
	pthread_mutex_unlock(&tr->service.lock);
	if (p == NULL)
		return OK;
	if (p->count != 0)
		e = store_write(tr->store, pending_write, p, why);
	atomic_fetch_add(&tr->added, p->count);
	arena_deinit(&p->arena);
	mem_free(p);
	return e;
}

/* --- the thread ------------------------------------------------------------------------- */

/* Waits for work; false when the thread shall end. Without refused mail it sleeps until the next
 * hour. */
static bool wait_for_work(struct traces *tr, int64_t hour_ends_ms)
{
	int64_t until_ms = hour_ends_ms;
	bool stopping;

	pthread_mutex_lock(&tr->service.lock);
	while (!tr->service.stopping && clock_mono_ms() < until_ms &&
	       atomic_load(&tr->added) <= EXPIRE_ROWS) {
		if (tr->pending != NULL)
			until_ms = MIN(until_ms, clock_mono_ms() + GATHER_MS);
		cond_wait_until(&tr->service.wake, &tr->service.lock, until_ms);
	}
	stopping = tr->service.stopping;
	pthread_mutex_unlock(&tr->service.lock);
	return !stopping;
}

static void traces_expire_old(struct traces *tr)
{
	struct why why = { "" };
	enum err e;

	atomic_store(&tr->added, 0);
	e = traces_expire(tr->store, days_kept(tr), LIMIT_trace_rows, NULL, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

/* When the disk is full, only these traces are lost. */
static void flush(struct traces *tr)
{
	struct why why = { "" };
	enum err e = traces_flush(tr, &why);

	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

static void hour_begin(struct traces *tr, int64_t *ends_ms)
{
	*ends_ms = clock_mono_ms() + HOUR_MS;
	pthread_mutex_lock(&tr->service.lock);
	tr->refused_left = LIMIT_trace_refused;
	pthread_mutex_unlock(&tr->service.lock);
}

static void *traces_thread_run(void *arg)
{
	struct traces *tr = arg;
	int64_t hour_ends_ms = clock_mono_ms() + HOUR_MS;
	bool more;

	traces_expire_old(tr);
	do {
		more = wait_for_work(tr, hour_ends_ms);
		flush(tr);
		if (more &&
		    (clock_mono_ms() >= hour_ends_ms || atomic_load(&tr->added) > EXPIRE_ROWS))
			traces_expire_old(tr);
		if (clock_mono_ms() >= hour_ends_ms)
			hour_begin(tr, &hour_ends_ms);
	} while (more);
	return NULL;
}

enum err traces_open(struct store *s, struct live *live, struct traces **out, struct why *why)
{
	struct traces *tr = NEW(struct traces);
	enum err e;

	*out = NULL;
	tr->store = s;
	tr->live = live;
	tr->own = random_below(1 << 16);
	tr->refused_left = LIMIT_trace_refused;
	e = service_thread_start(&tr->service, traces_thread_run, tr, "message traces", why);
	if (e == OK)
		*out = tr;
	else
		mem_free(tr);
	return e;
}

void traces_close(struct traces **tr)
{
	struct traces *old = *tr;

	*tr = NULL;
	if (old == NULL)
		return;
	service_thread_stop(&old->service);
	mem_free(old);
}
