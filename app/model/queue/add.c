/* model/queue/add.c: adds messages; see queue.h. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/observe/stamp.h"
#include "model/queue/add.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/split.h"
#include "model/queue/suppress.h"
#include "model/store/store.h"

struct added {
	struct queue_item item;
};

static void announce(void *arg)
{
	const struct queue_item *item = &((struct added *)arg)->item;
	struct arena a = { 0 };

	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		event(queue_added, queue_id_text(&a, item->message), ev_int((int64_t)item->id),
		      ev_str(queue_address_text(&a, &item->envelope.sender)),
		      ev_str(queue_address_text(&a, &item->envelope.rcpts[i].address)));
	metric_add(METRIC_queue_added, (int64_t)item->envelope.rcpt_count);
	arena_deinit(&a);
}

/* The reference of the first entry. */
static enum err blob_hold(struct txn *t, const struct queue_new *new, struct queue_item *item)
{
	item->blob = new->blob;
	item->size_bytes = new->size_bytes;
	if (new->draft == NULL)
		return blob_ref(t, &item->blob);
	item->size_bytes = blob_draft_size(new->draft);
	return blob_put(t, new->draft, &item->blob);
}

/* Set the named queue, and what follows from it. */
static void class_fit(struct queue *q, struct txn *t, struct queue_item *item)
{
	const struct settings *s = settings_ref(q->live);
	struct queue_fit fit = { .queue = STR_EMPTY };

	if (!(item->envelope.flags & ENVELOPE_LATER))
		fit = queue_class_fit(s, item);
	item->queue = str_dup(txn_arena(t), fit.queue);
	item->expires_ms = queue_class_expires_ms(s, item);
	settings_unref(s);
	item->held = item->held || fit.hold;
	if (item->held)
		item->due_ms = QUEUE_NEVER_MS;
}

/* Group the recipients by destination. */
static enum err add_split(struct queue *q, struct txn *t, const struct envelope_rcpt *rcpts,
                          size_t count, const struct queue_item *item, struct split *out)
{
	const struct settings *s = settings_ref(q->live);
	struct routes routes;
	struct route_ask ask;
	enum err e = routing_of(s, txn_arena(t), &routes, txn_why(t));

	if (e == OK)
		e = routing_ask(t, &routes, item, &ask);
	if (e == OK)
		split_rcpts(txn_arena(t), rcpts, count, &routes, &ask, out);
	settings_unref(s);
	return e;
}

static enum err part_add(struct queue *q, struct txn *t, const struct split_part *part,
                         struct queue_item item)
{
	struct added *added;
	enum err e = item.id != item.message ? blob_ref(t, &item.blob) : OK;

	item.destination = part->destination;
	item.envelope.rcpts = part->rcpts;
	item.envelope.rcpt_count = part->count;
	class_fit(q, t, &item);
	if (e == OK)
		e = record_add(t, &item);
	if (e != OK)
		return e;
	added = arena_new(txn_arena(t), struct added);
	added->item = item;
	txn_after(t, announce, added);
	queue_hint_after(q, t, &added->item);
	return OK;
}

/* --- suppressed recipients (suppress.h) -------------------------------------------------- */

/* The recipients of a message, with suppressed ones separated. */
struct sorted {
	struct envelope_rcpt *send, *refuse;
	size_t send_count, refuse_count;
};

static struct envelope_reply refusal(struct arena *a, const struct queue_suppressed *s)
{
	char since[STAMP_SIZE];

	stamp_utc(s->since_ms, since);
	return (struct envelope_reply){
		.code = 550,
		.status = STR("5.1.1"),
		.text = str_fmt(a, "not sent: %s, %.10s: %.*s",
		                s->by_hand ? "an administrator stopped mail to this address"
		                           : "mail to this address bounced for good",
		                since, STR_ARG(s->reply)),
	};
}

static enum err rcpts_sort(struct txn *t, const struct queue_new *new, int64_t now_ms,
                           struct sorted *out)
{
	struct arena *a = txn_arena(t);
	enum err e = OK;

	*out = (struct sorted){
		.send = arena_array(a, struct envelope_rcpt, new->envelope.rcpt_count),
		.refuse = arena_array(a, struct envelope_rcpt, new->envelope.rcpt_count)
	};
	for (size_t i = 0; e == OK && i < new->envelope.rcpt_count; i++) {
		struct envelope_rcpt rcpt = new->envelope.rcpts[i];
		struct queue_suppressed s;

		rcpt.reply = (struct envelope_reply){ 0 };
		e = new->envelope.flags &ENVELOPE_LATER
		            ? ERR_MISSING
		            : suppress_find(t, &new->envelope.sender, &rcpt.address, now_ms, a, &s);
		if (e == OK) {
			rcpt.reply = refusal(a, &s);
			out->refuse[out->refuse_count++] = rcpt;
			e = suppress_hit(t, &s);
		} else if (e == ERR_MISSING) {
			out->send[out->send_count++] = rcpt;
			e = OK;
		}
	}
	return e;
}

static enum err room_ask(struct queue *q, struct txn *t, const struct queue_item *item,
                         size_t messages)
{
	const struct settings *s = settings_ref(q->live);
	struct queue_room room = { &item->envelope.sender, item->envelope.submitter, messages,
		                   item->size_bytes };
	enum err e = queue_room(t, s, &room);

	settings_unref(s);
	return e == ERR_LIMIT ? ERR_FULL : e;
}

enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new, uint64_t *message)
{
	int64_t now_ms = clock_real_ms();
	struct queue_item item = {
		.envelope = new->envelope,
		.created_ms = now_ms,
		.due_ms = MAX(new->envelope.not_before_ms, now_ms),
	};
	struct sorted sorted;
	struct split split, refused;
	uint64_t first = 0;
	enum err e;

	assert(new->envelope.rcpt_count != 0);
	item.envelope.flags &= ~(unsigned)ENVELOPE_NOTICED;
	if (new->held) {
		item.held = true;
		item.due_ms = QUEUE_NEVER_MS;
	}
	e = rcpts_sort(t, new, now_ms, &sorted);
	if (e == OK)
		e = blob_hold(t, new, &item);
	if (e == OK)
		e = add_split(q, t, sorted.send, sorted.send_count, &item, &split);
	if (e == OK)
		e = add_split(q, t, sorted.refuse, sorted.refuse_count, &item, &refused);
	if (e == OK)
		e = room_ask(q, t, &item, split.count + refused.count);
	if (e == OK)
		e = record_ids_take(t, split.count + refused.count, &first);
	if (e)
		return e;
	item.message = item.id = first;
	for (size_t i = 0; e == OK && i < split.count; i++, item.id++)
		e = part_add(q, t, &split.parts[i], item);
	item.envelope.route = SUPPRESS_ROUTE;
	for (size_t i = 0; e == OK && i < refused.count; i++, item.id++)
		e = part_add(q, t, &refused.parts[i], item);
	if (e == OK && message != NULL)
		*message = first;
	return e;
}
