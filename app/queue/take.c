/* queue/take.c: what is due, under a lease; see queue.h.
 *
 * The search for something due, which may pass many entries of destinations that are busy,
 * reads a snapshot and holds nobody up; the lease is then a short write that looks whether
 * its entries are still as they were found. */
#include "base/clock.h"
#include "config/limits.h"
#include "queue/queue_body.h"
#include "queue/record.h"
#include "store/store.h"

struct take {
	struct queue *q;
	const struct queue_want *want;
	struct arena *a;
	struct queue_batch *out;
	/* found by the search */
	bool chosen;
	struct str destination;
	struct record_due dues[QUEUE_BATCH_MAX];
	size_t count;
};

static bool is_wanted(const struct take *k, struct str destination)
{
	const struct queue_want *want = k->want;

	if (k->chosen)
		return str_eq(destination, k->destination);
	if (want->only != NULL)
		return str_eq(destination, *want->only);
	for (size_t i = 0; i < want->skip_count; i++)
		if (str_eq(destination, want->skip[i]))
			return false;
	return true;
}

/* Is a row that was not taken something for the next call? */
static bool is_left(const struct take *k, struct str destination)
{
	for (size_t i = 0; i < k->want->skip_count; i++)
		if (str_eq(destination, k->want->skip[i]))
			return false;
	return true;
}

/* One row; false ends the search. */
static bool row_look(struct take *k, const struct record_due *due)
{
	if (due->due_ms > k->want->now_ms) {
		k->out->next_ms = MIN(k->out->next_ms, due->due_ms);
		return false;
	}
	if (k->count < k->want->max && is_wanted(k, due->destination)) {
		if (!k->chosen)
			k->destination = str_dup(k->a, due->destination);
		k->chosen = true;
		k->dues[k->count++] = *due;
	} else if (is_left(k, due->destination)) {
		k->out->next_ms = k->want->now_ms;
	}
	return k->count < k->want->max || k->out->next_ms > k->want->now_ms;
}

static enum err due_search(struct txn *t, void *arg)
{
	struct take *k = arg;
	struct kv_iter it;
	struct record_due due;
	bool more = true;

	k->out->next_ms = INT64_MAX;
	k->count = 0;
	k->chosen = false;
	record_due_iter(&it, t);
	while (more && kv_iter_next(&it))
		if (record_due_read(&it, &due)) /* fsck tells of others */
			more = row_look(k, &due);
	return kv_iter_end(&it);
}

static enum err entry_lease(struct take *k, struct txn *t, const struct record_due *due)
{
	struct queue_item *item = &k->out->items[k->out->count];
	struct queue_item old;
	enum err e = record_get(t, due->id, k->a, &old);

	/* Taken, dropped or put off since the search; or damaged, and fsck tells. */
	if (e == ERR_MISSING || e == ERR_CORRUPT || (e == OK && old.due_ms != due->due_ms))
		return OK;
	if (e != OK)
		return e;
	*item = old;
	if (old.held) { /* it was being tried by somebody who is gone */
		item->holder = 0;
		item->due_ms = QUEUE_NEVER_MS;
		return record_change(t, &old, item);
	}
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
	return e;
}

enum err queue_take(struct queue *q, const struct queue_want *want, struct arena *a,
                    struct queue_batch *out, struct why *why)
{
	struct take k = { .q = q, .want = want, .a = a, .out = out };
	enum err e;

	assert(want->max >= 1 && want->max <= QUEUE_BATCH_MAX);
	*out = (struct queue_batch){ .next_ms = INT64_MAX };
	e = store_read(q->store, due_search, &k);
	if (e != OK)
		return fail(why, e, "the queue cannot be read");
	if (k.count == 0)
		return OK;
	out->items = arena_array(a, struct queue_item, k.count);
	e = store_write(q->store, batch_lease, &k, why);
	if (e != OK)
		out->count = 0;
	else if (out->count == 0)
		out->next_ms = want->now_ms;
	return e;
}

bool queue_lease_holds(const struct queue_item *item, int64_t now_ms)
{
	return item->due_ms - now_ms >= (int64_t)LIMIT_queue_attempt_s * 1000;
}

/* --- Back ------------------------------------------------------------------------------- */

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
		struct queue_item old, item;

		e = record_get(t, r->items[i].id, txn_arena(t), &old);
		if (e == ERR_MISSING ||
		    (e == OK && (old.holder != r->q->holder || old.due_ms != r->items[i].due_ms))) {
			e = OK;
			continue;
		}
		item = old;
		item.holder = 0;
		item.due_ms = item.held ? QUEUE_NEVER_MS : r->due_ms;
		if (e == OK)
			e = record_change(t, &old, &item);
	}
	queue_wake_after(r->q, t);
	return e;
}

enum err queue_release(struct queue *q, const struct queue_item *items, size_t count,
                       int64_t due_ms, struct why *why)
{
	struct release r = { q, items, count, due_ms != 0 ? due_ms : clock_real_ms() };

	return store_write(q->store, items_release, &r, why);
}

static enum err first_due(struct txn *t, void *arg)
{
	int64_t *due_ms = arg;
	struct record_due due;
	struct kv_iter it;

	*due_ms = INT64_MAX;
	record_due_iter(&it, t);
	if (kv_iter_next(&it) && record_due_read(&it, &due))
		*due_ms = due.due_ms;
	return kv_iter_end(&it);
}

enum err queue_next_due(struct queue *q, int64_t *due_ms, struct why *why)
{
	enum err e = store_read(q->store, first_due, due_ms);

	return e == OK ? OK : fail(why, e, "the queue cannot be read");
}
