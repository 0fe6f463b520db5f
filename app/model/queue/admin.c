/* model/queue/admin.c: views and actions of the administrator; see queue.h. */
#include "foundation/base/clock.h"
#include "model/history/trace.h"
#include "model/queue/admin.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/sent.h"
#include "model/store/store.h"

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
			e = OK; /* fsck reports it */
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

/* --- changes ---------------------------------------------------------------------------- */

/* Add the administrator's action to the message trace. */
static enum err step_put(struct txn *t, const struct queue_item *item, enum trace_what what)
{
	struct trace_step step = {
		.time_ms = clock_real_ms(),
		.what = what,
		.count = (uint32_t)item->envelope.rcpt_count,
		.who = item->envelope.rcpt_count == 1
		               ? queue_address_text(txn_arena(t), &item->envelope.rcpts[0].address)
		               : item->destination,
	};

	return trace_step_put(t, item->envelope.trace_id, &step);
}

struct retry {
	int64_t now_ms;
	uint64_t count; /* number of entries that are due now */
};

/* Is it being tried? Holders are in the server: without a running server nothing is
 * tried, whatever the entry says. The next start ends such a lease (repair.c). */
static bool is_taken(struct txn *t, const struct queue_item *item)
{
	return item->holder != 0 && !txn_is_alone(t);
}

static enum err entry_retry(struct txn *t, const struct queue_item *old, void *arg)
{
	struct retry *r = arg;
	struct queue_item item = *old;

	if (is_taken(t, old) || old->held)
		return OK;
	r->count++;
	if (old->holder != 0)
		return OK;
	/* An entry with a release time is not late before it (RFC 4865 4). */
	item.due_ms = MAX(r->now_ms, old->envelope.not_before_ms);
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

static enum err busy(struct txn *t, uint64_t id)
{
	return fail(txn_why(t), ERR_CONFLICT, "entry %" PRIu64 " is being tried at the moment", id);
}

/* Whether an entry being tried has left is unknown. An expired lease has no holder. */
enum err queue_drop(struct webhooks *w, struct txn *t, uint64_t id)
{
	struct queue_item item;
	enum err e = record_get(t, id, txn_arena(t), &item);

	if (e == OK && is_taken(t, &item) &&
	    queue_state_of(&item, clock_real_ms()) == QUEUE_STATE_ACTIVE)
		return busy(t, id);
	if (e == OK)
		e = step_put(t, &item, TRACE_DROPPED);
	for (size_t i = 0; e == OK && i < item.envelope.rcpt_count; i++)
		e = queue_sent_gone(w, t, &item, &item.envelope.rcpts[i], SENT_DROPPED);
	return e != OK ? e : record_del(t, &item);
}

/* The holder of a lease finds the entry held when it returns; else it is deferred now. */
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
		item.due_ms = MAX(now_ms, old.envelope.not_before_ms);
	e = record_change(t, &old, &item);
	return e == OK ? step_put(t, &item, TRACE_RELEASED) : e;
}

/* --- routes and queues -------------------------------------------------------------------- */

/* Not while it is being tried: the holder would write its old state back. */
static enum err free_get(struct txn *t, uint64_t id, struct queue_item *out)
{
	enum err e = record_get(t, id, txn_arena(t), out);

	return e == OK && out->holder != 0 ? busy(t, id) : e;
}

static enum err requeue(struct queue *q, struct txn *t, const struct settings *s,
                        const struct queue_item *old, struct str route)
{
	struct queue_item item = *old;
	struct routes routes;
	enum err e = routing_of(s, txn_arena(t), &routes, txn_why(t));

	if (e == OK && !routing_knows(s, &routes, route, txn_arena(t)))
		return fail(txn_why(t), ERR_SYNTAX, "there is no route %.*s", STR_ARG(route));
	item.envelope.route = route;
	if (!item.held)
		item.due_ms = MAX(clock_real_ms(), old->envelope.not_before_ms);
	return e == OK ? routing_change(q, t, &routes, old, &item) : e;
}

enum err queue_requeue(struct queue *q, struct txn *t, uint64_t id, struct str route)
{
	const struct settings *s = settings_ref(q->live);
	struct queue_item old;
	enum err e = free_get(t, id, &old);

	if (e == OK)
		e = requeue(q, t, s, &old, route);
	settings_unref(s);
	return e;
}

enum err queue_move(struct queue *q, struct txn *t, uint64_t id, struct str queue)
{
	const struct settings *s = settings_ref(q->live);
	struct queue_item old, item;
	enum err e = free_get(t, id, &old);

	if (e == OK && !queue_class_known(s, queue))
		e = fail(txn_why(t), ERR_SYNTAX, "there is no queue %.*s", STR_ARG(queue));
	if (e == OK) {
		item = old;
		item.queue = queue;
		item.expires_ms = queue_class_expires_ms(s, &item);
	}
	settings_unref(s);
	if (e != OK)
		return e;
	e = record_change(t, &old, &item);
	if (e == OK)
		queue_hint_after(q, t, &item);
	return e;
}
