/* flow/policy/run.c: one stage: its rows in order, on the caller's thread or on the pool;
 * see policy.h. */
#include "flow/policy/run.h"

#include "flow/policy/authentication/seen.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/dns/budget.h"

/* --- the rows ---------------------------------------------------------------------------- */

static bool decided(const struct policy_run *r)
{
	return r->verdict.kind == POLICY_REJECT || r->verdict.kind == POLICY_TEMPFAIL;
}

static enum policy_need need(struct policy_run *r, size_t row)
{
	const struct policy_check *c = &r->policy->config.checks[row];

	if (!(c->stages & BIT(r->stage)) || !(c->roles & r->session->role))
		return POLICY_NO;
	if (r->session->rcpt_unknown && !(c->flags & POLICY_UNKNOWN))
		return POLICY_NO;
	if (policy_let_be(r) && !(c->flags & POLICY_ALWAYS))
		return POLICY_NO;
	r->row = row;
	return c->need(r);
}

/* The time after which a row needs no thread; the wait for a thread counts. */
static int64_t end_ms(const struct policy_run *r, size_t row)
{
	return r->policy->config.checks[row].flags & POLICY_FILTER
	               ? policy_filter_deadline_ms(r)
	               : policy_deadline_ms(r);
}

static bool is_late(const struct policy_run *r, size_t row)
{
	return !r->started && clock_mono_ms() >= end_ms(r, row);
}

static void miss(struct policy_run *r)
{
	if (run_check(r)->missed != NULL)
		run_check(r)->missed(r);
	else
		policy_failed(r, "all slots for external queries are in use");
}

/* Start all slow rows in parallel, the last one first: the domain's policy is looked up
 * before the keys of signatures, since a client can send any number of signatures. */
static void start_all(struct policy_run *r, size_t from)
{
	if (r->started)
		return;
	r->started = true;
	for (size_t i = r->policy->config.check_count; i-- > from;) {
		const struct policy_check *c = &r->policy->config.checks[i];

		if (c->start != NULL && need(r, i) == POLICY_SLOW)
			c->start(r);
	}
}

/* Has the session left, so that the result is not needed? */
static bool left_alone(const struct policy_run *r)
{
	return atomic_load(&r->state) == RUN_LEFT;
}

/* Run rows from row on; stops before a slow one unless slow is set. Returns the row where
 * it stopped. */
static size_t ask_rows(struct policy_run *r, size_t row, bool slow)
{
	size_t count = r->policy->config.check_count;

	for (; row < count && !decided(r) && !left_alone(r); row++) {
		enum policy_need n = need(r, row);
		bool late = n == POLICY_SLOW && is_late(r, row);

		if (n == POLICY_NO)
			continue;
		if (n == POLICY_SLOW && !late && !slow)
			return row;
		if (n == POLICY_SLOW && !late)
			start_all(r, row);
		r->row = row;
		r->said = POLICY_PASS;
		if (late)
			miss(r);
		else
			run_check(r)->run(r);
		if (r->said == POLICY_PASS)
			policy_note(r, POLICY_PASS, STR_EMPTY);
	}
	return count;
}

static size_t run_query(struct policy_run *r, size_t row, bool slow)
{
	struct dns_budget *before = dns_budget_enter(r->session->budget);

	row = ask_rows(r, row, slow);
	(void)dns_budget_enter(before);
	return row;
}

/* Start what may continue after this stage. */
static void later_all(struct policy_run *r)
{
	for (size_t i = 0; i < r->policy->config.check_count; i++) {
		const struct policy_check *c = &r->policy->config.checks[i];

		r->row = i;
		if (c->later != NULL && (c->roles & r->session->role) &&
		    run_found_stage(r) == r->stage)
			c->later(r);
	}
}

/* --- accept and discard outlast the stage --------------------------------------------------- */

static void run_settle(struct policy_run *r)
{
	struct policy_session *s = r->session;

	policy_tasks_end(r);
	if (r->stage == POLICY_END && !left_alone(r))
		policy_seen(r);
	if (!decided(r) && !left_alone(r))
		later_all(r);
	if (r->verdict.kind == POLICY_ACCEPT) {
		if (r->stage <= POLICY_AUTH)
			s->accepted = s->marks[r->stage].accepted = true;
		else if (r->stage != POLICY_RCPT)
			s->mail_accepted = true;
	}
	/* A verdict on one recipient does not affect the others. */
	if (r->stage == POLICY_RCPT)
		return;
	if (r->verdict.kind == POLICY_DISCARD)
		s->discard = str_dup(run_arena(r), r->verdict.text);
	if (r->verdict.kind == POLICY_DISCARD && r->stage < POLICY_MAIL)
		s->marks[r->stage].discard = s->discard;
}

/* --- threads ------------------------------------------------------------------------------- */

static void run_free(struct policy_run *r)
{
	pthread_cond_destroy(&r->none_open);
	pthread_mutex_destroy(&r->lock);
	arena_deinit(&r->arena);
	mem_free(r);
}

static void left(struct policy_run *r)
{
	void (*gone)(void *) = r->gone;
	void *arg = r->gone_arg;

	run_free(r);
	gone(arg);
}

static void slot_give(struct policy_run *r)
{
	struct pool *pool = r->policy->pool;
	struct list next;

	list_init(&next);
	slots_give(r->room, &r->slot, &next);
	list_each_safe(it, &next)
	{
		struct slot *slot = container_of(it, struct slot, link);

		list_remove(it);
		pool_push(pool, &container_of(slot, struct policy_run, slot)->job);
	}
}

/* After state DONE the run belongs to another thread. */
static void on_pool(struct pool_job *job)
{
	struct policy_run *r = container_of(job, struct policy_run, job);
	struct waker waker = r->waker;
	enum run_state before = RUN_ASKED;

	run_query(r, r->row, true);
	run_settle(r);
	slot_give(r);
	if (atomic_compare_exchange_strong(&r->state, &before, RUN_DONE))
		conn_wake(waker);
	else
		left(r);
}

static struct policy_run *run_new(struct policy *p, struct policy_session *s,
                                  enum policy_stage stage)
{
	struct policy_run *r = NEW(struct policy_run);

	r->policy = p;
	r->session = s;
	r->stage = stage;
	r->kept = arena_array(&r->arena, void *, p->config.check_count);
	list_init(&r->tasks);
	pthread_mutex_init(&r->lock, NULL);
	cond_init(&r->none_open);
	r->room = s->role == POLICY_MX ? &p->strangers : &p->users;
	r->begun_ms = clock_mono_ms();
	return r;
}

/* Run the quick rows; queue the rest for a thread. */
static void run_continues(struct policy_run *r)
{
	r->row = run_query(r, r->row, r->policy->pool == NULL);
	if (r->row == r->policy->config.check_count) {
		run_settle(r);
		atomic_store(&r->state, RUN_DONE);
		return;
	}
	r->late_ms = end_ms(r, r->row);
	if (slots_take(r->room, &r->slot, &r->session->peer))
		pool_push(r->policy->pool, &r->job);
}

void policy_ask(struct policy *p, struct policy_session *s, enum policy_stage stage,
                struct arena *a, struct policy_verdict *verdict)
{
	struct policy_run *r = run_new(p, s, stage);

	run_query(r, 0, true);
	run_settle(r);
	*verdict = r->verdict;
	verdict->enhanced = str_dup(a, verdict->enhanced);
	verdict->text = str_dup(a, verdict->text);
	verdict->quarantine = str_dup(a, verdict->quarantine);
	run_free(r);
}

struct policy_run *policy_begin(struct policy *p, struct policy_session *s,
                                enum policy_stage stage, struct waker waker)
{
	struct policy_run *r = run_new(p, s, stage);

	r->waker = waker;
	r->job.run = on_pool;
	run_continues(r);
	return r;
}

/* A run that has waited too long for a thread leaves the queue, and continues without
 * that row. */
bool policy_ready(struct policy_run *run, struct policy_verdict *verdict)
{
	if (atomic_load(&run->state) != RUN_DONE && clock_mono_ms() >= run->late_ms &&
	    slots_leave(run->room, &run->slot))
		run_continues(run);
	if (atomic_load(&run->state) != RUN_DONE)
		return false;
	*verdict = run->verdict;
	return true;
}

int64_t policy_wait_ms(struct policy_run *run)
{
	return slots_waits(run->room, &run->slot) ? MAX(run->late_ms - clock_mono_ms(), 1) : 0;
}

void policy_end(struct policy_run **run)
{
	struct policy_run *r = *run;

	if (r == NULL)
		return;
	assert(atomic_load(&r->state) == RUN_DONE);
	*run = NULL;
	run_free(r);
}

void policy_leave(struct policy_run **run, void (*gone)(void *arg), void *arg)
{
	struct policy_run *r = *run;
	enum run_state before = RUN_ASKED;

	*run = NULL;
	if (r == NULL) {
		gone(arg);
		return;
	}
	r->gone = gone;
	r->gone_arg = arg;
	if (slots_leave(r->room, &r->slot))
		left(r);
	else if (!atomic_compare_exchange_strong(&r->state, &before, RUN_LEFT))
		left(r);
}
