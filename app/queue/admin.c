/* queue/admin.c: what an administrator sees and does; see queue.h. */
#include "base/clock.h"
#include "queue/queue_body.h"
#include "queue/record.h"
#include "store/store.h"
#include "trace/trace.h"

enum err queue_list(struct txn *t, uint64_t from, size_t max, struct arena *a,
                    struct queue_list *out)
{
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	*out = (struct queue_list){ .items = arena_array(a, struct queue_item, max) };
	record_iter(&it, t, from);
	while (e == OK && kv_iter_next(&it)) {
		if (out->count == max) {
			out->more++;
			continue;
		}
		e = record_read(&it, a, &out->items[out->count]);
		if (e == ERR_CORRUPT)
			e = OK; /* fsck tells */
		else if (e == OK)
			out->count++;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err queue_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out)
{
	return record_get(t, id, a, out);
}

/* --- Changes ---------------------------------------------------------------------------- */

/* What an administrator did is part of the message's story. */
static enum err step_put(struct txn *t, const struct queue_item *item, enum trace_what what)
{
	struct trace_step step = {
		.time_ms = clock_real_ms(),
		.what = what,
		.count = (uint32_t)item->rcpt_count,
		.who = item->rcpt_count == 1
		               ? queue_address_text(txn_arena(t), &item->rcpts[0].address)
		               : item->destination,
	};

	return trace_step_put(t, item->trace, &step);
}

struct retry {
	int64_t now_ms;
	uint64_t count; /* of entries that are due now */
};

static enum err entry_retry(struct txn *t, const struct queue_item *old, void *arg)
{
	struct retry *r = arg;
	struct queue_item item = *old;

	if (old->holder != 0 || old->held)
		return OK;
	item.due_ms = r->now_ms;
	r->count++;
	return record_change(t, old, &item);
}

enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count)
{
	struct retry r = { .now_ms = now_ms };
	struct queue_item item;
	enum err e;

	if (id == 0)
		e = record_each(t, entry_retry, &r);
	else if ((e = record_get(t, id, txn_arena(t), &item)) == OK)
		e = entry_retry(t, &item, &r);
	if (count != NULL)
		*count = r.count;
	return e;
}

enum err queue_drop(struct txn *t, uint64_t id)
{
	struct queue_item item;
	enum err e = record_get(t, id, txn_arena(t), &item);

	if (e == OK)
		e = step_put(t, &item, TRACE_DROPPED);
	return e != OK ? e : record_del(t, &item);
}

/* What a lease's holder finds when he comes back is that it is held; else it is put aside now. */
enum err queue_hold(struct txn *t, uint64_t id)
{
	struct queue_item old, item;
	enum err e = record_get(t, id, txn_arena(t), &old);

	if (e == OK && old.held)
		return fail(txn_why(t), ERR_CONFLICT, "entry %" PRIu64 " is held already", id);
	if (e != OK)
		return e;
	item = old;
	item.held = true;
	if (item.holder == 0)
		item.due_ms = QUEUE_NEVER_MS;
	e = record_change(t, &old, &item);
	return e == OK ? step_put(t, &item, TRACE_HELD) : e;
}

enum err queue_unhold(struct txn *t, uint64_t id, int64_t now_ms)
{
	struct queue_item old, item;
	enum err e = record_get(t, id, txn_arena(t), &old);

	if (e == OK && !old.held)
		return fail(txn_why(t), ERR_CONFLICT, "entry %" PRIu64 " is not held", id);
	if (e != OK)
		return e;
	item = old;
	item.held = false;
	if (item.holder == 0)
		item.due_ms = now_ms;
	e = record_change(t, &old, &item);
	return e == OK ? step_put(t, &item, TRACE_RELEASED) : e;
}
