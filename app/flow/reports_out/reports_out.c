/* flow/reports_out/reports_out.c: see reports_out.h. */
#include "flow/reports_out/reports_out.h"

#include "flow/reports_out/failed.h"
#include "flow/reports_out/reports_out_private.h"
#include "flow/reports_out/seen.h"
#include "flow/reports_out/suppress.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"

enum {
	FLUSH_MS = 10000,
	LOOK_S = 600,    /* interval of checks for ended days and retries  */
	FIRST_S = 300,   /* allows for late messages and clock differences */
	SPREAD_S = 3300,
	EXPIRE_MAX = 1000,
};

struct report_out {
	struct report_out_config config;
	struct out_seen *seen;
	struct out_failing *failing;
	bool started;
	struct service_thread service;
	bool wanted;      /* its lock: send everything now                */
	int64_t look_s;   /* the thread's: time of the next check         */
	uint32_t late_s;  /* the thread's: delay after midnight           */
	uint32_t day;     /* the thread's: day of the last check          */
	bool tls_waits;   /* the thread's: TLS reports wait for a retry   */
	bool failures;    /* the thread's: failure reports may be pending */
};

struct report_out *report_out_new(const struct report_out_config *config)
{
	struct report_out *o = NEW(struct report_out);

	o->config = *config;
	o->seen = out_seen_new();
	o->failing = out_failing_new();
	return o;
}

/* --- counting ------------------------------------------------------------------------------- */

static bool wanted(struct report_out *o, struct str record)
{
	const struct settings *s = settings_ref(o->config.live);
	bool on = s->reports_dmarc;
	struct dmarc_record parsed;
	struct why why;

	settings_unref(s);
	if (!on)
		return false;
	(void)!dmarc_record_parse(record, DMARC_SUFFIXES, &parsed, &why);
	return parsed.rua.count != 0;
}

void report_out_seen(struct report_out *o, struct str domain, struct str record,
                     const struct report_dmarc_row *row)
{
	if (o != NULL && wanted(o, record))
		out_seen_add(o->seen, domain, record, row, clock_real_ms());
}

/* --- failures ------------------------------------------------------------------------------- */

unsigned report_out_failure_kinds(struct report_out *o, const struct report_failure *f)
{
	return o != NULL ? out_failure_wanted(o->config.live, f) : 0;
}

void report_out_failure(struct report_out *o, const struct report_failure *f)
{
	unsigned kinds = report_out_failure_kinds(o, f);
	int64_t now_ms = clock_real_ms();

	for (int kind = 0; kind < OUT_FAILURE_KINDS; kind++)
		if (kinds & BIT(kind))
			out_failing_add(o->failing, f, (enum out_failure_kind)kind, now_ms);
}

/* --- pending reports ------------------------------------------------------------------------ */

struct next {
	struct out_dmarc_at behind, found;
	struct arena *a;
};

static enum err next_find(struct txn *t, void *arg)
{
	struct next *n = arg;

	return out_dmarc_next(t, &n->behind, n->a, &n->found);
}

enum err report_out_pending_each(struct txn *t,
                                 bool (*fn)(const struct report_out_pending *p, void *arg),
                                 void *arg)
{
	struct out_dmarc_at at = { .domain = STR_EMPTY };
	struct arena *a = txn_arena(t);
	enum err e;

	while ((e = out_dmarc_next(t, &at, a, &at)) == OK) {
		struct out_head head;

		if (out_dmarc_head(t, &at, a, &head) != OK || head.rows == 0)
			continue;
		if (!fn(&(struct report_out_pending){ head.begin_s, at.domain, head.messages },
		        arg))
			return OK;
	}
	return e == ERR_MISSING ? OK : e;
}

/* --- sending -------------------------------------------------------------------------------- */

/* All days before today; now: today too. */
static enum err post_all(struct report_out *o, uint32_t today, bool now, struct why *why)
{
	struct out_post p = { .config = &o->config, .stop = &o->service.stopping, .now = now };
	struct arena a = { 0 };
	struct next n = { .a = &a };
	enum err e = OK;

	while (!atomic_load(p.stop) &&
	       (e = store_read(o->config.store, next_find, &n)) == OK &&
	       (now || n.found.day < today)) {
		e = out_post_dmarc(&p, &n.found, n.found.day >= today, why);
		if (e) /* it is retried later; continue with the others */
			event(store_failed, STR(""), ev_z(err_words(e, why)));
		n.behind = n.found;
	}
	arena_deinit(&a);
	return e == ERR_MISSING ? OK : e;
}

/* The unsent TLS reports of the last two days. Most domains request none; which ones do
 * is looked up once a day and process. */
static enum err post_tls(struct report_out *o, uint32_t today, bool now, struct why *why)
{
	struct out_post p = { .config = &o->config, .stop = &o->service.stopping, .now = now };
	const struct settings *s = settings_ref(o->config.live);
	/* The last notes of a day are written some time later
	 * (model/remote/evidence.h). */
	uint32_t settled = (uint32_t)((clock_real_ms() / 1000 - FIRST_S) / OUT_DAY_S);
	bool on = s->reports_tls;
	enum err e = OK;

	settings_unref(s);
	if (!on || !(now || o->tls_waits || o->day != today))
		return OK;
	o->tls_waits = today > settled;
	for (uint32_t back = LIMIT_report_give_up_days; e == OK && back != 0; back--)
		if (today - back < settled)
			e = out_tls_post(&p, today - back, 0, &o->tls_waits, why);
	if (e == OK && now)
		e = out_tls_post(&p, today, clock_real_ms() / 1000, &o->tls_waits, why);
	return e;
}

/* Flush gathered messages and send pending reports, some at a time, so that counting
 * continues. */
static void post_failures(struct report_out *o, bool now)
{
	struct out_post p = { .config = &o->config, .stop = &o->service.stopping, .now = now };
	struct why why = { "" };
	enum err e = out_failing_flush(o->failing, o->config.store, &o->failures, &why);

	if (e == OK && o->failures)
		e = out_failure_post(&p, &o->failures, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

static enum err report_out_expire(struct txn *t, void *arg)
{
	enum err e = out_due_expire(t, *(const int64_t *)arg, EXPIRE_MAX);
	int64_t today = clock_real_ms() / (OUT_DAY_S * 1000);

	if (e == OK)
		e = out_failed_expire(t, (uint32_t)MAX(today - LIMIT_report_give_up_days - 1, 0));
	return e == OK ? out_suppress_expire(t, clock_real_ms(), EXPIRE_MAX) : e;
}

static void report_out_lookup(struct report_out *o, bool now)
{
	int64_t now_s = clock_real_ms() / 1000;
	int64_t before_s = now_s - (int64_t)LIMIT_report_kept_days * OUT_DAY_S;
	uint32_t today = (uint32_t)((now ? now_s : now_s - o->late_s) / OUT_DAY_S);
	struct why why = { "" };
	enum err e = out_seen_flush(o->seen, o->config.store, &why);

	if (e == OK)
		e = post_all(o, today, now, &why);
	if (e == OK)
		e = post_tls(o, today, now, &why);
	if (e == OK)
		e = store_write_soon(o->config.store, report_out_expire, &before_s, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
	if (today != o->day)
		o->late_s = FIRST_S + random_below(SPREAD_S);
	o->day = today;
	o->look_s = now_s + LOOK_S;
	o->failures = true;
}

/* --- the thread ----------------------------------------------------------------------------- */

static bool take_wanted(struct report_out *o)
{
	bool wanted;

	pthread_mutex_lock(&o->service.lock);
	wanted = o->wanted;
	o->wanted = false;
	if (!wanted && !atomic_load(&o->service.stopping))
		cond_wait_until(&o->service.wake, &o->service.lock, clock_mono_ms() + FLUSH_MS);
	wanted = wanted || o->wanted;
	o->wanted = false;
	pthread_mutex_unlock(&o->service.lock);
	return wanted;
}

static void *report_out_run(void *arg)
{
	struct report_out *o = arg;

	while (!atomic_load(&o->service.stopping)) {
		bool now = take_wanted(o);

		if (atomic_load(&o->service.stopping))
			break;
		if (now || clock_real_ms() / 1000 >= o->look_s)
			report_out_lookup(o, now);
		post_failures(o, now);
	}
	return NULL;
}

enum err report_out_start(struct report_out *o, struct why *why)
{
	enum err e;

	o->late_s = FIRST_S + random_below(SPREAD_S);
	e = out_seen_start(o->seen, o->config.store, why);
	if (e == OK)
		e = service_thread_start(&o->service, report_out_run, o, "reports", why);
	o->started = e == OK;
	return e;
}

void report_out_send(struct report_out *o)
{
	pthread_mutex_lock(&o->service.lock);
	o->wanted = true;
	pthread_cond_signal(&o->service.wake);
	pthread_mutex_unlock(&o->service.lock);
}

void report_out_stop(struct report_out **out)
{
	struct report_out *o = *out;
	struct why seen_why = { "" }, failing_why = { "" };
	enum err e;

	if (o == NULL)
		return;
	if (o->started)
		service_thread_stop(&o->service);
	if ((e = out_seen_flush(o->seen, o->config.store, &seen_why)))
		event(store_failed, STR(""), ev_z(err_words(e, &seen_why)));
	if ((e = out_failing_flush(o->failing, o->config.store, &o->failures, &failing_why)))
		event(store_failed, STR(""), ev_z(err_words(e, &failing_why)));
	out_failing_free(&o->failing);
	out_seen_free(&o->seen);
	mem_clear(out);
}
