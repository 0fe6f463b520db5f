/* flow/policy/authentication/later.h: questions to others that go on behind their stage, since
 * nothing there waits for what is found; for this folder only. Whoever needs it collects it at a
 * later stage.
 *
 *	later:  x = policy_later_new(r, ask);  x->what = arena_new(&x->arena, ...);
 *	        policy_later_go(&x);                              NULL: there is no thread for it
 *	need:   policy_later_landed(x) ? POLICY_QUICK : POLICY_SLOW at the last stage
 *	run:    policy_later_wait(x, deadline_ms) when it is slow, by a task;  use x->what
 *	reset, end:  policy_later_leave(&x)
 *
 * A question has as long as in its own stage. Its session may be gone before it ends, so it sees
 * nothing of that but what is copied. */
#ifndef POLICY_LATER_H
#define POLICY_LATER_H
#include "flow/policy/check.h"
#include "network/dns/dns.h"

#include <pthread.h>
#include <stdatomic.h>

struct policy_later {
	struct arena arena;  /* for ask, and for who has it to the last */
	void *what;          /* in arena                                */
	struct dns *dns;     /* for ask                                 */
	int64_t deadline_ms; /* likewise                                */
	bool late; /* so many others were asked about that a failure may be by our haste */

	/* --- later.c --- */
	struct policy *policy;
	struct dns_budget *budget;
	void (*ask)(struct policy_later *x);
	pthread_mutex_t lock;
	pthread_cond_t landing;
	atomic_bool left; /* nobody wants it: no further question begins */
	bool landed;    /* lock                                        */
	unsigned users; /* lock: who has begun it, and the thread      */
};

/* Would there be a thread for it now? Otherwise it is asked as any other, within its stage. */
bool policy_later_room(const struct policy_run *r);
struct policy_later *policy_later_new(const struct policy_run *r,
                                      void (*ask)(struct policy_later *x)) MUST_USE;
/* Have it asked, by another thread; where the whole of it can be answered by what is kept, at once
 * and without one, so that ask may be called twice. It asks x->dns alone. *x is freed and cleared
 * when there is no thread. */
void policy_later_go(struct policy_later **x);
/* Has it ended? Then nobody changes it any more. */
bool policy_later_landed(struct policy_later *x);
/* The same, after waiting for it. */
bool policy_later_wait(struct policy_later *x, int64_t deadline_ms);
/* What it finds is not wanted any more. NULL is a no-op; clears *x. */
void policy_later_leave(struct policy_later **x);

#endif
