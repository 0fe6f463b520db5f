/* operations/doctor/doctor.c: see doctor.h. */
#include "operations/doctor/doctor.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/runtime/pool.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/examine/part_check.h"
#include "operations/doctor/self_test/self_tests.h"

enum { FIRST_MS = 300000 };

struct part {
	struct doctor *of;
	struct str name;
	struct doctor_result *result; /* NULL: not looked at yet           */
	bool looking;                 /* a thread is at it                 */
	bool wanted;                  /* somebody wants it looked at now   */
	bool gone;                    /* no domain of ours any more        */
	int64_t next_ms;              /* when it is looked at by itself    */
};

struct doctor {
	struct doctor_config config;
	struct service_thread service; /* its lock is of all below, but what parts' results hold */
	struct pool *pool;
	struct part *parts[LIMIT_doctor_parts];
	size_t count;
	int64_t tell_ms; /* when what is new is told (clock_mono_ms); INT64_MAX: there is nothing */
	struct self_tests *tests;
};

/* --- parts, under the lock ---------------------------------------------------------------- */

static struct part *part_find(struct doctor *d, struct str name)
{
	for (size_t i = 0; i < d->count; i++)
		if (str_eq(d->parts[i]->name, name))
			return d->parts[i];
	return NULL;
}

/* NULL: there are too many. */
static struct part *part_of(struct doctor *d, struct str name)
{
	struct part *p = part_find(d, name);

	if (p != NULL || d->count == LIMIT_doctor_parts)
		return p;
	p = NEW(struct part);
	p->of = d;
	p->name = str_new(name);
	p->next_ms = clock_mono_ms() + FIRST_MS + (int64_t)random_below(FIRST_MS);
	d->parts[d->count++] = p;
	return p;
}

static void part_free(struct part *p)
{
	doctor_result_unref(p->result);
	str_free(&p->name);
	mem_free(p);
}

/* Others that are looked at now may have news as well: all of it is one message. */
static void tell_after(struct doctor *d, int64_t wait_ms)
{
	pthread_mutex_lock(&d->service.lock);
	d->tell_ms = MIN(d->tell_ms, clock_mono_ms() + wait_ms);
	pthread_cond_signal(&d->service.wake);
	pthread_mutex_unlock(&d->service.lock);
}

/* --- one look ----------------------------------------------------------------------------- */

static void part_looked(struct part *p, struct doctor_result *r, int64_t again_ms)
{
	struct doctor *d = p->of;

	pthread_mutex_lock(&d->service.lock);
	p->looking = false;
	p->gone = r == NULL;
	p->next_ms = clock_mono_ms() + again_ms + (int64_t)random_below((uint32_t)again_ms / 10);
	doctor_result_unref(p->result);
	p->result = r;
	pthread_cond_signal(&d->service.wake);
	pthread_mutex_unlock(&d->service.lock);
}

static void part_run(void *arg)
{
	struct part *p = arg;
	struct part_look l = { .store = p->of->config.store,
		               .live = p->of->config.live,
		               .certs = p->of->config.certs,
		               .stop = &p->of->service.stopping,
		               .part = p->name };
	struct doctor_result *r = part_look(&l);

	if (l.tell_ms >= 0)
		tell_after(p->of, l.tell_ms);
	part_looked(p, r, l.again_ms);
}

/* --- when --------------------------------------------------------------------------------- */

static enum err domains_read(struct txn *t, void *arg)
{
	struct doctor *d = arg;
	struct domain_list list;
	enum err e = domain_list(t, txn_arena(t), &list);

	if (e)
		return e;
	pthread_mutex_lock(&d->service.lock);
	(void)part_of(d, STR_EMPTY);
	for (size_t i = 0; i < list.count; i++)
		(void)part_of(d, list.items[i].name);
	pthread_mutex_unlock(&d->service.lock);
	return OK;
}

static void parts_drop(struct doctor *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (d->parts[i]->gone && !d->parts[i]->looking)
			part_free(d->parts[i]);
		else
			d->parts[kept++] = d->parts[i];
	}
	d->count = kept;
}

/* Have those looked at that are due; returns when the next one is. */
static int64_t begin_due(struct doctor *d)
{
	int64_t now_ms = clock_mono_ms(), next_ms = now_ms + PART_HOUR_MS;

	for (size_t i = 0; i < d->count; i++) {
		struct part *p = d->parts[i];

		if (p->looking)
			continue;
		if ((p->wanted || p->next_ms <= now_ms) && pool_run(d->pool, part_run, p)) {
			p->looking = true;
			p->wanted = false;
		} else {
			next_ms = MIN(next_ms, MAX(p->next_ms, now_ms + 1000));
		}
	}
	return next_ms;
}

/* Without the lock. */
static void tell(struct doctor *d)
{
	const struct settings *s = settings_ref(d->config.live);
	struct why why = { "" };
	bool more = false;

	if (news_tell(d->config.store, d->config.delivery, s, &more, &why) != OK) {
		event(doctor_mail_failed, STR(""), ev_z(why.text));
		tell_after(d, PART_HOUR_MS);
	} else if (more) {
		tell_after(d, (int64_t)s->doctor_delay_s * 1000);
	}
	settings_unref(s);
}

static bool tell_due(struct doctor *d)
{
	bool due;

	pthread_mutex_lock(&d->service.lock);
	due = d->tell_ms <= clock_mono_ms();
	if (due)
		d->tell_ms = INT64_MAX;
	pthread_mutex_unlock(&d->service.lock);
	return due;
}

static void *run(void *arg)
{
	struct doctor *d = arg;

	while (!atomic_load(&d->service.stopping)) {
		if (tell_due(d))
			tell(d);
		(void)!store_read(d->config.store, domains_read, d);
		pthread_mutex_lock(&d->service.lock);
		parts_drop(d);
		if (!atomic_load(&d->service.stopping))
			cond_wait_until(&d->service.wake, &d->service.lock,
			                MIN(begin_due(d), d->tell_ms));
		pthread_mutex_unlock(&d->service.lock);
	}
	return NULL;
}

/* --- self-tests --------------------------------------------------------------------------- */

enum err doctor_test_begin(struct doctor *d, struct str who, struct str domain, struct str from,
                           struct str to, struct why *why)
{
	return self_tests_begin(d->tests, who, domain, from, to, why);
}

void doctor_test_get(struct doctor *d, struct str who, struct arena *a, struct self_test *out)
{
	self_tests_get(d->tests, who, a, out);
}

/* --- for others --------------------------------------------------------------------------- */

void doctor_look(struct doctor *d, struct str part)
{
	struct part *p;

	pthread_mutex_lock(&d->service.lock);
	p = part_of(d, part);
	if (p != NULL) {
		p->wanted = true;
		pthread_cond_signal(&d->service.wake);
	}
	pthread_mutex_unlock(&d->service.lock);
}

void doctor_report_begin(struct doctor *d, struct str part, struct doctor_report *out)
{
	static const struct findings none = { .count = 0 };
	struct part *p;

	*out = (struct doctor_report){ .findings = &none };
	pthread_mutex_lock(&d->service.lock);
	p = part_of(d, part);
	if (p != NULL && p->result != NULL) {
		out->result = doctor_result_ref(p->result);
		out->looked_ms = p->result->looked_ms;
		out->findings = &p->result->findings;
	} else if (p != NULL && !p->looking) {
		p->wanted = true;
		pthread_cond_signal(&d->service.wake);
	}
	out->looking = p != NULL && (p->looking || p->wanted);
	pthread_mutex_unlock(&d->service.lock);
}

void doctor_report_end(struct doctor_report *r)
{
	doctor_result_unref(r->result);
	r->result = NULL;
}

size_t doctor_wrong(struct doctor *d, struct arena *a, struct str *parts)
{
	size_t count = 0;

	*parts = STR_EMPTY;
	pthread_mutex_lock(&d->service.lock);
	for (size_t i = 0; i < d->count; i++) {
		const struct part *p = d->parts[i];
		size_t wrong = p->result == NULL
		                       ? 0
		                       : findings_count(&p->result->findings, DNS_STATE_FAIL);

		if (wrong != 0)
			*parts = str_fmt(a, "%.*s%s%.*s (%zu)", STR_ARG(*parts),
			                 count != 0 ? ", " : "",
			                 STR_ARG(p->name.n != 0 ? p->name : STR("this server")),
			                 wrong);
		count += wrong;
	}
	pthread_mutex_unlock(&d->service.lock);
	return count;
}

void doctor_restart(struct doctor *d)
{
	pthread_mutex_lock(&d->service.lock);
	for (size_t i = 0; i < d->count; i++) {
		doctor_result_unref(d->parts[i]->result);
		d->parts[i]->result = NULL;
		d->parts[i]->wanted = true;
	}
	pthread_cond_signal(&d->service.wake);
	pthread_mutex_unlock(&d->service.lock);
}

enum err doctor_start(const struct doctor_config *config, struct doctor **out, struct why *why)
{
	struct doctor *d = NEW(struct doctor);
	enum err e;

	*out = NULL;
	d->config = *config;
	d->tell_ms = clock_mono_ms() + FIRST_MS; /* what was left to be told */
	e = pool_new("doctor", 1, LIMIT_doctor_threads, LIMIT_doctor_parts, &d->pool, why);
	if (e) {
		mem_free(d);
		return e;
	}
	d->tests = self_tests_new(&(struct self_tests_config){ .store = config->store,
	                                                       .live = config->live,
	                                                       .delivery = config->delivery,
	                                                       .pool = d->pool,
	                                                       .runtime = config->runtime,
	                                                       .stop = &d->service.stopping });
	if ((e = service_thread_start(&d->service, run, d, "the doctor", why))) {
		self_tests_free(&d->tests);
		pool_free(&d->pool);
		mem_free(d);
		return e;
	}
	*out = d;
	return OK;
}

bool doctor_stop(struct doctor **out, int64_t deadline_ms)
{
	struct doctor *d = *out;

	if (d == NULL)
		return true;
	atomic_store(&d->service.stopping, true);
	if (!pool_stop(d->pool, deadline_ms))
		return false;
	service_thread_stop(&d->service);
	pool_free(&d->pool);
	for (size_t i = 0; i < d->count; i++)
		part_free(d->parts[i]);
	self_tests_free(&d->tests);
	mem_free(d);
	*out = NULL;
	return true;
}
