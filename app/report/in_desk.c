/* report/in_desk.c: see in_desk.h. */
#include "report/in_desk.h"

#include "base/clock.h"
#include "base/cond.h"
#include "base/cur.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/minder.h"
#include "config/limits.h"
#include "config/live.h"
#include "directory/reports_to.h"
#include "observe/event.h"
#include "report/in_kept.h"
#include "store/store.h"

enum { ROUND_MS = 3600 * 1000, KEEP_AT_ONCE = 100, KEEP_BYTES = 4 << 20 };

/* One that waits. */
struct waiting {
	struct list link;
	struct str id, results, raw;
	bool ours;
};

struct report_desk {
	struct report_desk_config config;
	struct minder minder; /* its lock is of the rest */
	struct list waiting;
	uint64_t waiting_bytes;
};

/* --- the thread ---------------------------------------------------------------------------- */

static void waiting_free(struct waiting *w)
{
	str_free(&w->id);
	str_free(&w->results);
	str_free(&w->raw);
	mem_free(w);
}

/* The next one, or NULL: the time has come, or the end. */
static struct waiting *next(struct report_desk *d, int64_t until_ms)
{
	struct waiting *w = NULL;

	pthread_mutex_lock(&d->minder.lock);
	while (!d->minder.stopping && list_empty(&d->waiting) &&
	       cond_wait_until(&d->minder.wake, &d->minder.lock, until_ms))
		continue;
	if (!d->minder.stopping && !list_empty(&d->waiting)) {
		w = container_of(d->waiting.next, struct waiting, link);
		list_remove(&w->link);
		d->waiting_bytes -= w->raw.n + w->results.n;
	}
	pthread_mutex_unlock(&d->minder.lock);
	return w;
}

static void read_one(struct report_desk *d, struct waiting *w)
{
	const struct report_offer o = { w->id, w->results, w->raw, w->ours };

	report_desk_read(&d->config, &o);
	waiting_free(w);
}

static void failed_tell(enum err e, struct why *why, const char *about)
{
	(void)fail_about(why, e, about);
	event(store_failed, STR(""), ev_z(why->text));
}

static void expire(struct report_desk *d)
{
	struct why why = { "" };
	enum err e = report_desk_expire(&d->config, clock_real_ms(), &why);

	if (e != OK)
		failed_tell(e, &why, "old reports");
}

/* --- what waited when the server stopped --------------------------------------------------- */

static enum err kept_get(struct txn *t, void *arg)
{
	return report_kept_get(t, arg);
}

static enum err kept_rm(struct txn *t, void *arg)
{
	return report_kept_rm(t, ((struct report_kept *)arg)->number);
}

/* It goes once it was read: who is killed in between reads it again, and knows it then. One that
 * cannot be read goes too. */
static void kept_read(struct report_desk *d)
{
	struct why why = { "" };
	struct report_kept k;
	enum err e = OK;

	report_kept_init(&k);
	while (e == OK && !d->minder.stopping) {
		e = store_read(d->config.store, kept_get, &k);
		if (e == OK)
			report_desk_read(&d->config, &k.offer);
		if (e == OK || (e == ERR_CORRUPT && k.number != 0))
			e = store_write(d->config.store, kept_rm, &k, &why);
	}
	if (e != OK && e != ERR_MISSING)
		failed_tell(e, &why, "reports that wait to be read");
	report_kept_deinit(&k);
}

struct keeping {
	struct report_desk *desk;
	size_t count; /* of those that wait: kept */
};

static enum err keep_some(struct txn *t, void *arg)
{
	struct keeping *k = arg;
	size_t bytes = 0;

	k->count = 0;
	list_each(it, &k->desk->waiting)
	{
		const struct waiting *w = container_of(it, struct waiting, link);
		const struct report_offer o = { w->id, w->results, w->raw, w->ours };
		enum err e;

		if (k->count == KEEP_AT_ONCE || bytes > KEEP_BYTES)
			break;
		if ((e = report_kept_put(t, &o)))
			return e;
		k->count++;
		bytes += w->raw.n;
	}
	return OK;
}

static void waiting_drop(struct report_desk *d, size_t count)
{
	while (count-- != 0 && !list_empty(&d->waiting)) {
		struct waiting *w = container_of(d->waiting.next, struct waiting, link);

		list_remove(&w->link);
		waiting_free(w);
	}
}

/* The thread is gone. */
static void keep_all(struct report_desk *d)
{
	struct keeping k = { .desk = d };
	struct why why = { "" };

	while (!list_empty(&d->waiting)) {
		enum err e = store_write(d->config.store, keep_some, &k, &why);

		if (e != OK)
			failed_tell(e, &why, "reports that wait to be read");
		waiting_drop(d, e == OK ? k.count : SIZE_MAX);
	}
}

/* --- its life ------------------------------------------------------------------------------ */

static void *run(void *arg)
{
	struct report_desk *d = arg;
	int64_t round_ms = clock_mono_ms();

	kept_read(d);
	while (!d->minder.stopping) {
		struct waiting *w = next(d, round_ms);

		if (w != NULL)
			read_one(d, w);
		if (clock_mono_ms() < round_ms || d->minder.stopping)
			continue;
		expire(d);
		round_ms = clock_mono_ms() + ROUND_MS;
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
	list_init(&d->waiting);
	e = minder_start(&d->minder, run, d, "reports that come in", why);
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
	minder_stop(&d->minder);
	keep_all(d);
	mem_free(d);
}

/* --- offers -------------------------------------------------------------------------------- */

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

static bool push(struct report_desk *d, struct waiting *w)
{
	uint64_t bytes = w->raw.n + w->results.n;
	bool room;

	pthread_mutex_lock(&d->minder.lock);
	room = d->waiting_bytes + bytes <= LIMIT_report_in_waiting;
	if (room) {
		list_push_back(&d->waiting, &w->link);
		d->waiting_bytes += bytes;
		pthread_cond_signal(&d->minder.wake);
	}
	pthread_mutex_unlock(&d->minder.lock);
	return room;
}

void report_desk_offer(struct report_desk *d, const struct report_offer *o)
{
	struct waiting *w;

	if (d == NULL || !report_mail_may(o->raw))
		return;
	w = NEW(struct waiting);
	w->id = str_new(o->id);
	w->results = str_new(o->results);
	w->raw = str_new(o->raw);
	w->ours = o->ours;
	if (push(d, w))
		return;
	event(report_refused, o->id, ev_z(""), ev_z(""), ev_z("too many wait to be read"));
	waiting_free(w);
}
