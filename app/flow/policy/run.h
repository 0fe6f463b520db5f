/* flow/policy/run.h: one run of a stage; for this folder only. */
#ifndef POLICY_RUN_H
#define POLICY_RUN_H
#include "flow/policy/policy_private.h"
#include "flow/policy/check.h"
#include "flow/policy/memory/recall.h"
#include "flow/policy/slots.h"
#include "network/dns/cancellable.h"
#include "network/runtime/pool.h"

#include <pthread.h>
#include <stdatomic.h>

struct answering {
	struct str name; /* str_new */
	unsigned failures;
	int64_t rest_until_ms;
};

struct policy {
	struct policy_config config; /* checks is never NULL */
	struct pool *pool; /* NULL: callers wait themselves */
	struct pool *asking; /* for struct policy_task; NULL: the same */
	atomic_bool stopping;
	struct dns_cancellable dns; /* for all queries; none begins after it stops */
	struct slots strangers, users; /* threads of the pool: for port 25; for the rest  */
	pthread_mutex_t lock;
	atomic_int ahead; /* threads that flow/policy/authentication/prefetch.h uses */
	atomic_int later; /* threads that flow/policy/authentication/later.h uses */
	struct recall *recall; /* of the configuration */
	struct access *access; /* NULL without a store; see access.h */
	struct stage_programs *stages; /* likewise */
	struct policy_tally *tally;   /* counts of verdicts */
	struct answering answering[ANSWERING_PLACES]; /* lock */
	size_t answering_count;                 /* lock */
};

/* The last user frees a run whose rows are on the pool. */
enum run_state { RUN_ASKED, RUN_DONE, RUN_LEFT };

struct policy_run {
	struct pool_job job;
	struct slot slot;
	struct policy *policy;
	struct policy_session *session;
	enum policy_stage stage;
	size_t row;                 /* that is running            */
	enum policy_kind said;      /* by this row: the strictest */
	struct policy_verdict verdict;
	struct arena arena;
	struct slots *room;
	int64_t begun_ms; /* monotonic: includes the wait for a thread              */
	int64_t late_ms; /* while waiting for a thread: when the time of the next row
	                  * ends */
	struct waker waker;
	void **kept;      /* of each row                                      */
	struct list tasks;
	struct policy_task *latest; /* not started yet (task.c) */
	pthread_mutex_t lock;
	pthread_cond_t none_open;
	unsigned open;    /* lock: tasks that are not done                    */
	bool started; /* the rows' start was called                               */
	_Atomic enum run_state state;
	void (*gone)(void *arg); /* of policy_leave                               */
	void *gone_arg;
};

static inline const struct policy_check *run_check(const struct policy_run *r)
{
	return &r->policy->config.checks[r->row];
}

/* Stage of the current findings. */
static inline enum policy_stage run_found_stage(const struct policy_run *r)
{
	const struct policy_check *c = run_check(r);

	return c->flags & POLICY_LATER ? (enum policy_stage)__builtin_ctz(c->stages) : r->stage;
}

/* Memory of findings: before MAIL they apply to the whole session. */
static inline struct arena *run_arena(const struct policy_run *r)
{
	return r->stage < POLICY_MAIL ? &r->session->arena : &r->session->mail_arena;
}

/* --- task.c ------------------------------------------------------------------------------- */

/* Wait for all tasks and forget them. */
void policy_tasks_end(struct policy_run *r);

/* --- notes.c ------------------------------------------------------------------------------ */

/* Record, log and count a verdict of r's current row. */
void policy_note(struct policy_run *r, enum policy_kind kind, struct str text);
/* The same for a check that failed. */
void policy_note_failed(struct policy_run *r, struct str text);
/* Record a finding without a verdict: "found", "changed"; word is static. */
void policy_note_plain(struct policy_run *r, const char *word, struct str text);

#endif
