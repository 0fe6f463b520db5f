/* model/queue/record_pack.c: packs an entry; see record.h. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"

enum {
	RECORD_VERSION = 1,
	RECORD_STATUS_MAX = 16, /* "5.123.123" */
	RECORD_ACTIONS_MAX = 1 << 20, /* of all recipients */
};

static void pack_address(struct buf *b, const struct mailaddr *address)
{
	pack_str(b, address->local);
	pack_str(b, address->domain);
}

static void pack_rcpt(struct buf *b, const struct envelope_rcpt *r)
{
	pack_address(b, &r->address);
	pack_str(b, r->orcpt);
	pack_u64(b, r->notify);
	pack_u64(b, r->reply.code);
	pack_str(b, str_sub(r->reply.status, 0, RECORD_STATUS_MAX));
	pack_str(b, str_sub(r->reply.text, 0, LIMIT_queue_reply));
	pack_str(b, str_sub(r->reply.remote, 0, MAILADDR_DOMAIN_MAX));
}

/* Optional requests of the sender or an administrator. */
static void pack_wishes(struct buf *b, const struct queue_item *item)
{
	pack_u64(b, (uint64_t)(item->envelope.priority - ENVELOPE_PRIORITY_MIN));
	pack_u64(b, item->envelope.by_mode);
	pack_u64(b, item->envelope.by_trace);
	pack_u64(b, (uint64_t)item->envelope.by_ms);
	pack_u64(b, (uint64_t)item->envelope.not_before_ms);
	pack_str(b, item->queue);
	pack_str(b, item->envelope.route);
	pack_u64(b, item->tried_count);
	for (size_t i = 0; i < item->tried_count; i++) {
		pack_str(b, item->tried[i].route);
		pack_u64(b, item->tried[i].attempts);
	}
}

/* Without actions of filters the row is as versions before 1.4 wrote it. Actions that are too long
 * are not stored: nothing of them was done, so the filters run anew at delivery. */
static void pack_actions(struct buf *b, const struct queue_item *item)
{
	bool filtered = false;

	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		const struct envelope_rcpt *r = &item->envelope.rcpts[i];

		filtered = filtered || r->filtered;
		pack_str(b, str_sub(actions_quarantined(r->actions), 0, LIMIT_queue_reply));
	}
	for (size_t i = 0; filtered && i < item->envelope.rcpt_count; i++) {
		const struct envelope_rcpt *r = &item->envelope.rcpts[i];
		struct buf list;

		buf_init(&list, RECORD_ACTIONS_MAX / item->envelope.rcpt_count);
		if (r->filtered)
			actions_pack(&list, r->actions);
		pack_str(b, buf_ok(&list) ? buf_str(&list) : STR_EMPTY);
		buf_deinit(&list);
	}
}

void entry_pack(struct buf *b, const struct queue_item *item)
{
	pack_u64(b, RECORD_VERSION);
	pack_u64(b, item->message);
	pack_str(b, item->destination);
	pack_str(b, blob_id_str(&item->blob));
	pack_u64(b, item->size_bytes);
	pack_u64(b, item->envelope.flags);
	pack_u64(b, item->envelope.submitter);
	pack_address(b, &item->envelope.sender);
	pack_str(b, item->envelope.envid);
	pack_u64(b, (uint64_t)item->created_ms);
	pack_u64(b, (uint64_t)item->expires_ms);
	pack_u64(b, (uint64_t)item->due_ms);
	pack_u64(b, item->attempts);
	pack_u64(b, item->holder);
	pack_u64(b, item->envelope.rcpt_count);
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		pack_rcpt(b, &item->envelope.rcpts[i]);
	pack_u64(b, item->held); /* records from before 1.1 end here */
	pack_u64(b, item->envelope.trace_id);
	pack_wishes(b, item); /* records from before 1.3 end before this */
	pack_u64(b, item->envelope.sent_id);
	pack_actions(b, item);
}

/* Without an arena it is borrowed from the record. */
static struct str unpack_text(struct unpack *u, struct arena *a)
{
	struct str s = unpack_str(u);

	return a != NULL ? str_dup(a, s) : s;
}

static struct mailaddr unpack_address(struct unpack *u, struct arena *a)
{
	struct mailaddr address;

	address.local = unpack_text(u, a);
	address.domain = unpack_text(u, a);
	return address;
}

static void unpack_rcpt(struct unpack *u, struct arena *a, struct envelope_rcpt *out)
{
	out->address = unpack_address(u, a);
	out->orcpt = unpack_text(u, a);
	out->notify = unpack_u32(u);
	out->reply.code = (uint16_t)unpack_u32(u);
	out->reply.status = unpack_text(u, a);
	out->reply.text = unpack_text(u, a);
	out->reply.remote = unpack_text(u, a);
}

static void unpack_tried(struct unpack *u, struct arena *a, struct queue_item *out)
{
	out->tried_count = unpack_u32(u);
	u->bad = u->bad || out->tried_count > QUEUE_TRIED_MAX;
	if (u->bad || out->tried_count == 0)
		return;
	out->tried = a != NULL ? arena_array(a, struct queue_tried, out->tried_count) : NULL;
	for (size_t i = 0; i < out->tried_count; i++) {
		struct queue_tried tried = { .route = unpack_text(u, a) };

		tried.attempts = unpack_u32(u);
		if (out->tried != NULL)
			out->tried[i] = tried;
	}
}

static void unpack_wishes(struct unpack *u, struct arena *a, struct queue_item *out)
{
	uint32_t level = unpack_u32(u);
	uint32_t mode = unpack_u32(u);

	u->bad = u->bad || level >= ENVELOPE_PRIORITY_LEVELS || mode > ENVELOPE_BY_NOTIFY;
	out->envelope.priority = (int8_t)(u->bad ? 0 : (int)level + ENVELOPE_PRIORITY_MIN);
	out->envelope.by_mode = (enum envelope_by)(u->bad ? 0 : mode);
	out->envelope.by_trace = unpack_u64(u) != 0;
	out->envelope.by_ms = (int64_t)unpack_u64(u);
	out->envelope.not_before_ms = (int64_t)unpack_u64(u);
	out->queue = unpack_text(u, a);
	out->envelope.route = unpack_text(u, a);
	unpack_tried(u, a, out);
}

static void unpack_quarantines(struct unpack *u, struct arena *a, struct queue_item *out)
{
	for (size_t i = 0; i < out->envelope.rcpt_count; i++) {
		struct str why = unpack_str(u);

		if (a != NULL && why.n != 0)
			out->envelope.rcpts[i].actions = actions_quarantine(a, why);
	}
}

/* Only with an arena. */
static void unpack_actions(struct unpack *u, struct arena *a, struct queue_item *out)
{
	for (size_t i = 0; i < out->envelope.rcpt_count; i++) {
		struct envelope_rcpt *r = &out->envelope.rcpts[i];
		struct str list = unpack_str(u);

		if (list.n == 0)
			continue;
		r->filtered = true;
		u->bad = u->bad || !actions_parse(list, a, &r->actions);
	}
}

enum err entry_parse(uint64_t id, struct str record, struct arena *a, struct queue_item *out)
{
	struct unpack u = unpack_of(record);

	*out = (struct queue_item){ .id = id };
	if (unpack_u64(&u) != RECORD_VERSION)
		return ERR_CORRUPT;
	out->message = unpack_u64(&u);
	out->destination = unpack_text(&u, a);
	if (!blob_id_of(unpack_str(&u), &out->blob))
		return ERR_CORRUPT;
	out->size_bytes = unpack_u64(&u);
	out->envelope.flags = unpack_u32(&u);
	out->envelope.submitter = unpack_u32(&u);
	out->envelope.sender = unpack_address(&u, a);
	out->envelope.envid = unpack_text(&u, a);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->expires_ms = (int64_t)unpack_u64(&u);
	out->due_ms = (int64_t)unpack_u64(&u);
	out->attempts = unpack_u32(&u);
	out->holder = unpack_u64(&u);
	out->envelope.rcpt_count = unpack_u32(&u);
	if (!unpack_ok(&u) || out->envelope.rcpt_count == 0 || out->envelope.rcpt_count > record.n)
		return ERR_CORRUPT;
	if (a != NULL)
		out->envelope.rcpts =
			arena_array(a, struct envelope_rcpt, out->envelope.rcpt_count);
	for (size_t i = 0; i < out->envelope.rcpt_count; i++) {
		struct envelope_rcpt rcpt = { 0 };

		unpack_rcpt(&u, a, &rcpt);
		if (out->envelope.rcpts != NULL)
			out->envelope.rcpts[i] = rcpt;
	}
	if (unpack_more(&u)) {
		out->held = unpack_u64(&u) != 0;
		out->envelope.trace_id = unpack_u64(&u);
	}
	if (unpack_more(&u))
		unpack_wishes(&u, a, out);
	if (unpack_more(&u))
		out->envelope.sent_id = unpack_u64(&u);
	if (unpack_more(&u))
		unpack_quarantines(&u, a, out);
	if (unpack_more(&u) && a != NULL)
		unpack_actions(&u, a, out);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}
