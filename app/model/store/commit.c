/* model/store/commit.c: group commit; see store.h.
 *
 *	waiting: job, job, job, job ...       in order of arrival
 *	         ^ leads                      its thread runs them all, then commits once
 *
 * There is no committer thread. The writer that finds no leader leads; when its batch is done, it
 * wakes those whose functions ran and passes the lead to the first that is still waiting, so no
 * thread runs more than one batch and the queue's order is the commits' order.
 *
 * A job's result is valid only once its batch is committed: until then, the data that it read may
 * still be undone. So even a failed function runs again when the batch is repeated. */
#include "foundation/base/fault.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/store/store_body.h"
#include "model/store/txn.h"

#include <errno.h>
#include <semaphore.h>

enum {
	BATCH_JOBS = 256,
	BATCH_BYTES = 8 << 20, /* put: bounds memory, and how long the others wait */
	TIDY_EVERY = 1024,     /* commits */
};

/* On the waiting writer's stack. */
struct write_job {
	struct list link; /* in the queue, then in the leader's batch       */
	txn_fn *fn;
	void *arg;
	struct why *why;
	enum err result;
	bool out;   /* failed after writing: excluded from this batch */
	bool soon;  /* it does not wait for the disk                        */
	bool done;  /* result is final. Written before turn is posted       */
	sem_t turn; /* posted when done, or to lead                         */
};

void commit_queue_init(struct commit_queue *q)
{
	pthread_mutex_init(&q->lock, NULL);
	list_init(&q->waiting);
	arena_init(&q->arena, false);
}

void commit_queue_deinit(struct commit_queue *q)
{
	assert(list_empty(&q->waiting) && !q->led);
	arena_deinit(&q->arena);
	pthread_mutex_destroy(&q->lock);
}

/* --- One batch, by the leader ----------------------------------------------------------- */

struct batch {
	struct list jobs; /* that ran, in order */
	unsigned count;
	bool waits; /* one of them waits for the disk */
	struct txn txn;
};

static struct write_job *queue_take(struct commit_queue *q)
{
	struct list *l;

	pthread_mutex_lock(&q->lock);
	l = list_pop_front(&q->waiting);
	pthread_mutex_unlock(&q->lock);
	return l != NULL ? container_of(l, struct write_job, link) : NULL;
}

/* Runs one function. False when it failed after writing, or the transaction failed, so that the
 * batch must be undone. */
static bool job_run(struct txn *t, struct write_job *j)
{
	struct txn_note *notes = t->notes;
	uint64_t writes = t->writes;

	t->why = j->why;
	t->growth = 0;
	j->result = j->fn(t, j->arg);
	assert(t->cursors == 0);
	if (t->failed != OK)
		j->result = t->failed;
	else if (j->result == OK && t->tight && t->growth > t->growth_max)
		j->result = fail(j->why, ERR_FULL, "the disk is full");
	if (j->result == OK)
		return true;
	t->notes = notes;
	j->out = t->failed != OK || t->writes != writes;
	return !j->out;
}

/* Runs the leader's own job, and after a failure those that ran before. */
static bool jobs_rerun(struct batch *b)
{
	list_each(l, &b->jobs)
	{
		struct write_job *j = container_of(l, struct write_job, link);

		if (!j->out && !job_run(&b->txn, j))
			return false;
	}
	return true;
}

/* Runs the waiting jobs, also those that arrive meanwhile. */
static bool jobs_take(struct batch *b, struct commit_queue *q)
{
	while (b->count < BATCH_JOBS && b->txn.bytes < BATCH_BYTES) {
		struct write_job *j = queue_take(q);

		if (j == NULL)
			break;
		list_push_back(&b->jobs, &j->link);
		b->count++;
		b->waits = b->waits || !j->soon;
		if (!job_run(&b->txn, j))
			return false;
	}
	return true;
}

static uint64_t waiting_bytes(struct store *s)
{
	return s->ops->waiting_bytes != NULL ? s->ops->waiting_bytes(s->env) : 0;
}

/* Called before and after functions run: the rows in the journal need reserved room in the tree. */
static bool room_keep(struct store *s)
{
	bool kept = reserve_keep(&s->commit.reserve, s->ops->used_bytes(s->env), waiting_bytes(s));

	if (s->ops->room != NULL)
		s->ops->room(s->env, kept);
	return kept;
}

/* Limits what functions may add when the disk is nearly full. Free pages inside the file are usable
 * too, but counting them takes a walk. */
static void limit_growth(struct store *s, struct txn *t)
{
	const struct reserve *r = &s->commit.reserve;

	t->growth_max = INT64_MAX;
	if (!room_keep(s)) {
		uint64_t left = reserve_left(r, s->ops->used_bytes(s->env), waiting_bytes(s));

		t->growth_max = reserve_growth(r, left + s->ops->free_bytes(s->env));
	}
	t->tight = t->growth_max != INT64_MAX;
}

/* One attempt. ERR_CONFLICT: the batch was undone because of one job; the caller tries again. */
static enum err batch_try(struct store *s, struct batch *b, struct why *why)
{
	struct txn *t = &b->txn;
	enum err e;

	arena_reset(&s->commit.arena);
	e = txn_begin(t, s, true, &s->commit.arena, why);
	if (e != OK)
		return e;
	limit_growth(s, t);
	if (!jobs_rerun(b) || !jobs_take(b, &s->commit)) {
		txn_abort(t);
		return ERR_CONFLICT;
	}
	if (t->writes == 0) {
		txn_abort(t);
		return OK;
	}
	room_keep(s);
	return txn_commit(t, !b->waits, why);
}

/* The whole batch failed: jobs without a result of their own get this error. */
static void batch_fail(struct batch *b, enum err e, const struct why *why)
{
	list_each(l, &b->jobs)
	{
		struct write_job *j = container_of(l, struct write_job, link);

		if (!j->out)
			j->result = fail(j->why, e, "%s", why->text);
	}
}

static enum health health_after(struct store *s, const struct batch *b, enum err e)
{
	if (e == OK || e == ERR_FULL)
		return e == ERR_FULL || b->txn.tight ? HEALTH_FULL : HEALTH_GOOD;
	return s->ops->lost(s->env) ? HEALTH_LOST : HEALTH_FAILING;
}

void store_lost_report(struct store *s, const struct why *why)
{
	if (atomic_exchange(&s->lost_reported, true))
		return;
	event(store_stopped, STR_EMPTY, ev_z(why->text));
	if (s->on_lost != NULL)
		s->on_lost(s->on_lost_arg);
}

/* Logs only changes of the state, not each refused write. A command reports its errors itself. */
static void health_set(struct store *s, enum health now, const struct why *why)
{
	enum health was = s->commit.health;

	s->commit.health = now;
	if (now == was || s->role != STORE_SERVER)
		return;
	switch (now) {
	case HEALTH_GOOD:
		event(store_recovered, STR_EMPTY, ev_z(was == HEALTH_FULL ? "full" : "failing"));
		break;
	case HEALTH_FULL:
		event(store_full, STR_EMPTY,
		      ev_z(why->text[0] != '\0' ? why->text
		                                : "hardly any room is left on the disk"));
		break;
	case HEALTH_FAILING:
		event(store_failed, STR_EMPTY, ev_z(why->text));
		break;
	case HEALTH_LOST:
		store_lost_report(s, why);
	}
}

static void result_count(struct store *s, const struct batch *b, unsigned reruns, enum err e)
{
	struct store_stats *n = &s->commit.stats;
	bool committed = e == OK && b->txn.writes != 0;

	pthread_mutex_lock(&s->commit.lock);
	n->functions += b->count;
	n->reruns += reruns;
	n->failures += e != OK;
	n->commits += committed;
	n->full = s->commit.health == HEALTH_FULL;
	pthread_mutex_unlock(&s->commit.lock);
	metric_add(METRIC_store_writes, committed ? (int64_t)b->count : 0);
	metric_add(METRIC_store_commits, committed);
	metric_add(METRIC_store_failures, e != OK);
}

static void batch_run(struct store *s, struct batch *b)
{
	struct why why = { "" };
	unsigned reruns = 0;
	enum err e;

	while ((e = batch_try(s, b, &why)) == ERR_CONFLICT)
		reruns++;
	if (e == OK)
		txn_announce(&b->txn);
	else
		batch_fail(b, e, &why);
	health_set(s, health_after(s, b, e), &why);
	result_count(s, b, reruns, e);
	arena_reset(&s->commit.arena);
	if (s->commit.stats.commits % TIDY_EVERY == 1)
		s->ops->tidy(s->env);
}

/* --- Leading ---------------------------------------------------------------------------- */

/* Wakes the other threads of the batch. A job is invalid once its turn is posted: it is on the
 * stack of a thread that may return at once. */
static void batch_wake(struct batch *b, const struct write_job *self)
{
	for (struct list *l; (l = list_pop_front(&b->jobs)) != NULL;) {
		struct write_job *j = container_of(l, struct write_job, link);

		j->done = true;
		if (j != self)
			sem_post(&j->turn);
	}
}

static void lead_pass(struct commit_queue *q)
{
	struct write_job *next = NULL;

	pthread_mutex_lock(&q->lock);
	q->led = !list_empty(&q->waiting);
	if (q->led)
		next = container_of(q->waiting.next, struct write_job, link);
	pthread_mutex_unlock(&q->lock);
	if (next != NULL)
		sem_post(&next->turn);
}

/* Runs one batch; self is the first waiting job. */
static void lead(struct store *s, struct write_job *self)
{
	struct batch b = { .count = 1, .waits = !self->soon };

	list_init(&b.jobs);
	queue_take(&s->commit);
	list_push_back(&b.jobs, &self->link);
	batch_run(s, &b);
	/* Done first, since waking many threads takes longer than running their functions. */
	lead_pass(&s->commit);
	batch_wake(&b, self);
}

static void turn_wait(sem_t *turn)
{
	while (sem_wait(turn) != 0)
		assert(errno == EINTR);
}

static enum err job_commit(struct store *s, txn_fn *fn, void *arg, bool soon, struct why *why)
{
	struct write_job j = { .fn = fn, .arg = arg, .why = why, .soon = soon };
	struct commit_queue *q = &s->commit;
	bool leads;

	assert(txns_open() == 0 && !txn_announcing());
	if (s->role == STORE_VIEW)
		return fail(why, ERR_DENIED, "the store is open for reading only");
	sem_init(&j.turn, 0, 0);
	pthread_mutex_lock(&q->lock);
	list_push_back(&q->waiting, &j.link);
	leads = !q->led;
	q->led = true;
	pthread_mutex_unlock(&q->lock);
	if (!leads)
		turn_wait(&j.turn);
	if (!j.done)
		lead(s, &j);
	sem_destroy(&j.turn);
	return j.result;
}

enum err store_write(struct store *s, txn_fn *fn, void *arg, struct why *why)
{
	return job_commit(s, fn, arg, false, why);
}

enum err store_write_soon(struct store *s, txn_fn *fn, void *arg, struct why *why)
{
	return job_commit(s, fn, arg, true, why);
}

void store_stats(struct store *s, struct store_stats *out)
{
	pthread_mutex_lock(&s->commit.lock);
	*out = s->commit.stats;
	pthread_mutex_unlock(&s->commit.lock);
	out->file_bytes = s->ops->used_bytes(s->env);
}
