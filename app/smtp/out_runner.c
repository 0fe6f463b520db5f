/* smtp/out_runner.c: the thread that wakes when mail is due, and the pool that delivers it;
 * see out.h. */
#include "smtp/out.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/list.h"
#include "base/mem.h"
#include "config/limits.h"
#include "config/live.h"
#include "net/pool.h"
#include "net/tls_trust.h"
#include "observe/event.h"
#include "smtp/out_batch.h"

#include <pthread.h>

enum {
	BATCH_MESSAGES = 20,
	FAILURE_WAIT_MS = 5000,
	LOOK_MS = 60000, /* while mail waits look this often: the clock may have been set */
};

/* One batch on its way; in smtp_out.active until it is done. */
struct job {
	struct list link;
	struct smtp_out *out;
	struct arena arena; /* owns batch and destination */
	struct queue_batch batch;
	struct str destination;
};

struct smtp_out {
	struct smtp_out_config config;
	struct pool *pool;
	pthread_t thread;
	bool joined; /* by smtp_out_stop, which may be called again */
	atomic_bool stopping;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken;            /* lock */
	struct list active;    /* lock: struct job */
	unsigned active_count; /* lock */
};

/* --- jobs -------------------------------------------------------------------------- */

static void job_free(struct job *job)
{
	arena_deinit(&job->arena);
	mem_free(job);
}

/* Not tried, but not before after_ms either. */
static void job_put_back(struct job *job, int64_t after_ms)
{
	int64_t due_ms = after_ms != 0 ? clock_real_ms() + after_ms : 0;

	if (queue_release(job->out->config.queue, job->batch.items, job->batch.count, due_ms,
	                  NULL) != OK)
		(void)0; /* their lease ends by itself */
}

/* The smarthost of the settings with its roots, which are read anew for each batch. */
static enum err smarthost_take(struct job *job, const struct settings *s, struct out_smarthost *out,
                               struct trust **trust, struct why *why)
{
	enum err e = out_smarthost_parse(s->smarthost, &job->arena, out, why);

	if (e || s->smarthost_ca.n == 0)
		return e;
	return out_smarthost_trust(out, s->smarthost_ca, trust, why);
}

static void job_deliver(struct job *job, const struct settings *s)
{
	struct smtp_out *o = job->out;
	struct out_batch b = { .config = &o->config, .settings = s, .stopping = &o->stopping };
	struct out_smarthost smarthost;
	struct trust *trust = NULL;
	struct why why = { "" };

	if (s->smarthost.n == 0 && job->destination.n == 0) {
		/* It was meant for a smarthost that is no more. */
		job_put_back(job, 0);
		if (queue_reroute(o->config.queue, &why) != OK)
			event(store_failed, STR(""), ev_z(why.text));
		return;
	}
	if (s->smarthost.n != 0) {
		b.smarthost = &smarthost;
		if (smarthost_take(job, s, &smarthost, &trust, &why) != OK) {
			event(smarthost_failed, STR(""), ev_z(why.text));
			job_put_back(job, LOOK_MS);
			return;
		}
	}
	out_batch_run(&b, &job->batch);
	trust_free(trust);
}

static void job_run(void *arg)
{
	struct job *job = arg;
	struct smtp_out *o = job->out;
	const struct settings *s = settings_ref(o->config.live);

	job_deliver(job, s);
	settings_unref(s);
	pthread_mutex_lock(&o->lock);
	list_remove(&job->link);
	o->active_count--;
	o->woken = true;
	pthread_cond_signal(&o->changed);
	pthread_mutex_unlock(&o->lock);
	job_free(job);
}

static void job_start(struct smtp_out *o, struct job *job)
{
	pthread_mutex_lock(&o->lock);
	list_push_back(&o->active, &job->link);
	o->active_count++;
	pthread_mutex_unlock(&o->lock);
	if (pool_run(o->pool, job_run, job))
		return;
	/* The pool is stopping: the entries go back. */
	pthread_mutex_lock(&o->lock);
	list_remove(&job->link);
	o->active_count--;
	pthread_mutex_unlock(&o->lock);
	job_put_back(job, 0);
	job_free(job);
}

/* --- the thread ---------------------------------------------------------------------- */

static unsigned connections_to(const struct smtp_out *o, struct str destination)
{
	unsigned n = 0;

	list_each(it, &o->active)
	{
		const struct job *job = container_of(it, struct job, link);

		n += str_eq(job->destination, destination);
	}
	return n;
}

/* Destinations that have as many connections as they may; strings live in a, since their
 * jobs may end meanwhile. */
static void skip_list(struct smtp_out *o, struct arena *a, struct queue_want *want)
{
	struct str *skip;

	pthread_mutex_lock(&o->lock);
	skip = arena_array(a, struct str, o->active_count);
	list_each(it, &o->active)
	{
		struct str d = container_of(it, struct job, link)->destination;

		/* Everything goes to the smarthost: it is worth all of our connections. */
		if (d.n != 0 && connections_to(o, d) >= LIMIT_smtp_out_per_destination)
			skip[want->skip_count++] = str_dup(a, d);
	}
	want->skip = skip;
	pthread_mutex_unlock(&o->lock);
}

/* Take one batch and start it. Returns when to look again (clock_real_ms). */
static int64_t take_one(struct smtp_out *o)
{
	struct job *job = NEW(struct job);
	struct queue_want want = { .now_ms = clock_real_ms(), .max = BATCH_MESSAGES };
	struct why why = { "" };
	int64_t next;

	job->out = o;
	arena_init(&job->arena, true); /* the smarthost's password will be in it */
	skip_list(o, &job->arena, &want);
	if (queue_take(o->config.queue, &want, &job->arena, &job->batch, &why) != OK) {
		event(store_failed, STR(""), ev_z(why.text));
		job_free(job);
		return want.now_ms + FAILURE_WAIT_MS;
	}
	next = job->batch.next_ms;
	if (job->batch.count == 0) {
		job_free(job);
		return next;
	}
	job->destination = job->batch.items[0].destination;
	job_start(o, job);
	return want.now_ms;
}

/* Until next, or until somebody wakes us. */
static void wait_until(struct smtp_out *o, int64_t next)
{
	int64_t wait = MIN(MAX(next - clock_real_ms(), 0), LOOK_MS);
	int64_t deadline = clock_mono_ms() + wait;

	while (!o->woken && !atomic_load(&o->stopping)) {
		if (next == INT64_MAX)
			pthread_cond_wait(&o->changed, &o->lock);
		else if (!cond_wait_until(&o->changed, &o->lock, deadline))
			return;
	}
}

static void *thread_run(void *arg)
{
	struct smtp_out *o = arg;
	int64_t next = 0;

	pthread_mutex_lock(&o->lock);
	while (!atomic_load(&o->stopping)) {
		o->woken = false;
		if (o->active_count < LIMIT_smtp_out_parallel) {
			pthread_mutex_unlock(&o->lock);
			next = take_one(o);
			pthread_mutex_lock(&o->lock);
		} else {
			next = INT64_MAX; /* until a job ends */
		}
		wait_until(o, next);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* --- life ------------------------------------------------------------------------------ */

static void out_free(struct smtp_out *o)
{
	pool_free(&o->pool);
	pthread_cond_destroy(&o->changed);
	pthread_mutex_destroy(&o->lock);
	mem_free(o);
}

enum err smtp_out_start(const struct smtp_out_config *config, struct smtp_out **out,
                        struct why *why)
{
	struct smtp_out *o = NEW(struct smtp_out);
	enum err e;

	*out = NULL;
	o->config = *config;
	list_init(&o->active);
	pthread_mutex_init(&o->lock, NULL);
	cond_init(&o->changed);
	e = pool_new("smtp-out", 1, LIMIT_smtp_out_parallel, LIMIT_smtp_out_parallel, &o->pool,
	             why);
	*out = o; /* before there is a thread whose work may end in smtp_out_wake(*out) */
	if (e == OK && pthread_create(&o->thread, NULL, thread_run, o) != 0)
		e = fail(why, ERR_IO, "no thread for outgoing mail");
	if (e) {
		*out = NULL;
		out_free(o);
	}
	return e;
}

void smtp_out_wake(struct smtp_out *o)
{
	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->woken = true;
	pthread_cond_signal(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

bool smtp_out_stop(struct smtp_out **out, int64_t deadline_ms)
{
	struct smtp_out *o = *out;

	if (o == NULL)
		return true;
	atomic_store(&o->stopping, true);
	smtp_out_wake(o);
	if (!o->joined)
		pthread_join(o->thread, NULL);
	o->joined = true;
	if (!pool_stop(o->pool, deadline_ms))
		return false;
	*out = NULL;
	out_free(o);
	return true;
}
