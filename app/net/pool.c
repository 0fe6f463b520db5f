/* net/pool.c: see pool.h. */
#include "net/pool.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/mem.h"
#include "net/cond.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
	/* Our frames are small, but Argon2id, zstd and a sanitizer's red zones are not.
	 * Pages that are not touched cost nothing. */
	STACK_BYTES = 512 * 1024,
	IDLE_MS = 10000,
};

struct pool_thread {
	struct list link; /* in idle or ended, else linked to itself */
	pthread_t id;
	pthread_cond_t work;
	struct pool *pool;
	bool called; /* taken off idle because there is a job */
};

struct pool {
	const char *name;
	unsigned min, max;
	size_t queue_max;
	pthread_mutex_t lock; /* of all below */
	struct list queue;    /* struct pool_job, oldest first                    */
	struct list idle;     /* struct pool_thread, the last one busy first      */
	struct list ended;    /* struct pool_thread, to be joined                 */
	pthread_cond_t quiet; /* a thread has ended, or fell idle while stopping  */
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

/* With the lock held: wait for a job. False: this thread is to end. */
static bool thread_wait(struct pool *p, struct pool_thread *t)
{
	int64_t idle_until = clock_mono_ms() + p->idle_ms;
	bool in_time = true;

	t->called = false;
	list_push_front(&p->idle, &t->link);
	p->idle_count++;
	if (p->stopping)
		pthread_cond_broadcast(&p->quiet);
	while (!t->called && !p->stopping && in_time) {
		if (p->threads > p->min)
			in_time = cond_wait_until(&t->work, &p->lock, idle_until);
		else
			pthread_cond_wait(&t->work, &p->lock);
	}
	if (t->called)
		return true; /* the caller has taken us off idle */
	list_remove(&t->link);
	p->idle_count--;
	/* Several may time out together; those that make up the minimum stay. */
	return !p->stopping && p->threads <= p->min;
}

static void *thread_main(void *arg)
{
	struct pool_thread *t = arg;
	struct pool *p = t->pool;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct list *l = list_pop_front(&p->queue);

		if (l == NULL) {
			if (!thread_wait(p, t) && list_empty(&p->queue))
				break;
			continue;
		}
		p->queued--;
		pthread_mutex_unlock(&p->lock);

		struct pool_job *job = container_of(l, struct pool_job, link);

		job->run(job);
		pthread_mutex_lock(&p->lock);
	}
	p->threads--;
	list_push_back(&p->ended, &t->link);
	pthread_cond_broadcast(&p->quiet);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With the lock held; joining is quick since they have left the lock for the last time. */
static void join_ended(struct pool *p)
{
	struct list *l;

	while ((l = list_pop_front(&p->ended)) != NULL) {
		struct pool_thread *t = container_of(l, struct pool_thread, link);

		pthread_join(t->id, NULL);
		pthread_cond_destroy(&t->work);
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
	cond_init(&t->work);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	number = pthread_create(&t->id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (number != 0) {
		pthread_cond_destroy(&t->work);
		mem_free(t);
		return number;
	}
	pthread_setname_np(t->id, p->name);
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

/* With the lock held. */
static void push(struct pool *p, struct pool_job *job)
{
	struct list *l;

	list_push_back(&p->queue, &job->link);
	p->queued++;
	l = list_pop_front(&p->idle);
	if (l != NULL) {
		struct pool_thread *t = container_of(l, struct pool_thread, link);

		p->idle_count--;
		t->called = true;
		pthread_cond_signal(&t->work);
	} else if (p->threads < p->max) {
		/* One that cannot be started is no loss: the others get to the job. */
		(void)thread_start(p);
	}
}

void pool_push(struct pool *p, struct pool_job *job)
{
	pthread_mutex_lock(&p->lock);
	push(p, job);
	pthread_mutex_unlock(&p->lock);
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
	bool room;

	if (fault("pool_run"))
		return false;
	pthread_mutex_lock(&p->lock);
	room = !p->stopping && p->queued < p->queue_max;
	if (room) {
		struct plain_job *j = NEW(struct plain_job);

		*j = (struct plain_job){ .job.run = plain_run, .fn = fn, .arg = arg };
		push(p, &j->job);
	}
	pthread_mutex_unlock(&p->lock);
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
	bool done;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	list_each(l, &p->idle)
		pthread_cond_signal(&container_of(l, struct pool_thread, link)->work);
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
