/* flow/policy/task.h: parallel queries of checks; for this folder only.
 *
 *	start:  struct x *x = arena_new(policy_arena(r), struct x);  policy_task(r, &x->task, ask);
 *	run:    policy_tasks_wait(r);  use what is in x
 *
 * A task has its own thread and memory, and observes policy_dns_deadline_ms. The thread
 * that starts tasks does not wait for DNS until all are started, so a slow name server
 * uses no time of other queries. A run ends after all of its tasks. */
#ifndef POLICY_TASK_H
#define POLICY_TASK_H
#include "flow/policy/check.h"
#include "foundation/config/limits.h"
#include "network/dns/dns.h"

/* A query that begins with less time may fail because this server is busy. */
enum { POLICY_FAIR_MS = LIMIT_policy_dns_ms / 2 };

struct policy_task {
	struct list link;
	struct policy_run *run;
	void (*ask)(struct policy_task *task);
	bool again;         /* set by ask: call it once more, after the other queries */
	struct arena arena; /* until the run ends                                     */
	struct dns *dns;    /* for ask                                                */
};

/* Call ask(task) soon in another thread, or in policy_tasks_wait. task lives in
 * policy_arena. */
void policy_task(struct policy_run *r, struct policy_task *task,
                 void (*ask)(struct policy_task *task));
/* The same. If cached results answer everything, ask runs at once without a thread. So
 * ask may be called twice, and queries task->dns only. */
void policy_task_known(struct policy_run *r, struct policy_task *task,
                       void (*ask)(struct policy_task *task));
/* Wait for all tasks of the run. Returns at once if they are done. */
void policy_tasks_wait(struct policy_run *r);

/* The resolver of the run. At the end of a message it ends the queries started ahead
 * (flow/policy/authentication/prefetch.h). */
struct dns *policy_dns(const struct policy_run *r);
/* Is enough time left to blame DNS, and not this server's load, if a query that begins
 * now gets no answer? */
bool policy_time_is_fair(const struct policy_run *r);
/* Monotonic deadline of queries that follow from answers of others, which may have used
 * all the time. */
int64_t policy_later_ms(const struct policy_run *r);
/* Monotonic deadline of one DNS query. */
int64_t policy_dns_deadline_ms(const struct policy_run *r);

#endif
