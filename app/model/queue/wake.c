/* model/queue/wake.c: notifies destination queues and the runner of changes; see
 * queue_body.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/pause_body.h"
#include "model/queue/queue.h"
#include "model/queue/record.h"
#include "model/store/store.h"

static void runner_wake(struct queue *q)
{
	if (q->host.wake != NULL)
		q->host.wake(q->host.arg);
}

/* --- an entry --------------------------------------------------------------------------- */

struct hint {
	struct queue *q;
	char dest[DEST_KEY_MAX];
	struct str key;
	int priority;
	int64_t due_ms, expires_ms;
};

static void hint_give(void *arg)
{
	const struct hint *h = arg;

	dests_hint(h->q->dests, h->key, h->priority, h->due_ms, h->expires_ms, clock_real_ms());
	runner_wake(h->q);
}

void queue_hint_after(struct queue *q, struct txn *t, const struct queue_item *item)
{
	struct hint *h = arena_new(txn_arena(t), struct hint);

	h->q = q;
	h->key = record_dest(h->dest, item);
	h->priority = item->envelope.priority;
	h->due_ms = item->due_ms;
	h->expires_ms = item->expires_ms;
	txn_after(t, hint_give, h);
}

/* --- other changes ---------------------------------------------------------------------- */

void queue_changed(struct queue *q)
{
	atomic_store(&q->changed, true);
}

static void changed(void *arg)
{
	queue_changed(arg);
	runner_wake(arg);
}

void queue_wake_after(struct queue *q, struct txn *t)
{
	if (q != NULL)
		txn_after(t, changed, q);
}

struct renewal {
	struct queue *q;
	int64_t now_ms;
	bool news; /* the pauses have changed */
};

static void head_hint(const struct record_due *head, void *arg)
{
	const struct renewal *r = arg;

	dests_hint(r->q->dests, head->dest, head->priority, head->due_ms, INT64_MAX, r->now_ms);
}

static enum err heads_hint(struct txn *t, void *arg)
{
	struct renewal *r = arg;
	enum err e = pauses_load(r->q, t, &r->news);

	return e != OK ? e : record_heads(t, STR_EMPTY, head_hint, arg);
}

enum err queue_destinations_renew(struct queue *q, struct why *why)
{
	struct renewal r = { .q = q, .now_ms = clock_real_ms() };
	enum err e;

	if (!atomic_exchange(&q->changed, false))
		return OK;
	e = store_read(q->store, heads_hint, &r);
	if (e == OK && r.news) /* entries that share a way are separated or joined */
		e = queue_reroute(q, why);
	if (e == OK)
		return OK;
	queue_changed(q);
	return fail(why, e, "the queue cannot be read");
}

size_t queue_destinations(struct queue *q, struct arena *a, size_t max,
                          struct queue_destination_state *out)
{
	return dests_list(q->dests, a, max, out);
}

void queue_destinations_forgive(struct queue *q, struct str destination)
{
	if (q == NULL)
		return;
	dests_forgive(q->dests, destination, clock_real_ms());
	runner_wake(q);
}
