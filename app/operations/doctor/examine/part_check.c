/* operations/doctor/examine/part_check.c: see part_check.h. */
#include "operations/doctor/examine/part_check.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/examine/examine.h"
#include "operations/doctor/watch.h"

/* --- results ------------------------------------------------------------------------------ */

struct doctor_result *doctor_result_ref(struct doctor_result *r)
{
	atomic_fetch_add(&r->shares, 1);
	return r;
}

void doctor_result_unref(struct doctor_result *r)
{
	if (r == NULL || atomic_fetch_sub(&r->shares, 1) != 1)
		return;
	arena_deinit(&r->a);
	mem_free(r);
}

/* --- what the store has -------------------------------------------------------------------- */

struct loading {
	const struct settings *settings;
	struct str name;
	struct arena *a;
	struct dns_domain domain;
	struct dns_host host;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;
	enum err e;

	if (l->name.n == 0)
		return dns_host_get(t, l->settings, l->a, &l->host);
	e = domain_get(t, l->name, l->a, NULL);
	if (e == OK)
		e = dns_domain_get(t, l->name, l->a, &l->domain);
	return e == OK ? dns_account_get(t, l->settings, l->a, &l->domain.acme_account) : e;
}

static enum err keep_rows(struct txn *t, void *arg)
{
	return watch_keep(t, arg);
}

static enum err forget(struct txn *t, void *arg)
{
	return watch_forget(t, *(const struct str *)arg);
}

static void say(const struct watching *w)
{
	for (size_t i = 0; i < w->news_count; i++)
		if (w->news[i].told == WATCH_TELL_WRONG)
			event(doctor_record_wrong, STR(""), ev_str(w->part), ev_str(w->news[i].id),
			      ev_str(w->news[i].words));
		else
			event(doctor_record_right, STR(""), ev_str(w->part), ev_str(w->news[i].id));
}

/* Bring the rows up to what was found, and say what is new. */
static void result_keep(struct part_look *l, struct doctor_result *r, int64_t patience_ms)
{
	struct watching w = { .part = l->part,
		              .findings = &r->findings,
		              .now_ms = r->looked_ms,
		              .patience_ms = patience_ms,
		              .a = &r->a };

	if (store_write(l->store, keep_rows, &w, NULL) != OK)
		return;
	say(&w);
	l->tell_ms = w.news_count != 0 ? patience_ms : -1;
	l->again_ms = w.doubted ? patience_ms : PART_HOUR_MS;
}

/* --- the look ------------------------------------------------------------------------------ */

static enum err examine_part(const struct part_look *l, const struct settings *s,
                             struct doctor_result *r)
{
	struct loading in = { .settings = s, .name = l->part, .a = &r->a };
	const struct examination x = { .settings = s,
		                       .certs = l->certs,
		                       .store = l->store,
		                       .domain = l->part.n != 0 ? &in.domain : NULL,
		                       .host = &in.host,
		                       .stop = l->stop,
		                       .a = &r->a };
	enum err e = store_read(l->store, load, &in);

	if (e)
		return e;
	examine(&x, &r->findings);
	r->looked_ms = clock_real_ms();
	return OK;
}

struct doctor_result *part_look(struct part_look *l)
{
	struct doctor_result *r = NEW(struct doctor_result);
	const struct settings *s = settings_ref(l->live);
	enum err e;

	l->again_ms = PART_HOUR_MS;
	l->tell_ms = -1;
	atomic_init(&r->shares, 1);
	e = examine_part(l, s, r);
	if (e == OK)
		result_keep(l, r, (int64_t)s->doctor_delay_s * 1000);
	settings_unref(s);
	if (e == OK)
		return r;
	if (e == ERR_MISSING)
		(void)!store_write(l->store, forget, &l->part, NULL);
	doctor_result_unref(r);
	return NULL;
}
