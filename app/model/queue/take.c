/* model/queue/take.c: takes due entries under a lease; see queue.h.
 *
 * destinations.h returns a destination queue that may have due entries. The search reads its
 * rows in a snapshot and blocks no writer. The lease is then a short write that checks
 * that its entries are unchanged. Both update the destination queue's hints. After a
 * power cut the holder of a lease is gone, so a lease need not be on disk. */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/late.h"
#include "model/queue/owed.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/suppress.h"
#include "model/queue/take.h"
#include "model/store/store.h"

enum {
	DAMAGED_MS = 3600 * 1000, /* retry delay of a row that cannot be processed   */
	AGAIN_MS = 60 * 1000,     /* retry delay of an entry that cannot be returned */
};

/* The first row of each priority in a destination queue. */
struct heads {
	struct record_due items[ENVELOPE_PRIORITY_LEVELS];
	size_t count;
};

struct take {
	struct queue *q;
	const struct queue_want *want;
	struct arena *a;
	struct queue_batch *out;
	struct str dest;
	/* With want->owed, during the search: */
	const struct settings *settings;
	struct routes routes;
	int64_t owed_ms; /* when the next report is owed */
	struct record_due dues[QUEUE_BATCH_MAX]; /* they are in the destination queue
	                                          * destination queue */
	size_t count;
	struct heads heads;
};

/* --- hints ------------------------------------------------------------------------------ */

static void head_keep(const struct record_due *head, void *arg)
{
	struct heads *h = arg;

	h->items[h->count++] = *head;
}

static enum err heads_read(struct take *k, struct txn *t)
{
	k->heads.count = 0;
	return record_heads(t, k->dest, head_keep, &k->heads);
}

static void heads_tell(struct take *k)
{
	for (size_t i = 0; i < k->heads.count; i++)
		dests_hint(k->q->dests, k->dest, k->heads.items[i].priority,
		           k->heads.items[i].due_ms, INT64_MAX, k->want->now_ms);
	dests_settle(k->q->dests, k->dest);
}

/* --- the search ------------------------------------------------------------------------- */

/* Should it change its route after so many failed rounds? */
static bool turns(struct take *k, struct txn *t, const struct queue_item *item)
{
	bool found = false;

	return k->routes.fallbacks &&
	       owed_turn(t, &k->routes, item, k->want->only->destination,
	                 dests_failures(k->q->dests, k->dest), &found) == OK &&
	       found;
}

/* Held entries are owed nothing. Entries waiting for a requested time were not tried, and
 * are not due. */
static bool is_owed(struct take *k, struct txn *t, const struct record_due *due)
{
	bool is_due = due->due_ms <= k->want->now_ms, owed = false;
	struct arena a = { 0 };
	struct queue_item item;

	if (record_get(t, due->id, &a, &item) == OK && item.holder == 0 && !item.held &&
	    (is_due || item.attempts != 0)) {
		struct schedule schedule = queue_class_of(k->settings, item.queue).schedule;
		int64_t at_ms = owed_ms(&item, &schedule);

		owed = at_ms <= k->want->now_ms || turns(k, t, &item);
		if (!owed)
			k->owed_ms = MIN(k->owed_ms, at_ms);
	}
	arena_deinit(&a);
	return owed;
}

/* The rows of one priority that are due, or owed a report. */
static enum err level_search(struct take *k, struct txn *t, const struct record_due *head)
{
	char from[DEST_KEY_MAX + 1];
	struct record_due due;
	struct kv_iter it;
	struct buf b;

	buf_init_in(&b, from, sizeof(from));
	buf_put(&b, k->dest);
	buf_byte(&b, (char)(ENVELOPE_PRIORITY_MAX - head->priority));
	kv_iter_prefix(&it, t, SPACE_QUEUE_DUE, buf_str(&b));
	while (k->count < k->want->max && kv_iter_next(&it)) {
		if (!record_due_read(&it, &due)) /* fsck reports it */
			continue;
		if (due.due_ms > k->want->now_ms && !k->want->owed)
			break;
		if (!k->want->owed || is_owed(k, t, &due))
			k->dues[k->count++] = (struct record_due){ k->dest, due.priority,
				                                   due.due_ms, due.id };
	}
	return kv_iter_end(&it);
}

static enum err due_search(struct txn *t, void *arg)
{
	struct take *k = arg;
	enum err e = heads_read(k, t);

	k->count = 0;
	k->owed_ms = INT64_MAX;
	if (e == OK && k->want->owed && k->routes.fallbacks)
		e = routing_rests(t, &k->routes);
	for (size_t i = 0; e == OK && i < k->heads.count; i++)
		e = level_search(k, t, &k->heads.items[i]);
	return e;
}

/* Untried, due at due_ms, placed by the current rules. */
static enum err entry_free(struct queue *q, struct txn *t, const struct queue_item *old,
                           int64_t due_ms)
{
	const struct settings *s = settings_ref(q->live);
	struct queue_item item = *old;
	struct routes routes;
	enum err e = routing_of(s, txn_arena(t), &routes, txn_why(t));

	item.holder = 0;
	item.due_ms = item.held ? QUEUE_NEVER_MS : due_ms;
	if (e == OK)
		e = routing_change(q, t, &routes, old, &item);
	settings_unref(s);
	return e;
}

/* --- the lease -------------------------------------------------------------------------- */

static enum err entry_lease(struct take *k, struct txn *t, const struct record_due *due)
{
	struct queue_item *item = &k->out->items[k->out->count];
	struct queue_item old;
	enum err e = record_get(t, due->id, k->a, &old);

	/* Taken, dropped or deferred since the search; or damaged, and fsck reports
	 * it. */
	if (e == ERR_MISSING || e == ERR_CORRUPT || (e == OK && !record_due_fits(due, &old)))
		return record_due_put_off(t, due, k->want->now_ms + DAMAGED_MS);
	if (e != OK)
		return e;
	*item = old;
	if (old.holder != 0) /* it was being tried by a runner that has ended */
		return entry_free(k->q, t, &old, k->want->now_ms);
	item->holder = k->q->holder;
	item->due_ms = k->want->now_ms + (int64_t)LIMIT_queue_lease_s * 1000;
	e = record_change(t, &old, item);
	if (e == OK)
		k->out->count++;
	return e;
}

static enum err batch_lease(struct txn *t, void *arg)
{
	struct take *k = arg;
	enum err e = OK;

	k->out->count = 0;
	for (size_t i = 0; e == OK && i < k->count; i++)
		e = entry_lease(k, t, &k->dues[i]);
	return e != OK ? e : heads_read(k, t);
}

static enum err dest_search(struct take *k, struct why *why)
{
	enum err e;

	if (!k->want->owed)
		return store_read(k->q->store, due_search, k);
	k->settings = settings_ref(k->q->live);
	e = routing_of(k->settings, k->a, &k->routes, why);
	if (e == OK)
		e = store_read(k->q->store, due_search, k);
	settings_unref(k->settings);
	return e;
}

/* Take the due entries of k's destination queue. OK with none: the hint was too early. */
static enum err dest_take(struct take *k, struct why *why)
{
	enum err e = dest_search(k, why);

	if (e != OK)
		return fail(why, e, "the queue cannot be read");
	if (k->count != 0) {
		k->out->items = arena_array(k->a, struct queue_item, k->count);
		e = store_write_soon(k->q->store, batch_lease, k, why);
	}
	if (e != OK)
		k->out->count = 0;
	else
		heads_tell(k);
	if (e == OK && k->want->owed && k->count == 0)
		dests_wake(k->q->dests, k->dest, k->owed_ms, k->want->now_ms);
	return e;
}

/* Keep a hint for the destination queue, so that it is checked again soon. */
static enum err take_failed(struct take *k, enum err e)
{
	dests_hint(k->q->dests, k->dest, 0, k->want->now_ms, INT64_MAX, k->want->now_ms);
	return e;
}

/* A suppressed destination queue (suppress.h): its entries fail as add.c has decided.
 * Entries whose bounce has no room are retried; other destination queues do not wait for
 * that. */
static void suppressed_fail(struct take *k)
{
	for (size_t i = 0; i < k->out->count; i++) {
		const struct queue_item *item = &k->out->items[i];
		struct queue_result *results =
			arena_array(k->a, struct queue_result, item->envelope.rcpt_count);
		struct why why = { "" };
		enum err e;

		for (size_t j = 0; j < item->envelope.rcpt_count; j++)
			results[j] =
				(struct queue_result){ .outcome = QUEUE_FAILED,
				                       .reply = item->envelope.rcpts[j].reply };
		e = queue_report(k->q, item, results, &why);
		if (e == OK || e == ERR_CONFLICT)
			continue;
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
		if (queue_release(k->q, item, 1, k->want->now_ms + AGAIN_MS, NULL) != OK)
			(void)0; /* its lease expires */
	}
	k->out->count = 0;
}

static bool is_suppressed(const struct take *k)
{
	struct queue_destination dest;

	return dest_of_key(k->dest, &dest) && str_eq(dest.route, SUPPRESS_ROUTE);
}

/* Work that precedes any attempt. */
static enum err first_things(struct queue *q, const struct queue_want *want, int64_t *late_ms,
                             bool *more, struct why *why)
{
	enum err e = queue_place(q, more, why);

	if (e != OK || *more || want->only != NULL)
		return e;
	return late_give_back(q, want->now_ms, late_ms, why);
}

enum err queue_take(struct queue *q, const struct queue_want *want, struct arena *a,
                    struct queue_batch *out, struct why *why)
{
	struct take k = { .q = q, .want = want, .a = a, .out = out };
	char only[DEST_KEY_MAX];
	struct dests_pick pick = { 0 };
	int64_t late_ms = INT64_MAX;
	bool more = false;
	enum err e = queue_clock_look(q, why);

	if (e == OK)
		e = queue_destinations_renew(q, why);
	assert(want->max >= 1 && want->max <= QUEUE_BATCH_MAX);
	if (want->only != NULL)
		k.dest = dest_key(only, want->only); /* may be that of *out */
	*out = (struct queue_batch){ .next_ms = INT64_MAX, .rules = queue_rules_now(q) };
	if (want->only != NULL && dests_paused(q->dests, k.dest))
		return e;
	if (e == OK)
		e = first_things(q, want, &late_ms, &more, why);
	if (e == OK && more) { /* the rest precedes anything else */
		out->next_ms = want->now_ms;
		return OK;
	}
	while (e == OK && out->count == 0) {
		if (want->only == NULL && !dests_pick(q->dests, want, a, &pick))
			break;
		if (want->only == NULL)
			k.dest = pick.key;
		e = dest_take(&k, why);
		if (e == OK && is_suppressed(&k))
			suppressed_fail(&k);
		if (e != OK)
			return take_failed(&k, e);
		if (want->only != NULL)
			break;
	}
	if (e != OK)
		return e;
	if (out->count != 0)
		dest_of_key(str_dup(a, k.dest), &out->dest);
	out->suspect = pick.suspect;
	out->next_ms = MIN(dests_next(q->dests, want), late_ms);
	return OK;
}

bool queue_lease_holds(const struct queue_item *item, int64_t now_ms)
{
	return item->due_ms - now_ms >= (int64_t)LIMIT_queue_attempt_s * 1000;
}

/* --- giving back ------------------------------------------------------------------------ */

struct release {
	struct queue *q;
	const struct queue_item *items;
	size_t count;
	int64_t due_ms;
};

static enum err items_release(struct txn *t, void *arg)
{
	const struct release *r = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->count; i++) {
		struct queue_item old;

		e = record_get(t, r->items[i].id, txn_arena(t), &old);
		if (e == ERR_MISSING ||
		    (e == OK && !queue_lease_is(r->q, &r->items[i], &old))) {
			e = OK;
			continue;
		}
		if (e == OK)
			e = entry_free(r->q, t, &old, r->due_ms);
	}
	return e;
}

enum err queue_release(struct queue *q, const struct queue_item *items, size_t count,
                       int64_t due_ms, struct why *why)
{
	struct release r = { q, items, count, due_ms != 0 ? due_ms : clock_real_ms() };

	return store_write_soon(q->store, items_release, &r, why);
}
