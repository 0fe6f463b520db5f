/* doctor/doctor.c: see doctor.h. */
#include "doctor/doctor.h"

#include "doctor/dns_facts.h"
#include "doctor/examine.h"
#include "doctor/news.h"
#include "doctor/watch.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/mem.h"
#include "base/minder.h"
#include "base/random.h"
#include "config/limits.h"
#include "config/live.h"
#include "directory/directory.h"
#include "net/pool.h"
#include "observe/event.h"
#include "store/store.h"

enum { FIRST_MS = 300000, HOUR_MS = 3600000 };

/* What one look has found; never changed, and shared by those who read it. */
struct doctor_result {
	atomic_uint shares;
	int64_t looked_ms;
	struct arena a;
	struct findings findings;
};

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
	struct minder minder; /* its lock is of all below, but what parts' results hold */
	struct pool *pool;
	struct part *parts[LIMIT_doctor_parts];
	size_t count;
	int64_t tell_ms; /* when what is new is told (clock_mono_ms); INT64_MAX: there is nothing */
	struct self_test test; /* the last one; its strings live in test_a */
	struct arena test_a;
};

/* --- results ------------------------------------------------------------------------------ */

static void result_unref(struct doctor_result *r)
{
	if (r == NULL || atomic_fetch_sub(&r->shares, 1) != 1)
		return;
	arena_deinit(&r->a);
	mem_free(r);
}

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
	result_unref(p->result);
	str_free(&p->name);
	mem_free(p);
}

/* Others that are looked at now may have news as well: all of it is one message. */
static void tell_after(struct doctor *d, int64_t wait_ms)
{
	pthread_mutex_lock(&d->minder.lock);
	d->tell_ms = MIN(d->tell_ms, clock_mono_ms() + wait_ms);
	pthread_cond_signal(&d->minder.wake);
	pthread_mutex_unlock(&d->minder.lock);
}

/* --- one look ----------------------------------------------------------------------------- */

struct loading {
	const struct settings *settings;
	struct str name;
	struct arena *a;
	struct dns_domain domain;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;
	enum err e = domain_get(t, l->name, l->a, NULL);

	if (e == OK)
		e = dns_domain_get(t, l->name, l->a, &l->domain);
	return e == OK ? dns_account_get(t, l->settings, l->a, &l->domain) : e;
}

static enum err keep_rows(struct txn *t, void *arg)
{
	return watch_keep(t, arg);
}

static enum err forget(struct txn *t, void *arg)
{
	return watch_forget(t, *(const struct str *)arg);
}

/* Bring the rows up to what was found, and tell what is new. Returns after how long the part is to
 * be looked at again. */
static int64_t keep(struct doctor *d, struct str part, struct doctor_result *r, int64_t patience_ms)
{
	struct watching w = { .part = part,
		              .findings = &r->findings,
		              .now_ms = r->looked_ms,
		              .patience_ms = patience_ms,
		              .a = &r->a };

	if (store_write(d->config.store, keep_rows, &w, NULL) != OK)
		return HOUR_MS;
	for (size_t i = 0; i < w.news_count; i++)
		if (w.news[i].told == WATCH_TELL_WRONG)
			event(doctor_wrong, STR(""), ev_str(part), ev_str(w.news[i].id),
			      ev_str(w.news[i].words));
		else
			event(doctor_right, STR(""), ev_str(part), ev_str(w.news[i].id));
	if (w.news_count != 0)
		tell_after(d, patience_ms);
	return w.doubted ? patience_ms : HOUR_MS;
}

/* NULL: the domain is none of ours any more, which is forgotten then, or the store cannot be
 * read. */
static struct doctor_result *look(struct doctor *d, struct str part, int64_t *again_ms)
{
	struct doctor_result *r = NEW(struct doctor_result);
	const struct settings *s = settings_ref(d->config.live);
	struct loading l = { .settings = s, .name = part, .a = &r->a };
	struct examination x = {
		.settings = s, .certs = d->config.certs, .stop = &d->minder.stopping, .a = &r->a
	};

	enum err e = OK;

	atomic_init(&r->shares, 1);
	if (part.n != 0)
		e = store_read(d->config.store, load, &l);
	if (e == OK) {
		x.domain = part.n != 0 ? &l.domain : NULL;
		examine(&x, &r->findings);
		r->looked_ms = clock_real_ms();
	}
	if (r->looked_ms != 0)
		*again_ms = keep(d, part, r, (int64_t)s->doctor_patience_s * 1000);
	settings_unref(s);
	if (r->looked_ms != 0)
		return r;
	if (e == ERR_MISSING)
		(void)!store_write(d->config.store, forget, &part, NULL);
	result_unref(r);
	return NULL;
}

static void part_looked(struct part *p, struct doctor_result *r, int64_t again_ms)
{
	struct doctor *d = p->of;

	pthread_mutex_lock(&d->minder.lock);
	p->looking = false;
	p->gone = r == NULL;
	p->next_ms = clock_mono_ms() + again_ms + (int64_t)random_below((uint32_t)again_ms / 10);
	result_unref(p->result);
	p->result = r;
	pthread_cond_signal(&d->minder.wake);
	pthread_mutex_unlock(&d->minder.lock);
}

static void part_look(void *arg)
{
	struct part *p = arg;

	int64_t again_ms = HOUR_MS;
	struct doctor_result *r = look(p->of, p->name, &again_ms);

	part_looked(p, r, again_ms);
}

/* --- when --------------------------------------------------------------------------------- */

static enum err domains_read(struct txn *t, void *arg)
{
	struct doctor *d = arg;
	struct domain_list list;
	enum err e = domain_list(t, txn_arena(t), &list);

	if (e)
		return e;
	pthread_mutex_lock(&d->minder.lock);
	(void)part_of(d, STR_EMPTY);
	for (size_t i = 0; i < list.count; i++)
		(void)part_of(d, list.items[i].name);
	pthread_mutex_unlock(&d->minder.lock);
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
	int64_t now_ms = clock_mono_ms(), next_ms = now_ms + HOUR_MS;

	for (size_t i = 0; i < d->count; i++) {
		struct part *p = d->parts[i];

		if (p->looking)
			continue;
		if ((p->wanted || p->next_ms <= now_ms) && pool_run(d->pool, part_look, p)) {
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
		event(doctor_mute, STR(""), ev_z(why.text));
		tell_after(d, HOUR_MS);
	} else if (more) {
		tell_after(d, (int64_t)s->doctor_patience_s * 1000);
	}
	settings_unref(s);
}

static bool tell_due(struct doctor *d)
{
	bool due;

	pthread_mutex_lock(&d->minder.lock);
	due = d->tell_ms <= clock_mono_ms();
	if (due)
		d->tell_ms = INT64_MAX;
	pthread_mutex_unlock(&d->minder.lock);
	return due;
}

static void *run(void *arg)
{
	struct doctor *d = arg;

	while (!atomic_load(&d->minder.stopping)) {
		if (tell_due(d))
			tell(d);
		(void)!store_read(d->config.store, domains_read, d);
		pthread_mutex_lock(&d->minder.lock);
		parts_drop(d);
		if (!atomic_load(&d->minder.stopping))
			cond_wait_until(&d->minder.wake, &d->minder.lock,
			                MIN(begin_due(d), d->tell_ms));
		pthread_mutex_unlock(&d->minder.lock);
	}
	return NULL;
}

/* --- self-tests --------------------------------------------------------------------------- */

static struct check check_dup(struct arena *a, const struct check *c)
{
	struct check copy = *c; /* id and title are static */

	copy.seen = str_dup(a, c->seen);
	copy.expected = str_dup(a, c->expected);
	copy.advice = str_dup(a, c->advice);
	return copy;
}

static void test_copy(struct arena *a, const struct self_test *from, struct self_test *to)
{
	*to = *from;
	to->domain = str_dup(a, from->domain);
	to->from = str_dup(a, from->from);
	to->to = str_dup(a, from->to);
	to->message_id = str_dup(a, from->message_id);
	to->problem = str_dup(a, from->problem);
	for (size_t i = 0; i < from->steps.count; i++)
		to->steps.items[i] = check_dup(a, &from->steps.items[i]);
}

/* Keep it in place of the one before. */
static void test_set(struct doctor *d, const struct self_test *t)
{
	struct arena old = d->test_a;

	d->test_a = (struct arena){ 0 };
	test_copy(&d->test_a, t, &d->test);
	arena_deinit(&old);
}

static void test_step(void *arg, const struct self_test *so_far)
{
	struct doctor *d = arg;

	pthread_mutex_lock(&d->minder.lock);
	test_set(d, so_far);
	pthread_mutex_unlock(&d->minder.lock);
}

static void test_run(void *arg)
{
	struct doctor *d = arg;
	const struct settings *s = settings_ref(d->config.live);
	struct self_test_run run = { .store = d->config.store,
		                     .settings = s,
		                     .delivery = d->config.delivery,
		                     .step = test_step,
		                     .arg = d };
	struct arena a = { 0 };
	struct why why = { "" };
	struct self_test t;

	doctor_test_get(d, &a, &t);
	if (self_test_run(&run, &a, &t, &why) == OK) {
		t.state = SELF_TEST_DONE;
	} else {
		t.state = SELF_TEST_FAILED;
		t.problem = str_of(why.text);
	}
	t.ended_ms = clock_real_ms();
	test_step(d, &t);
	settings_unref(s);
	arena_deinit(&a);
}

void doctor_test_get(struct doctor *d, struct arena *a, struct self_test *out)
{
	pthread_mutex_lock(&d->minder.lock);
	test_copy(a, &d->test, out);
	pthread_mutex_unlock(&d->minder.lock);
}

enum err doctor_test_begin(struct doctor *d, struct str domain, struct str from, struct str to,
                           struct why *why)
{
	struct self_test t = { .state = SELF_TEST_RUNNING,
		               .domain = domain,
		               .from = from,
		               .to = to,
		               .started_ms = clock_real_ms() };
	bool begun = false, busy;

	pthread_mutex_lock(&d->minder.lock);
	busy = d->test.state == SELF_TEST_RUNNING;
	if (!busy) {
		test_set(d, &t);
		begun = pool_run(d->pool, test_run, d);
		if (!begun)
			d->test.state = SELF_TEST_NONE;
	}
	pthread_mutex_unlock(&d->minder.lock);
	if (busy)
		return fail(why, ERR_CONFLICT, "a self-test runs already");
	return begun ? OK : fail(why, ERR_RETRY, "the doctor is busy; try again in a minute");
}

/* --- for others --------------------------------------------------------------------------- */

void doctor_look(struct doctor *d, struct str part)
{
	struct part *p;

	pthread_mutex_lock(&d->minder.lock);
	p = part_of(d, part);
	if (p != NULL) {
		p->wanted = true;
		pthread_cond_signal(&d->minder.wake);
	}
	pthread_mutex_unlock(&d->minder.lock);
}

void doctor_report_begin(struct doctor *d, struct str part, struct doctor_report *out)
{
	static const struct findings none = { .count = 0 };
	struct part *p;

	*out = (struct doctor_report){ .findings = &none };
	pthread_mutex_lock(&d->minder.lock);
	p = part_of(d, part);
	if (p != NULL && p->result != NULL) {
		out->result = p->result;
		atomic_fetch_add(&p->result->shares, 1);
		out->looked_ms = p->result->looked_ms;
		out->findings = &p->result->findings;
	} else if (p != NULL && !p->looking) {
		p->wanted = true;
		pthread_cond_signal(&d->minder.wake);
	}
	out->looking = p != NULL && (p->looking || p->wanted);
	pthread_mutex_unlock(&d->minder.lock);
}

void doctor_report_end(struct doctor_report *r)
{
	result_unref(r->result);
	r->result = NULL;
}

size_t doctor_wrong(struct doctor *d, struct arena *a, struct str *part)
{
	size_t count = 0;

	*part = STR_EMPTY;
	pthread_mutex_lock(&d->minder.lock);
	for (size_t i = 0; i < d->count; i++) {
		const struct part *p = d->parts[i];
		size_t wrong = p->result == NULL
		                       ? 0
		                       : findings_count(&p->result->findings, DNS_STATE_FAIL);

		if (wrong != 0 && part->n == 0)
			*part = str_dup(a, p->name);
		count += wrong;
	}
	pthread_mutex_unlock(&d->minder.lock);
	return count;
}

enum err doctor_start(const struct doctor_config *config, struct doctor **out, struct why *why)
{
	struct doctor *d = NEW(struct doctor);
	enum err e;

	*out = NULL;
	d->config = *config;
	d->tell_ms = clock_mono_ms() + FIRST_MS; /* what was left to be told */
	e = pool_new("doctor", 1, LIMIT_doctor_threads, LIMIT_doctor_parts, &d->pool, why);
	if (e == OK && (e = minder_start(&d->minder, run, d, "the doctor", why)))
		pool_free(&d->pool);
	if (e) {
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
	atomic_store(&d->minder.stopping, true);
	if (!pool_stop(d->pool, deadline_ms))
		return false;
	minder_stop(&d->minder);
	pool_free(&d->pool);
	for (size_t i = 0; i < d->count; i++)
		part_free(d->parts[i]);
	arena_deinit(&d->test_a);
	mem_free(d);
	*out = NULL;
	return true;
}
