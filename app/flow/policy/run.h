/* flow/policy/run.h: one stage being asked; for this folder only. */
#ifndef POLICY_RUN_H
#define POLICY_RUN_H
#include "flow/policy/answering.h"
#include "flow/policy/check.h"
#include "flow/policy/recall.h"
#include "flow/policy/tally.h"
#include "flow/policy/turns.h"
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
	struct dns_cancellable dns; /* for all questions; none begins when it stops */
	struct turns strangers, users; /* rooms of the pool: port 25; the rest            */
	pthread_mutex_t lock;
	atomic_int ahead; /* threads that flow/policy/authentication/ahead.h uses */
	atomic_int later; /* threads that flow/policy/authentication/later.h uses */
	struct recall *recall; /* NULL without a store */
	struct access *access; /* likewise; see access.h */
	struct policy_tally *tally;   /* what the checks have done */
	struct answering answering[ANSWERING_PLACES]; /* lock */
	size_t answering_count;                 /* lock */
};

/* Who frees a run whose rows are asked on the pool: the one who comes last. */
enum run_state { RUN_ASKED, RUN_DONE, RUN_LEFT };

struct policy_run {
	struct pool_job job;
	struct turn turn;
	struct policy *policy;
	struct policy_session *session;
	enum policy_stage stage;
	size_t row;                 /* which is asked                             */
	enum policy_kind said;      /* by this row: the strongest                 */
	struct policy_verdict verdict;
	struct arena arena;
	struct turns *room;
	int64_t begun_ms; /* monotonic: the time in line counts                     */
	int64_t late_ms; /* in line: when the time of the next row is over           */
	struct waker waker;
	void **kept;      /* of each row                                      */
	struct list tasks;
	struct policy_task *latest; /* that nobody asks yet (task.c) */
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

/* Of what is found now. */
static inline enum policy_stage run_found_stage(const struct policy_run *r)
{
	const struct policy_check *c = run_check(r);

	return c->flags & POLICY_LATER ? (enum policy_stage)__builtin_ctz(c->stages) : r->stage;
}

/* Where what was found is kept: before MAIL it counts for all that follows. */
static inline struct arena *run_arena(const struct policy_run *r)
{
	return r->stage < POLICY_MAIL ? &r->session->arena : &r->session->mail_arena;
}

/* --- task.c ------------------------------------------------------------------------------- */

/* Wait for all tasks and forget them. */
void policy_tasks_end(struct policy_run *r);

/* --- notes.c ------------------------------------------------------------------------------ */

/* Keep what the present row of r says, log and count it. */
void policy_note(struct policy_run *r, enum policy_kind kind, struct str text);
/* The same of a check that could not tell. */
void policy_note_failed(struct policy_run *r, struct str text);
/* Keep what is no verdict: "found", "changed"; word is static. */
void policy_note_plain(struct policy_run *r, const char *word, struct str text);

#endif
