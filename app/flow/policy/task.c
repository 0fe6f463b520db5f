/* flow/policy/task.c: see task.h. */
#include "flow/policy/task.h"

#include "flow/policy/authentication/prefetch.h"
#include "flow/policy/run.h"
#include "foundation/base/clock.h"
#include "network/dns/budget.h"
#include "network/dns/cached.h"

static void task_done(struct policy_run *r)
{
	pthread_mutex_lock(&r->lock);
	if (--r->open == 0)
		pthread_cond_signal(&r->none_open);
	pthread_mutex_unlock(&r->lock);
}

/* True: call it again. */
static bool ask_now(struct policy_task *task)
{
	struct dns_budget *before = dns_budget_enter(task->run->session->budget);

	task->again = false;
	if (atomic_load(&task->run->state) != RUN_LEFT)
		task->ask(task);
	(void)dns_budget_enter(before);
	return task->again;
}

/* Between two queries of a task the thread serves others, but only if something waits for
 * it. */
static void on_thread(void *arg)
{
	struct policy_task *task = arg;
	struct policy_run *r = task->run;
	struct pool *pool = r->policy->asking;

	while (ask_now(task))
		if (pool != NULL && !pool_quiet(pool) && pool_run(pool, on_thread, task))
			return;
	task_done(r);
}

static void hand_on(struct policy_run *r, struct policy_task *task)
{
	pthread_mutex_lock(&r->lock);
	r->open++;
	pthread_mutex_unlock(&r->lock);
	if (r->policy->asking == NULL || !pool_run(r->policy->asking, on_thread, task))
		on_thread(task);
}

/* The latest task is left to the waiting thread, which is otherwise idle. */
void policy_task(struct policy_run *r, struct policy_task *task,
                 void (*ask)(struct policy_task *task))
{
	struct policy_task *before = r->latest;

	task->run = r;
	task->ask = ask;
	task->dns = policy_dns(r);
	list_push_back(&r->tasks, &task->link);
	r->latest = task;
	if (before != NULL)
		hand_on(r, before);
}

void policy_task_known(struct policy_run *r, struct policy_task *task,
                       void (*ask)(struct policy_task *task))
{
	struct dns_cached known;

	dns_cached_init(&known, policy_dns(r));
	task->run = r;
	task->dns = &known.dns;
	ask(task);
	task->dns = policy_dns(r);
	if (known.missed) {
		arena_deinit(&task->arena);
		policy_task(r, task, ask);
	} else {
		list_push_back(&r->tasks, &task->link);
	}
}

void policy_tasks_wait(struct policy_run *r)
{
	struct policy_task *latest = r->latest;

	r->latest = NULL;
	while (latest != NULL && ask_now(latest)) {
	}
	pthread_mutex_lock(&r->lock);
	while (r->open != 0)
		pthread_cond_wait(&r->none_open, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void policy_tasks_end(struct policy_run *r)
{
	r->latest = NULL; /* not started by policy_tasks_wait */
	policy_tasks_wait(r);
	list_each_safe(it, &r->tasks)
		arena_deinit(&container_of(it, struct policy_task, link)->arena);
	list_init(&r->tasks);
}

struct dns *policy_dns(const struct policy_run *r)
{
	struct dns *asked = policy_asked_dns(r->session->asked);

	return r->stage == POLICY_END && asked != NULL ? asked : &r->policy->dns.dns;
}

bool policy_time_is_fair(const struct policy_run *r)
{
	return policy_deadline_ms(r) - clock_mono_ms() >= POLICY_FAIR_MS;
}

int64_t policy_later_ms(const struct policy_run *r)
{
	return MAX(clock_mono_ms() + LIMIT_policy_dns_ms, policy_deadline_ms(r));
}

int64_t policy_dns_deadline_ms(const struct policy_run *r)
{
	return MIN(clock_mono_ms() + LIMIT_policy_dns_ms, policy_deadline_ms(r));
}
