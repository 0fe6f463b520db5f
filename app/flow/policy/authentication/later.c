/* flow/policy/authentication/later.c: see later.h. */
#include "flow/policy/authentication/later.h"

#include "flow/policy/run.h"
#include "flow/policy/task.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/dns/budget.h"
#include "network/dns/cached.h"

/* Most threads: the pool has twice as many as the stages, and most are for waiting
 * sessions. */
static int most(const struct policy *p)
{
	return (int)p->config.threads / 2;
}

bool policy_later_room(const struct policy_run *r)
{
	struct policy *p = r->policy;

	return p->asking != NULL && atomic_load(&p->later) < most(p);
}

struct policy_later *policy_later_new(const struct policy_run *r,
                                      void (*ask)(struct policy_later *x))
{
	struct policy_later *x = NEW(struct policy_later);

	x->policy = r->policy;
	x->budget = dns_budget_ref(r->session->budget);
	x->ask = ask;
	x->deadline_ms = clock_mono_ms() + LIMIT_policy_stage_ms;
	x->users = 1;
	pthread_mutex_init(&x->lock, NULL);
	cond_init(&x->landing);
	return x;
}

static void later_free(struct policy_later *x)
{
	pthread_cond_destroy(&x->landing);
	pthread_mutex_destroy(&x->lock);
	dns_budget_unref(x->budget);
	arena_deinit(&x->arena);
	mem_free(x);
}

static void unuse(struct policy_later *x, bool landed)
{
	bool last;

	pthread_mutex_lock(&x->lock);
	last = --x->users == 0;
	x->landed |= landed;
	pthread_cond_broadcast(&x->landing);
	pthread_mutex_unlock(&x->lock);
	if (last)
		later_free(x);
}

static void on_thread(void *arg)
{
	struct policy_later *x = arg;
	struct policy *p = x->policy;
	struct dns_cancellable gate;

	dns_cancellable_init(&gate, &p->dns.dns, &x->left);
	x->dns = &gate.dns;
	x->late = x->deadline_ms - clock_mono_ms() < POLICY_FAIR_MS;
	(void)dns_budget_enter(x->budget);
	x->ask(x);
	(void)dns_budget_enter(NULL);
	x->dns = NULL;
	atomic_fetch_sub(&p->later, 1);
	unuse(x, true);
}

static bool ask_known(struct policy_later *x)
{
	struct dns_cached known;

	dns_cached_init(&known, &x->policy->dns.dns);
	x->dns = &known.dns;
	x->ask(x);
	x->dns = NULL;
	x->landed = !known.missed;
	return x->landed;
}

void policy_later_go(struct policy_later **x)
{
	struct policy_later *later = *x;
	struct policy *p = later->policy;

	if (ask_known(later))
		return;
	later->users++;
	if (atomic_fetch_add(&p->later, 1) < most(p) && pool_run(p->asking, on_thread, later))
		return;
	atomic_fetch_sub(&p->later, 1);
	later_free(later);
	*x = NULL;
}

bool policy_later_wait(struct policy_later *x, int64_t deadline_ms)
{
	bool landed, time = true;

	pthread_mutex_lock(&x->lock);
	while (!x->landed && time)
		time = cond_wait_until(&x->landing, &x->lock, deadline_ms);
	landed = x->landed;
	pthread_mutex_unlock(&x->lock);
	return landed;
}

bool policy_later_landed(struct policy_later *x)
{
	bool landed;

	pthread_mutex_lock(&x->lock);
	landed = x->landed;
	pthread_mutex_unlock(&x->lock);
	return landed;
}

void policy_later_leave(struct policy_later **x)
{
	struct policy_later *later = *x;

	*x = NULL;
	if (later == NULL)
		return;
	atomic_store(&later->left, true);
	unuse(later, false);
}
