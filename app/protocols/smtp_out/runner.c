/* protocols/smtp_out/runner.c: the thread that wakes when mail is due, and the pool that
 * delivers it; see smtp_out.h.
 *
 * Every connection has a thread while it works, LIMIT_smtp_out_sessions of them. Which
 * destinations will answer, and how fast, is unknown, so the threads are shared by past
 * results:
 *
 *	suspects   destinations that did not answer last time: LIMIT_smtp_out_suspects
 *	unproven   those, and those without a recent accepted message: LIMIT_smtp_out_unproven
 *	proven     whose last result was an accepted message (pace.h): all other threads
 *
 * So even if many remotes are dead or slow, working ones find a thread.
 * model/queue/destinations/pace.h limits the connections of one destination by the results
 * of batch.c. */
#include "protocols/smtp_out/smtp_out.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/list.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/queue/class.h"
#include "model/queue/destinations/pace.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"
#include "network/runtime/pool.h"
#include "network/tls/tls.h"
#include "protocols/smtp_out/batch.h"
#include "protocols/smtp_out/idle.h"
#include "protocols/smtp_out/settle.h"

#include <pthread.h>

enum {
	BATCH_MESSAGES = 4, /* a working remote gets more: batch.c */
	FAILURE_WAIT_MS = 5000,
	LOOK_MS = 60000, /* interval of checks while mail is queued: the clock may have
	                  * been set */
};

/* One running batch; in smtp_out.active until it is done. */
struct job {
	struct list link;
	struct smtp_out *out;
	struct arena arena; /* owns batch and destination */
	struct queue_batch batch;
	struct str destination;
	uint64_t mark; /* of model/queue/destinations/pace.h */
	/* out's lock; until a message is accepted: */
	bool suspect;  /* it did not answer last time */
	bool unproven; /* no recent accepted message  */
};

struct smtp_out {
	struct smtp_out_config config;
	struct pool *pool;
	struct out_idle *idle;
	struct tls_sessions *tls_sessions;
	pthread_t thread;
	bool joined; /* by smtp_out_stop, which may be called again */
	atomic_bool stopping;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken;            /* lock */
	struct list active;    /* lock: struct job */
	unsigned active_count; /* lock */
	unsigned unproven;     /* lock: of those */
	unsigned suspects;     /* lock: of those */
};

/* --- jobs -------------------------------------------------------------------------- */

static void job_free(struct job *job)
{
	arena_deinit(&job->arena);
	mem_free(job);
}

/* Give the batch back untried, due not before after_ms. */
static void job_put_back(struct job *job, int64_t after_ms)
{
	int64_t due_ms = after_ms != 0 ? clock_real_ms() + after_ms : 0;

	if (queue_release(job->out->config.queue, job->batch.items, job->batch.count, due_ms,
	                  NULL) != OK)
		(void)0; /* their leases expire */
}

/* The route no longer exists. There may be another one; a removed route that an
 * administrator chose is a failed attempt. */
static void job_reroute(struct job *job, const struct out_batch *b, const struct why *missing)
{
	if (job->batch.rules != queue_rules_now(job->out->config.queue))
		job_put_back(job, 0);
	else
		out_settle_later(b, &job->batch, str_of(missing->text));
}

static struct pace *pace_of(const struct smtp_out *o)
{
	return queue_pace(o->config.queue);
}

static void job_enter(struct smtp_out *o, struct job *job)
{
	list_push_back(&o->active, &job->link);
	o->active_count++;
	o->unproven += job->unproven;
	o->suspects += job->suspect;
}

/* A message was accepted: it is neither any more. lock is held. */
static void job_prove(struct smtp_out *o, struct job *job)
{
	o->unproven -= job->unproven;
	o->suspects -= job->suspect;
	job->unproven = job->suspect = false;
}

static void job_leave(struct smtp_out *o, struct job *job)
{
	list_remove(&job->link);
	o->active_count--;
	job_prove(o, job);
}

/* A message was taken. */
static void job_taken(void *arg)
{
	struct job *job = arg;
	struct smtp_out *o = job->out;
	bool grown = queue_taken(o->config.queue, job->destination, clock_mono_ms());

	pthread_mutex_lock(&o->lock);
	grown = grown || job->unproven;
	job_prove(o, job);
	pthread_mutex_unlock(&o->lock);
	if (grown)
		smtp_out_wake(o);
}

/* Returns whether other connections to the destination work: then it was only one too
 * many. */
static bool job_trouble(void *arg, struct str text)
{
	struct job *job = arg;

	return pace_bad(pace_of(job->out), job->destination, job->mark, clock_mono_ms(), text);
}

/* May another batch begin? lock is held. */
static bool has_room(const struct smtp_out *o)
{
	return o->active_count < LIMIT_smtp_out_sessions;
}

/* Are threads so scarce that timeouts should be short? */
static bool is_crowded(struct smtp_out *o)
{
	bool crowded;

	pthread_mutex_lock(&o->lock);
	crowded = o->unproven > LIMIT_smtp_out_unproven / 4;
	pthread_mutex_unlock(&o->lock);
	return crowded;
}

static void job_travel(struct job *job, const struct out_batch *b)
{
	if (b->way->kind == ROUTE_MX || b->way->kind == ROUTE_RELAY)
		out_batch_run(b, &job->batch);
	else
		out_settle(b, &job->batch);
}

static void job_deliver(struct job *job, const struct settings *s)
{
	struct smtp_out *o = job->out;
	struct why why = { "" };
	struct out_way way;
	struct out_batch b = { .config = &o->config,
		               .settings = s,
		               .way = &way,
		               .stopping = &o->stopping,
		               .crowded = is_crowded(o),
		               .idle = o->idle,
		               .tls_sessions = o->tls_sessions,
		               .taken = job_taken,
		               .trouble = job_trouble,
		               .arg = job };

	switch (out_way_find(s, job->destination, &job->arena, &way, &why)) {
	case OK:
		job_travel(job, &b);
		break;
	case ERR_MISSING:
		job_reroute(job, &b, &why);
		break;
	default:
		event(smarthost_failed, STR(""), ev_z(why.text));
		job_put_back(job, LOOK_MS);
	}
	out_way_deinit(&way);
}

static void job_run(void *arg)
{
	struct job *job = arg;
	struct smtp_out *o = job->out;
	const struct settings *s = settings_ref(o->config.live);

	job_deliver(job, s);
	settings_unref(s);
	pace_end(pace_of(o), job->destination, clock_mono_ms());
	pthread_mutex_lock(&o->lock);
	job_leave(o, job);
	o->woken = true;
	pthread_cond_signal(&o->changed);
	pthread_mutex_unlock(&o->lock);
	job_free(job);
}

/* Connection limits of the route apply before the next batch is taken. */
static void job_begin(struct smtp_out *o, struct job *job)
{
	const struct settings *s = settings_ref(o->config.live);
	uint64_t most = out_way_connections(s, job->destination, &job->arena);

	settings_unref(s);
	job->mark = pace_begin(pace_of(o), job->destination, most, clock_mono_ms());
}

static void job_start(struct smtp_out *o, struct job *job)
{
	job_begin(o, job);
	pthread_mutex_lock(&o->lock);
	job_enter(o, job);
	pthread_mutex_unlock(&o->lock);
	if (pool_run(o->pool, job_run, job))
		return;
	/* The pool is stopping: the entries go back. */
	pace_end(pace_of(o), job->destination, clock_mono_ms());
	pthread_mutex_lock(&o->lock);
	job_leave(o, job);
	pthread_mutex_unlock(&o->lock);
	job_put_back(job, 0);
	job_free(job);
}

/* --- the thread ---------------------------------------------------------------------- */

static bool may_begin(struct str destination, void *pace)
{
	return pace_may(pace, destination);
}

/* Which destinations may get another connection now. */
static void want_by_room(struct smtp_out *o, struct queue_want *want)
{
	pthread_mutex_lock(&o->lock);
	want->proven = o->unproven >= LIMIT_smtp_out_unproven;
	want->no_suspects = o->suspects >= LIMIT_smtp_out_suspects;
	pthread_mutex_unlock(&o->lock);
	want->may = may_begin;
	want->may_arg = pace_of(o);
}

struct full {
	struct smtp_out *o;
	struct arena *arena;
	struct str *names;
	size_t count;
};

static unsigned connections_of(const struct smtp_out *o, struct str queue)
{
	unsigned n = 0;

	list_each(it, &o->active)
		n += str_eq(container_of(it, struct job, link)->batch.dest.queue, queue);
	return n;
}

static void full_add(const struct queue_class *class, void *arg)
{
	struct full *f = arg;

	if (f->count == LIMIT_rules || (!class->paused && (class->concurrency == 0 ||
	    connections_of(f->o, class->name) < class->concurrency)))
		return;
	f->names[f->count++] = str_dup(f->arena, class->name);
}

/* Named queues that are paused or have reached their connection limit. */
static void skip_queues(struct smtp_out *o, struct arena *a, struct queue_want *want)
{
	const struct settings *s = settings_ref(o->config.live);
	struct full f = { o, a, NULL, 0 };

	if (s->queues.n != 0) {
		f.names = arena_array(a, struct str, LIMIT_rules);
		pthread_mutex_lock(&o->lock);
		queue_class_each(s, full_add, &f);
		pthread_mutex_unlock(&o->lock);
	}
	settings_unref(s);
	want->skip_queues = f.names;
	want->skip_queue_count = f.count;
}

/* Take one batch and start it. Returns the time of the next check (clock_real_ms). */
static int64_t take_one(struct smtp_out *o)
{
	struct job *job = NEW(struct job);
	struct queue_want want = { .now_ms = clock_real_ms(), .max = BATCH_MESSAGES };
	struct why why = { "" };
	int64_t next;
	enum err e;

	job->out = o;
	arena_init(&job->arena, true); /* holds the smarthost's password */
	want_by_room(o, &want);
	skip_queues(o, &job->arena, &want);
	e = queue_take(o->config.queue, &want, &job->arena, &job->batch, &why);
	if (e) {
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
		job_free(job);
		return want.now_ms + FAILURE_WAIT_MS;
	}
	next = job->batch.next_ms;
	if (job->batch.count == 0) {
		job_free(job);
		return next;
	}
	job->destination = job->batch.items[0].destination;
	job->suspect = job->batch.suspect;
	job->unproven = !pace_is_proven(pace_of(o), job->destination);
	job_start(o, job);
	return want.now_ms;
}

/* QUIT waits for a reply, so it runs on a thread of the pool. */
static void session_end(void *arg)
{
	struct out_session *s = arg;

	out_session_deinit(s);
	mem_free(s);
}

/* Close expired sessions; or all of them. */
static void sessions_end(struct smtp_out *o, bool all)
{
	for (;;) {
		struct out_session *s = NEW(struct out_session);

		out_session_init(s, STR_EMPTY);
		if (!out_idle_pop(o->idle, clock_mono_ms(), all, s)) {
			session_end(s);
			return;
		}
		if (!pool_run(o->pool, session_end, s)) {
			out_session_close(s, false);
			session_end(s);
		}
	}
}

/* Wait until next, a session's expiry, or a wake-up. */
static void wait_until(struct smtp_out *o, int64_t next)
{
	int64_t wait = MIN(MAX(next - clock_real_ms(), 0), LOOK_MS), idle = out_idle_next(o->idle);
	int64_t deadline = MIN(clock_mono_ms() + wait, idle);

	while (!o->woken && !atomic_load(&o->stopping)) {
		if (next == INT64_MAX && idle == INT64_MAX)
			pthread_cond_wait(&o->changed, &o->lock);
		else if (!cond_wait_until(&o->changed, &o->lock, deadline))
			return;
	}
}

static void *runner_thread_run(void *arg)
{
	struct smtp_out *o = arg;
	int64_t next = 0;

	pthread_mutex_lock(&o->lock);
	while (!atomic_load(&o->stopping)) {
		o->woken = false;
		if (has_room(o)) {
			pthread_mutex_unlock(&o->lock);
			next = take_one(o);
			pthread_mutex_lock(&o->lock);
		} else {
			next = INT64_MAX; /* until a job ends */
		}
		pthread_mutex_unlock(&o->lock);
		sessions_end(o, false);
		pthread_mutex_lock(&o->lock);
		wait_until(o, next);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* --- life ------------------------------------------------------------------------------ */

static void out_free(struct smtp_out *o)
{
	pool_free(&o->pool);
	out_idle_free(&o->idle);
	tls_sessions_close(o->tls_sessions);
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
	o->idle = out_idle_new(LIMIT_smtp_out_idle);
	o->tls_sessions = tls_sessions_open(LIMIT_smtp_out_tls_sessions);
	list_init(&o->active);
	pthread_mutex_init(&o->lock, NULL);
	cond_init(&o->changed);
	e = pool_new("smtp-out", 1, LIMIT_smtp_out_sessions, LIMIT_smtp_out_sessions, &o->pool,
	             why);
	*out = o; /* set before a thread may call smtp_out_wake(*out) */
	if (e == OK && pthread_create(&o->thread, NULL, runner_thread_run, o) != 0)
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
	if (!o->joined)
		sessions_end(o, true);
	o->joined = true;
	if (!pool_stop(o->pool, deadline_ms))
		return false;
	*out = NULL;
	out_free(o);
	return true;
}
