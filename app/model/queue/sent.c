/* model/queue/sent.c: see sent.h. */
#include "model/queue/sent.h"

#include "foundation/base/clock.h"
#include "model/history/trace.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"

enum err queue_sent_note(struct txn *t, const struct queue_item *item,
                         const struct envelope_rcpt *rcpt, enum sent_state state, struct str reply)
{
	struct sent_rcpt now = { .address = envelope_rcpt_named(txn_arena(t), rcpt),
		                 .state = state,
		                 .time_ms = clock_real_ms(),
		                 .reply = reply };
	enum err e;

	if (item->envelope.sent_id == 0)
		return OK;
	e = sent_note(t, item->envelope.submitter, item->envelope.sent_id, &now);
	return e == ERR_MISSING ? OK : e;
}

enum err queue_sent_gone(struct webhooks *w, struct txn *t, const struct queue_item *item,
                         const struct envelope_rcpt *rcpt, enum sent_state state)
{
	struct webhook_event event = { .kind = WEBHOOK_CANCELLED,
		                       .time_ms = clock_real_ms(),
		                       .sender = item->envelope.sender,
		                       .rcpt = envelope_rcpt_named(txn_arena(t), rcpt),
		                       .sent = item->envelope.sent_id,
		                       .queue = item->message,
		                       .trace = item->envelope.trace_id,
		                       .attempts = item->attempts };
	struct sent sent;
	enum err e = queue_sent_note(t, item, rcpt, state, STR_EMPTY);

	if (e != OK || w == NULL || item->envelope.submitter == 0)
		return e;
	e = item->envelope.sent_id != 0 ? sent_get(t, item->envelope.submitter,
	                                           item->envelope.sent_id, txn_arena(t), &sent)
	                                : ERR_MISSING;
	if (e == OK) {
		event.message_id = sent.message_id;
		event.tag = sent.tag;
		event.metadata = sent.metadata;
	}
	return e == OK || e == ERR_MISSING ? webhook_put(w, t, &event) : e;
}

/* --- cancellation ------------------------------------------------------------------------ */

static enum err entry_cancel(struct queue *q, struct txn *t, const struct queue_item *item)
{
	struct trace_step step = { .time_ms = clock_real_ms(),
		                   .what = TRACE_DROPPED,
		                   .count = (uint32_t)item->envelope.rcpt_count,
		                   .detail = STR("taken back by its sender") };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < item->envelope.rcpt_count; i++)
		e = queue_sent_gone(q->webhooks, t, item, &item->envelope.rcpts[i], SENT_CANCELLED);
	if (e == OK)
		e = trace_step_put(t, item->envelope.trace_id, &step);
	return e == OK ? record_del(t, item) : e;
}

/* It is being tried: these recipients still wait, whatever else was cancelled. */
static enum err entry_keep(struct txn *t, const struct queue_item *item)
{
	enum sent_state state = item->attempts != 0 ? SENT_DELAYED : SENT_QUEUED;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < item->envelope.rcpt_count; i++)
		e = queue_sent_note(t, item, &item->envelope.rcpts[i], state, STR_EMPTY);
	return e;
}

/* Visit the entries being tried, or the others. */
static enum err entries_walk(struct queue *q, struct txn *t, const struct sent_entries *ids,
                             bool active, size_t *count)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < ids->count; i++) {
		struct queue_item item;

		e = record_get(t, ids->items[i], txn_arena(t), &item);
		if (e == ERR_MISSING || e == ERR_CORRUPT) { /* fsck reports it */
			e = OK;
			continue;
		}
		if (e != OK ||
		    (queue_state_of(&item, clock_real_ms()) == QUEUE_STATE_ACTIVE) != active)
			continue;
		e = active ? entry_keep(t, &item) : entry_cancel(q, t, &item);
		*count += active ? 0 : item.envelope.rcpt_count;
	}
	return e;
}

enum err queue_sent_cancel(struct queue *q, struct txn *t, uint32_t account, uint64_t sent,
                           size_t *count)
{
	struct sent_entries ids;
	enum err e = sent_waits_get(t, account, sent, txn_arena(t), &ids);

	*count = 0;
	if (e == OK)
		e = entries_walk(q, t, &ids, false, count);
	return e == OK && *count != 0 ? entries_walk(q, t, &ids, true, count) : e;
}
