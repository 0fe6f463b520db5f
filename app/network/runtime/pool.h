/* network/runtime/pool.h: a pool of threads with a queue.
 *
 * It grows from min to max threads when a job finds no idle one, and shrinks when threads stay
 * idle. The thread that was busy last is used first, so the others can end. Idle threads cause no
 * wake-ups. Jobs may block. */
#ifndef RUNTIME_POOL_H
#define RUNTIME_POOL_H
#include "foundation/base/err.h"
#include "foundation/base/list.h"

struct pool;

/* A job inside its owner's object: queueing it cannot fail. It must not be pushed again before it
 * has begun to run. */
struct pool_job {
	struct list link;
	void (*run)(struct pool_job *job);
};

struct pool_stats {
	unsigned threads;
	unsigned busy;
	size_t queued;
};

/* name is for debuggers, at most 15 bytes, static. queue_max limits pool_run, not pool_push.
 * Threads start on demand; why has the error of the first one. 1 <= min <= max. */
enum err pool_new(const char *name, unsigned min, unsigned max, size_t queue_max, struct pool **out,
                  struct why *why) MUST_USE;

/* The time after which an idle thread above min ends; 10 s at first. */
void pool_idle_set(struct pool *p, int64_t ms);

/* Run fn(arg) on a thread. False, and fn will not run, when the queue is full or the pool
 * is stopping. */
bool pool_run(struct pool *p, void (*fn)(void *arg), void *arg) MUST_USE;
void pool_push(struct pool *p, struct pool_job *job);
/* Push all of a list of struct pool_job, which is empty afterwards. */
void pool_push_all(struct pool *p, struct list *jobs);

struct pool_stats pool_stats(struct pool *p);
/* Is the queue empty, so that a job may take longer? Cheap, a hint only. */
bool pool_quiet(const struct pool *p);

/* Accept no more pool_run jobs, run queued ones, end the threads. Returns false when jobs still run
 * at the deadline (clock_mono_ms); call again to wait longer. */
bool pool_stop(struct pool *p, int64_t deadline_ms);
/* Call it after pool_stop returned true; otherwise the pool is leaked, since jobs use it. NULL is a
 * no-op. */
void pool_free(struct pool **p);

#endif
