/* flow/reports_in/report_intake.c: see report_intake.h. */
#include "flow/reports_in/report_intake.h"

#include "flow/reports_in/waiting.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/directory/reports_to.h"
#include "model/store/store.h"

enum { ROUND_MS = 3600 * 1000, AGAIN_MS = 60 * 1000, OWN_FIELDS_MAX = 64 << 10 };

struct report_desk {
	struct report_desk_config config;
	struct service_thread service; /* its lock protects the following members */
	bool more; /* new mail since the thread's last check */
};

static void failed_tell(enum err e, struct why *why, const char *about)
{
	(void)fail_about(why, e, about);
	event(store_failed, STR(""), ev_z(why->text));
}

static void refused_tell(struct str id, const char *why)
{
	event(report_refused, id, ev_z(""), ev_z(""), ev_z(why));
}

/* --- one pending mail ---------------------------------------------------------------------- */

struct reading {
	struct arena a;
	struct report_waiting waiting;
	struct buf raw;
};

/* It may run again. */
static enum err desk_begin(struct txn *t, void *arg)
{
	struct reading *r = arg;

	arena_reset(&r->a);
	return report_waiting_begin(t, &r->a, &r->waiting);
}

static enum err bytes_get(struct txn *t, void *arg)
{
	struct reading *r = arg;

	buf_reset(&r->raw);
	return blob_get(t, &r->waiting.blob, 0, SIZE_MAX, &r->raw);
}

static enum err desk_rm(struct txn *t, void *arg)
{
	return report_waiting_rm(t, &((struct reading *)arg)->waiting);
}

/* Remove it after reading. After a kill in between it is read again and recognized as a
 * duplicate. Neither needs a disk sync. */
static enum err begun_read(struct report_desk *d, struct reading *r, struct why *why)
{
	const struct report_waiting *w = &r->waiting;
	struct report_offer o = { .id = w->id, .results = w->results, .ours = w->ours };
	enum err e = store_read(d->config.store, bytes_get, r);

	o.raw = buf_str(&r->raw);
	if (e == OK)
		report_desk_read(&d->config, &o);
	else if (e == ERR_MISSING || e == ERR_CORRUPT || e == ERR_LIMIT)
		refused_tell(w->id, "its mail cannot be read");
	else
		return e;
	return store_write_soon(d->config.store, desk_rm, r, why);
}

/* ERR_MISSING: none is pending. */
static enum err one_read(struct report_desk *d, struct why *why)
{
	struct reading r = { .waiting = { .number = 0 } };
	enum err e;

	buf_init(&r.raw, LIMIT_report_in_mail + OWN_FIELDS_MAX);
	e = store_write_soon(d->config.store, desk_begin, &r, why);
	if (e == OK && r.waiting.begun > REPORT_BEGUN_MAX)
		refused_tell(r.waiting.id, "it was begun several times, and never read to its end");
	else if (e == OK && r.waiting.number == 0)
		refused_tell(STR_EMPTY, "mail that waited to be read, noted by an earlier version");
	else if (e == OK)
		e = begun_read(d, &r, why);
	buf_deinit(&r.raw);
	arena_deinit(&r.a);
	return e;
}

/* --- the thread ---------------------------------------------------------------------------- */

static void desk_expire(struct report_desk *d)
{
	struct why why = { "" };
	enum err e = report_desk_expire(&d->config, clock_real_ms(), &why);

	if (e != OK)
		failed_tell(e, &why, "old reports");
}

/* Returns the time of the next check. */
static int64_t all_read(struct report_desk *d)
{
	struct why why = { "" };
	enum err e = OK;

	while (e == OK && !d->service.stopping)
		e = one_read(d, &why);
	if (e == OK || e == ERR_MISSING)
		return INT64_MAX;
	failed_tell(e, &why, "reports that wait to be read");
	return clock_mono_ms() + AGAIN_MS;
}

static void more_await(struct report_desk *d, int64_t until_ms)
{
	pthread_mutex_lock(&d->service.lock);
	while (!d->service.stopping && !d->more &&
	       cond_wait_until(&d->service.wake, &d->service.lock, until_ms))
		continue;
	d->more = false;
	pthread_mutex_unlock(&d->service.lock);
}

static void *desk_run(void *arg)
{
	struct report_desk *d = arg;
	int64_t round_ms = clock_mono_ms(), again_ms;

	while (!d->service.stopping) {
		again_ms = all_read(d);
		if (clock_mono_ms() >= round_ms && !d->service.stopping) {
			desk_expire(d);
			round_ms = clock_mono_ms() + ROUND_MS;
		}
		more_await(d, MIN(round_ms, again_ms));
	}
	return NULL;
}

enum err report_desk_open(const struct report_desk_config *config, struct report_desk **out,
                          struct why *why)
{
	struct report_desk *d = NEW(struct report_desk);
	enum err e;

	*out = NULL;
	d->config = *config;
	e = service_thread_start(&d->service, desk_run, d, "reports that come in", why);
	if (e == OK)
		*out = d;
	else
		mem_free(d);
	return e;
}

void report_desk_close(struct report_desk **dp)
{
	struct report_desk *d = *dp;

	*dp = NULL;
	if (d == NULL)
		return;
	service_thread_stop(&d->service);
	mem_free(d);
}

/* --- new mail ------------------------------------------------------------------------------ */

bool report_desk_wants(struct report_desk *d, const struct mailaddr *rcpt)
{
	const struct settings *s;
	bool yes;

	if (d == NULL)
		return false;
	s = settings_ref(d->config.live);
	yes = s->reports_days != 0 && reports_to_has(s->reports_to, rcpt);
	settings_unref(s);
	return yes;
}

bool report_desk_may(struct str raw)
{
	return raw.n <= LIMIT_report_in_mail && report_mail_may(raw);
}

static void wake(void *arg)
{
	struct report_desk *d = arg;

	pthread_mutex_lock(&d->service.lock);
	d->more = true;
	pthread_cond_signal(&d->service.wake);
	pthread_mutex_unlock(&d->service.lock);
}

static void too_many(void *arg)
{
	refused_tell(*(const struct str *)arg, "too many wait to be read");
}

enum err report_desk_put(struct report_desk *d, struct txn *t, const struct report_waiting *w)
{
	struct str *id;
	bool room;
	enum err e = report_waiting_put(t, w, &room);

	if (e != OK)
		return e;
	if (room) {
		txn_after(t, wake, d);
		return OK;
	}
	id = arena_new(txn_arena(t), struct str);
	*id = str_dup(txn_arena(t), w->id);
	txn_after(t, too_many, id);
	return OK;
}
