/* flow/policy/authentication/later.h: DNS queries that continue after their stage,
 * because nothing in it needs the result; for this folder only. A later stage collects
 * the result.
 *
 *	later:  x = policy_later_new(r, ask);  x->what = arena_new(&x->arena, ...);
 *	        policy_later_go(&x);                              NULL: there is no thread for it
 *	need:   policy_later_landed(x) ? POLICY_QUICK : POLICY_SLOW at the last stage
 *	run:    policy_later_wait(x, deadline_ms) when it is slow, by a task;  use x->what
 *	reset, end:  policy_later_leave(&x)
 *
 * A query has the same time limit as in its own stage. Its session may end first, so it
 * uses only copies of the session's data. */
#ifndef POLICY_LATER_H
#define POLICY_LATER_H
#include "flow/policy/check.h"
#include "network/dns/dns.h"

#include <pthread.h>
#include <stdatomic.h>

struct policy_later {
	struct arena arena;  /* for ask; lives until the last user leaves */
	void *what;          /* in arena                                  */
	struct dns *dns;     /* for ask                                   */
	int64_t deadline_ms; /* likewise                                  */
	bool late; /* so many other queries ran that a failure may be caused by this
	            * server */

	/* --- later.c --- */
	struct policy *policy;
	struct dns_budget *budget;
	void (*ask)(struct policy_later *x);
	pthread_mutex_t lock;
	pthread_cond_t landing;
	atomic_bool left; /* the result is not wanted: no further query begins */
	bool landed;    /* lock                             */
	unsigned users; /* lock: the creator and the thread */
};

/* Is a thread free for it now? Otherwise the query runs within its stage. */
bool policy_later_room(const struct policy_run *r);
struct policy_later *policy_later_new(const struct policy_run *r,
                                      void (*ask)(struct policy_later *x)) MUST_USE;
/* Run ask in another thread. If cached results answer everything, ask runs at once
 * without a thread, so ask may be called twice. It queries x->dns only. Without a free
 * thread *x is freed and cleared. */
void policy_later_go(struct policy_later **x);
/* Has it ended? Then it does not change any more. */
bool policy_later_landed(struct policy_later *x);
/* The same, after waiting for it. */
bool policy_later_wait(struct policy_later *x, int64_t deadline_ms);
/* The result is not wanted any more. NULL is a no-op; clears *x. */
void policy_later_leave(struct policy_later **x);

#endif
