/* queue/add.c: messages come in; see queue.h. */
#include "base/clock.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "queue/queue_body.h"
#include "queue/record.h"
#include "queue/split.h"
#include "store/store.h"

struct added {
	struct queue_item item;
};

static void announce(void *arg)
{
	const struct queue_item *item = &((struct added *)arg)->item;
	struct arena a = { 0 };

	for (size_t i = 0; i < item->rcpt_count; i++)
		event(queue_added, queue_id_text(&a, item->message), ev_int((int64_t)item->id),
		      ev_str(queue_address_text(&a, &item->sender)),
		      ev_str(queue_address_text(&a, &item->rcpts[i].address)));
	metric_add(METRIC_queue_added, (int64_t)item->rcpt_count);
	arena_deinit(&a);
}

static enum err blob_hold(struct txn *t, const struct queue_new *new, struct queue_item *item)
{
	item->blob = new->blob;
	item->size_bytes = new->size_bytes;
	if (new->draft == NULL)
		return blob_ref(t, &item->blob);
	item->size_bytes = blob_draft_size(new->draft);
	return blob_put(t, new->draft, &item->blob);
}

static enum err part_add(struct queue *q, struct txn *t, const struct queue_new *new,
                         const struct split_part *part, struct queue_item item)
{
	struct added *added;
	enum err e;

	item.destination = part->destination;
	item.rcpts = part->rcpts;
	item.rcpt_count = part->count;
	for (size_t i = 0; i < part->count; i++)
		item.rcpts[i].reply = (struct queue_reply){ 0 };
	e = blob_hold(t, new, &item);
	if (e == OK)
		e = record_add(t, &item);
	if (e != OK)
		return e;
	added = arena_new(txn_arena(t), struct added);
	added->item = item;
	txn_after(t, announce, added);
	queue_wake_after(q, t);
	return OK;
}

enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new, uint64_t *message)
{
	int64_t now_ms = clock_real_ms();
	struct queue_item item = {
		.flags = new->flags & ~(unsigned)QUEUE_NOTICED,
		.submitter = new->submitter,
		.sender = new->sender,
		.envid = new->envid,
		.trace = new->trace,
		.created_ms = now_ms,
		.due_ms = MAX(new->not_before_ms, now_ms),
	};
	const struct settings *s = settings_ref(q->live);
	struct split split;
	uint64_t first;
	enum err e;

	assert(new->rcpt_count != 0);
	item.expires_ms = item.due_ms + schedule_of(s).expire_ms;
	split_rcpts(txn_arena(t), new->rcpts, new->rcpt_count, s->smarthost.n != 0, &split);
	settings_unref(s);
	e = record_ids_take(t, split.count, &first);
	item.message = first;
	for (size_t i = 0; e == OK && i < split.count; i++) {
		item.id = first + i;
		e = part_add(q, t, new, &split.parts[i], item);
	}
	if (e == OK && message != NULL)
		*message = first;
	return e;
}
