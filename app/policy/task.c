/* policy/task.c: see task.h. */
#include "policy/task.h"

#include "base/clock.h"
#include "config/limits.h"
#include "policy/run.h"

static void done(struct policy_run *r)
{
	pthread_mutex_lock(&r->lock);
	if (--r->open == 0)
		pthread_cond_signal(&r->none_open);
	pthread_mutex_unlock(&r->lock);
}

static void on_thread(void *arg)
{
	struct policy_task *task = arg;
	struct policy_run *r = task->run;

	if (atomic_load(&r->state) != RUN_LEFT)
		task->ask(task);
	done(r);
}

void policy_task(struct policy_run *r, struct policy_task *task,
                 void (*ask)(struct policy_task *task))
{
	task->run = r;
	task->ask = ask;
	list_push_back(&r->tasks, &task->link);
	pthread_mutex_lock(&r->lock);
	r->open++;
	pthread_mutex_unlock(&r->lock);
	if (r->policy->asking == NULL || !pool_run(r->policy->asking, on_thread, task))
		on_thread(task);
}

void policy_tasks_wait(struct policy_run *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->open != 0)
		pthread_cond_wait(&r->none_open, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void policy_tasks_end(struct policy_run *r)
{
	policy_tasks_wait(r);
	list_each_safe(it, &r->tasks)
		arena_deinit(&container_of(it, struct policy_task, link)->arena);
	list_init(&r->tasks);
}

struct dns *policy_dns(const struct policy_run *r)
{
	return r->policy->config.dns;
}

int64_t policy_dns_deadline_ms(const struct policy_run *r)
{
	return MIN(clock_mono_ms() + LIMIT_policy_dns_ms, policy_deadline_ms(r));
}
