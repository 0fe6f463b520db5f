/* flow/delivery/delivery_trace.c: see delivery_trace.h. */
#include "flow/delivery/delivery_trace.h"

#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/history/trace.h"
#include "model/store/store.h"

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

/* The identifier of a user's message may be ours. */
void story_begin(struct plan *p)
{
	p->trace =
		p->m->envelope.trace_id != 0 ? p->m->envelope.trace_id : trace_id_new(p->d->traces);
	if (p->trace == 0)
		return;
	p->message_id = story_message_id(p->m->body);
	if (p->message_id.n == 0)
		p->message_id = story_message_id(p->m->trace);
}

/* Also recipients without mail, since their senders ask about it. */
static void rcpts_fill(const struct plan *p, struct arena *a, struct trace *trace)
{
	size_t left = p->m->envelope.rcpt_count, all = left + p->m->discarded_count;

	trace->to_count = MIN(all, (size_t)LIMIT_trace_rcpts);
	trace->to_more = all - trace->to_count;
	trace->to = arena_array(a, struct str, trace->to_count);
	for (size_t i = 0; i < trace->to_count; i++)
		trace->to[i] = mailaddr_text(a, i < left ? &p->m->envelope.rcpts[i].address
		                                         : &p->m->discarded[i - left].address);
}

/* Room for more steps after those of the checks. */
static void checks_fill(const struct plan *p, struct arena *a, struct trace *trace, size_t more)
{
	trace->steps = arena_array(a, struct trace_step, p->m->check_count + more);
	for (size_t i = 0; i < p->m->check_count; i++)
		trace->steps[trace->step_count++] = p->m->checks[i];
}

/* Why some remote ones are held; empty: none is. */
static struct str held_why(const struct plan *p)
{
	for (size_t i = 0; i < p->remote_count; i++)
		if (p->remotes[i].quarantine.n != 0)
			return p->remotes[i].quarantine;
	return STR_EMPTY;
}

static enum trace_what what_of(const struct plan_local *l)
{
	if (l->account == 0)
		return TRACE_FAILED;
	return l->refused != NULL ? TRACE_FULL : TRACE_DELIVERED;
}

static void steps_fill(const struct plan *p, struct arena *a, struct trace *trace)
{
	size_t locals = MIN(p->local_count, (size_t)LIMIT_trace_rcpts);
	size_t discarded = MIN(p->m->discarded_count, (size_t)LIMIT_trace_rcpts);
	struct str held = held_why(p);
	int64_t now = clock_real_ms();

	checks_fill(p, a, trace, discarded + locals + 2);
	for (size_t i = 0; i < discarded; i++)
		trace->steps[trace->step_count++] = (struct trace_step){
			.time_ms = now,
			.what = TRACE_DISCARDED,
			.who = mailaddr_text(a, &p->m->discarded[i].address),
			.detail = p->m->discarded[i].discard,
		};
	for (size_t i = 0; i < locals; i++) {
		const struct plan_local *l = &p->locals[i];

		if (l->met || l->queued)
			continue;
		trace->steps[trace->step_count++] = (struct trace_step){
			.time_ms = now,
			.what = what_of(l),
			.who = mailaddr_text(a, &l->address),
			.detail = l->refused != NULL ? l->refused->text
			                             : str_fmt(a, "%s, UID %" PRIu32,
			                                       l->junk ? "Junk" : "INBOX",
			                                       l->uid),
		};
	}
	if (p->remote_count != 0)
		trace->steps[trace->step_count++] = (struct trace_step){
			.time_ms = now,
			.what = TRACE_QUEUED,
			.count = (uint32_t)p->remote_count,
			.detail = str_fmt(a, "queue entry %" PRIu64, p->queue_id),
		};
	if (held.n != 0)
		trace->steps[trace->step_count++] = (struct trace_step){ .time_ms = now,
			                                                 .what = TRACE_HELD,
			                                                 .detail = held };
}

static struct trace trace_of(const struct plan *p, struct arena *a)
{
	struct trace trace = {
		.id = p->trace,
		.session = p->m->envelope.session.id,
		.mail = p->m->envelope.mail_id,
		.service = p->m->envelope.session.service,
		.peer = p->m->envelope.session.peer,
		.message_id = p->message_id,
		.size_bytes = p->m->body.n,
		.from = mailaddr_text(a, &p->m->envelope.sender),
	};

	rcpts_fill(p, a, &trace);
	return trace;
}

enum err story_put(const struct plan *p, struct txn *t)
{
	struct trace trace;
	enum err e = OK;

	if (p->trace == 0)
		return OK;
	trace = trace_of(p, txn_arena(t));
	steps_fill(p, txn_arena(t), &trace);
	if (p->m->envelope.trace_id == 0)
		return trace_put(p->d->traces, t, &trace);
	for (size_t i = 0; e == OK && i < trace.step_count; i++)
		e = trace_step_put(t, p->trace, &trace.steps[i]);
	return e;
}

enum err story_put_discarded(const struct plan *p, struct txn *t)
{
	struct trace trace = trace_of(p, txn_arena(t));

	checks_fill(p, txn_arena(t), &trace, 1);
	trace.steps[trace.step_count++] =
		(struct trace_step){ .time_ms = clock_real_ms(),
		                     .what = TRACE_DROPPED,
		                     .count = (uint32_t)p->m->envelope.rcpt_count,
		                     .detail = p->m->discard };
	return trace_put(p->d->traces, t, &trace);
}
