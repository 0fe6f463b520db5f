/* delivery/story.c: see story.h. */
#include "delivery/story.h"

#include "base/clock.h"
#include "config/limits.h"
#include "message/header.h"
#include "message/msgid.h"
#include "store/store.h"
#include "trace/trace.h"

struct str story_message_id(struct str header)
{
	struct header_field field;
	struct str id;
	struct cur c;

	if (!header_find(header, STR("Message-ID"), &field))
		return STR_EMPTY;
	c = cur_of(field.value);
	return msgid_next(&c, &id) ? str_from(id.p - 1, id.n + 2) : STR_EMPTY;
}

/* A user's message may have got its identifier from us. */
void story_begin(struct plan *p)
{
	p->trace = trace_id_new(p->d->traces);
	if (p->trace == 0)
		return;
	p->message_id = story_message_id(p->m->body);
	if (p->message_id.n == 0)
		p->message_id = story_message_id(p->m->trace);
}

static void rcpts_fill(const struct plan *p, struct arena *a, struct trace *trace)
{
	trace->to_count = MIN(p->m->rcpt_count, (size_t)LIMIT_trace_rcpts);
	trace->to_more = p->m->rcpt_count - trace->to_count;
	trace->to = arena_array(a, struct str, trace->to_count);
	for (size_t i = 0; i < trace->to_count; i++)
		trace->to[i] = mailaddr_text(a, &p->m->rcpts[i]);
}

static void steps_fill(const struct plan *p, struct arena *a, struct trace *trace)
{
	size_t locals = MIN(p->local_count, (size_t)LIMIT_trace_rcpts);
	int64_t now = clock_real_ms();

	trace->steps = arena_array(a, struct trace_step, locals + 1);
	for (size_t i = 0; i < locals; i++) {
		const struct plan_local *l = &p->locals[i];

		trace->steps[trace->step_count++] = (struct trace_step){
			.time_ms = now,
			.what = l->full ? TRACE_FULL : TRACE_DELIVERED,
			.who = mailaddr_text(a, &l->address),
			.detail = l->full ? STR("mailbox full")
			                  : str_fmt(a, "INBOX, UID %" PRIu32, l->uid),
		};
	}
	if (p->remote_count != 0)
		trace->steps[trace->step_count++] = (struct trace_step){
			.time_ms = now,
			.what = TRACE_QUEUED,
			.count = (uint32_t)p->remote_count,
			.detail = str_fmt(a, "queue entry %" PRIu64, p->queue_id),
		};
}

enum err story_put(const struct plan *p, struct txn *t)
{
	struct arena *a = txn_arena(t);
	struct trace trace = {
		.id = p->trace,
		.session = p->m->id,
		.service = p->m->service,
		.peer = p->m->peer,
		.message_id = p->message_id,
		.size_bytes = p->m->body.n,
	};

	if (p->trace == 0)
		return OK;
	trace.from = mailaddr_text(a, &p->m->from);
	rcpts_fill(p, a, &trace);
	steps_fill(p, a, &trace);
	return trace_put(p->d->traces, t, &trace);
}
