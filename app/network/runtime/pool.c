/* network/runtime/pool.c: see pool.h.
 *
 *	push --> an idle thread is called, with the job in its struct
 *	     \-> none: the queue, which every thread checks before it becomes idle
 *
 * So the queue is empty while a thread is idle. Each call is one post of the thread's semaphore,
 * after the lock is released: the thread runs at once and needs no lock to get its job. With a
 * condition variable it would wake up and wait for the lock, which would cost more than short
 * jobs. */
#include "network/runtime/pool.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

enum {
	/* Our stack frames are small, but those of Argon2id, zstd and sanitizers are not. Untouched
	 * pages cost nothing. */
	STACK_BYTES = 512 * 1024,
	IDLE_MS = 10000,
};

struct pool_thread {
	struct list link; /* in idle or ended, or in a list of called ones */
	pthread_t id;
	struct pool *pool;
	bool idle;            /* in idle; under the pool's lock                     */
	bool left;            /* in ended: the thread returns                       */
	struct pool_job *job; /* the job; NULL: check the queue. Written before ... */
	sem_t call;           /* ... this is posted, once for each removal from idle */
};

struct pool {
	const char *name;
	unsigned min, max;
	size_t queue_max;
	pthread_mutex_t lock; /* of all below */
	struct list queue;    /* struct pool_job, oldest first                    */
	struct list idle;     /* struct pool_thread, the last one busy first      */
	struct list ended;    /* struct pool_thread, to be joined                 */
	pthread_cond_t quiet; /* a thread has ended                               */
	bool stopping;
	int64_t idle_ms;
	/* Written under the lock, also read without it as hints. */
	atomic_uint threads, idle_count;
	atomic_size_t queued;
};

struct plain_job {
	struct pool_job job;
	void (*fn)(void *arg);
	void *arg;
};

/* --- a thread ------------------------------------------------------------------ */

/* These with the lock held. */

static void idle_enter(struct pool *p, struct pool_thread *t)
{
	t->idle = true;
	t->job = NULL;
	list_push_front(&p->idle, &t->link);
	p->idle_count++;
}

static void idle_leave(struct pool *p, struct pool_thread *t)
{
	t->idle = false;
	list_remove(&t->link);
	p->idle_count--;
}

static void pool_leave(struct pool *p, struct pool_thread *t)
{
	t->left = true;
	p->threads--;
	list_push_back(&p->ended, &t->link);
	pthread_cond_broadcast(&p->quiet);
}

static struct pool_job *queue_take(struct pool *p)
{
	struct list *l = list_pop_front(&p->queue);

	if (l == NULL)
		return NULL;
	p->queued--;
	return container_of(l, struct pool_job, link);
}

/* From here on without. */

/* Idle for too long: leave, unless fewer than the minimum would remain, since several may time out
 * together. A called thread is not idle any more; its post follows. */
static void timed_out(struct pool *p, struct pool_thread *t)
{
	bool called;

	pthread_mutex_lock(&p->lock);
	called = !t->idle;
	if (!called) {
		idle_leave(p, t);
		if (p->threads > p->min)
			pool_leave(p, t);
	}
	pthread_mutex_unlock(&p->lock);
	if (called)
		sem_wait_until(&t->call, INT64_MAX);
}

/* The next job, or NULL: the thread has left, or must check again. */
static struct pool_job *next_job(struct pool *p, struct pool_thread *t)
{
	int64_t until_ms = INT64_MAX;
	struct pool_job *job;

	pthread_mutex_lock(&p->lock);
	job = queue_take(p);
	if (job == NULL && p->stopping)
		pool_leave(p, t);
	else if (job == NULL)
		idle_enter(p, t);
	if (p->threads > p->min)
		until_ms = clock_mono_ms() + p->idle_ms;
	pthread_mutex_unlock(&p->lock);
	if (job != NULL || t->left)
		return job;
	if (!sem_wait_until(&t->call, until_ms))
		timed_out(p, t);
	return t->job;
}

static void *thread_main(void *arg)
{
	struct pool_thread *t = arg;

	pthread_setname_np(pthread_self(), t->pool->name);
	while (!t->left) {
		struct pool_job *job = next_job(t->pool, t);

		if (job != NULL)
			job->run(job);
	}
	return NULL;
}

/* --- starting threads ---------------------------------------------------------- */

/* With the lock held; joining is fast since they have released the lock for the last time. */
static void join_ended(struct pool *p)
{
	struct list *l;

	while ((l = list_pop_front(&p->ended)) != NULL) {
		struct pool_thread *t = container_of(l, struct pool_thread, link);

		pthread_join(t->id, NULL);
		sem_destroy(&t->call);
		mem_free(t);
	}
}

/* With the lock held. Returns 0 or an errno. */
static int thread_start(struct pool *p)
{
	struct pool_thread *t;
	pthread_attr_t attr;
	int number;

	if (fault("pool_thread"))
		return errno;
	join_ended(p);
	t = NEW(struct pool_thread);
	t->pool = p;
	list_init(&t->link);
	sem_init(&t->call, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	number = pthread_create(&t->id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (number != 0) {
		sem_destroy(&t->call);
		mem_free(t);
		return number;
	}
	p->threads++;
	return 0;
}

enum err pool_new(const char *name, unsigned min, unsigned max, size_t queue_max, struct pool **out,
                  struct why *why)
{
	struct pool *p = NEW(struct pool);
	int number;

	assert(min >= 1 && min <= max && strlen(name) <= 15);
	p->name = name;
	p->min = min;
	p->max = max;
	p->queue_max = queue_max;
	p->idle_ms = IDLE_MS;
	pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->quiet);
	list_init(&p->queue);
	list_init(&p->idle);
	list_init(&p->ended);
	pthread_mutex_lock(&p->lock);
	number = thread_start(p);
	pthread_mutex_unlock(&p->lock);
	if (number != 0) {
		pool_free(&p);
		return fail(why, ERR_IO, "cannot start a thread: %s", strerror(number));
	}
	*out = p;
	return OK;
}

void pool_idle_set(struct pool *p, int64_t ms)
{
	pthread_mutex_lock(&p->lock);
	p->idle_ms = ms;
	pthread_mutex_unlock(&p->lock);
}

/* --- jobs ------------------------------------------------------------------------ */

/* With the lock held: give the job to an idle thread, which must be called after the lock is
 * released, or queue it. */
static void push(struct pool *p, struct pool_job *job, struct list *called)
{
	struct pool_thread *t;

	if (list_empty(&p->idle)) {
		list_push_back(&p->queue, &job->link);
		p->queued++;
		/* If none can be started, the others run the job. */
		if (p->threads < p->max)
			(void)thread_start(p);
		return;
	}
	t = container_of(p->idle.next, struct pool_thread, link);
	idle_leave(p, t);
	t->job = job;
	list_push_back(called, &t->link);
}

/* Without the lock. A called thread runs independently. */
static void call(struct list *called)
{
	struct list *l;

	while ((l = list_pop_front(called)) != NULL)
		sem_post(&container_of(l, struct pool_thread, link)->call);
}

void pool_push_all(struct pool *p, struct list *jobs)
{
	struct list called, *l;

	if (list_empty(jobs))
		return;
	list_init(&called);
	pthread_mutex_lock(&p->lock);
	while ((l = list_pop_front(jobs)) != NULL)
		push(p, container_of(l, struct pool_job, link), &called);
	pthread_mutex_unlock(&p->lock);
	call(&called);
}

void pool_push(struct pool *p, struct pool_job *job)
{
	struct list jobs;

	list_init(&jobs);
	list_push_back(&jobs, &job->link);
	pool_push_all(p, &jobs);
}

static void plain_run(struct pool_job *job)
{
	struct plain_job *j = container_of(job, struct plain_job, job);
	void (*fn)(void *) = j->fn;
	void *arg = j->arg;

	mem_free(j);
	fn(arg);
}

bool pool_run(struct pool *p, void (*fn)(void *arg), void *arg)
{
	struct list called;
	bool room;

	if (fault("pool_run"))
		return false;
	list_init(&called);
	pthread_mutex_lock(&p->lock);
	room = !p->stopping && p->queued < p->queue_max;
	if (room) {
		struct plain_job *j = NEW(struct plain_job);

		*j = (struct plain_job){ .job.run = plain_run, .fn = fn, .arg = arg };
		push(p, &j->job, &called);
	}
	pthread_mutex_unlock(&p->lock);
	call(&called);
	return room;
}

struct pool_stats pool_stats(struct pool *p)
{
	struct pool_stats s;

	pthread_mutex_lock(&p->lock);
	s = (struct pool_stats){ p->threads, p->threads - p->idle_count, p->queued };
	pthread_mutex_unlock(&p->lock);
	return s;
}

bool pool_quiet(const struct pool *p)
{
	return p->queued == 0 && (p->idle_count != 0 || p->threads < p->max);
}

bool pool_stop(struct pool *p, int64_t deadline_ms)
{
	struct list called;
	bool done;

	list_init(&called);
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	while (!list_empty(&p->idle)) {
		struct pool_thread *t = container_of(p->idle.next, struct pool_thread, link);

		idle_leave(p, t);
		list_push_back(&called, &t->link);
	}
	pthread_mutex_unlock(&p->lock);
	call(&called);
	pthread_mutex_lock(&p->lock);
	while (p->threads != 0 && cond_wait_until(&p->quiet, &p->lock, deadline_ms)) {
	}
	done = p->threads == 0;
	join_ended(p);
	pthread_mutex_unlock(&p->lock);
	return done;
}

void pool_free(struct pool **pool)
{
	struct pool *p = *pool;

	*pool = NULL;
	if (p == NULL || p->threads != 0)
		return;
	pthread_cond_destroy(&p->quiet);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}
