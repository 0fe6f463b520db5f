/* flow/policy/task.h: questions to others that checks have asked at one time; for this folder only.
 *
 *	start:  struct x *x = arena_new(policy_arena(r), struct x);  policy_task(r, &x->task, ask);
 *	run:    policy_tasks_wait(r);  use what is in x
 *
 * A task has threads and memory of its own; it keeps to policy_dns_deadline_ms. None waits for DNS
 * in the thread that begins them while others are still to be begun, so that no peer's name servers
 * use up the time of questions about somebody else. A run ends when all of its tasks have. */
#ifndef POLICY_TASK_H
#define POLICY_TASK_H
#include "flow/policy/check.h"
#include "foundation/config/limits.h"
#include "network/dns/dns.h"

/* A question that begins with less time than that may fail by our haste. */
enum { POLICY_FAIR_MS = LIMIT_policy_dns_ms / 2 };

struct policy_task {
	struct list link;
	struct policy_run *run;
	void (*ask)(struct policy_task *task);
	bool again;         /* set by ask: once more, behind what others ask */
	struct arena arena; /* until the run ends                            */
	struct dns *dns;    /* for ask                                       */
};

/* Have ask(task) called: soon by another thread, or in policy_tasks_wait. task lives in
 * policy_arena. */
void policy_task(struct policy_run *r, struct policy_task *task,
                 void (*ask)(struct policy_task *task));
/* The same; but where the whole of it can be answered by what is kept, that is done at once,
 * without a thread. So ask may be called twice, and asks task->dns alone. */
void policy_task_known(struct policy_run *r, struct policy_task *task,
                       void (*ask)(struct policy_task *task));
/* Until all tasks of the run are done. Quick when they are. */
void policy_tasks_wait(struct policy_run *r);

/* At the end of a message what was asked ahead is asked no more
 * (flow/policy/authentication/ahead.h). */
struct dns *policy_dns(const struct policy_run *r);
/* Is there time enough left that it is DNS which fails when a question that begins now gets no
 * answer, and not we, whom others have kept busy? */
bool policy_time_is_fair(const struct policy_run *r);
/* Monotonic: of questions that come out of others' answers, which may have taken all the time. */
int64_t policy_later_ms(const struct policy_run *r);
/* Monotonic: of one question to DNS. */
int64_t policy_dns_deadline_ms(const struct policy_run *r);

#endif
