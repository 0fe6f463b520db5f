/* flow/delivery/delivery_trace.c: see delivery_trace.h. */
#include "flow/delivery/delivery_trace.h"

#include "flow/filtering/place.h"
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

/* Why some that go to remote servers are held; empty: none is. */
static struct str held_why(const struct plan *p)
{
	for (size_t i = 0; i < p->remote_count; i++)
		if (p->remotes[i].quarantine.n != 0)
			return p->remotes[i].quarantine;
	for (size_t i = 0; i < p->local_count; i++)
		for (size_t n = 0; n < p->locals[i].action_count; n++)
			if (p->locals[i].quarantine.n != 0 &&
			    p->locals[i].actions[n].what->kind == ACTION_REDIRECT)
				return p->locals[i].quarantine;
	return STR_EMPTY;
}

/* A list of steps that grows. */
struct steps {
	struct arena *a;
	struct trace *trace;
	size_t cap;
	int64_t now_ms;
};

static void step_add(struct steps *s, const struct trace_step *step)
{
	struct trace *trace = s->trace;

	if (trace->step_count == s->cap) {
		struct trace_step *grown;

		s->cap = MAX(2 * s->cap, (size_t)8);
		grown = arena_array(s->a, struct trace_step, s->cap);
		for (size_t i = 0; i < trace->step_count; i++)
			grown[i] = trace->steps[i];
		trace->steps = grown;
	}
	trace->steps[trace->step_count] = *step;
	trace->steps[trace->step_count++].time_ms = s->now_ms;
}

/* With why, if there is a reason. */
static struct str detail_of(struct arena *a, struct str what, struct str why)
{
	return why.n != 0 ? str_fmt(a, "%.*s (%.*s)", STR_ARG(what), STR_ARG(why)) : what;
}

static enum err stored_fill(const struct plan *p, struct txn *t, struct steps *s,
                            const struct plan_local *l, const struct plan_action *a)
{
	const struct mail_txn m = { .mailboxes = p->d->mailboxes, .t = t, .account = l->account };
	struct str name = STR("INBOX"), text;
	enum err e = OK;

	if (place_given(&a->what->place))
		e = mailbox_name(&m, a->mailbox, s->a, &name);
	text = str_fmt(s->a, "%.*s, UID %" PRIu32, STR_ARG(name), a->uid);
	step_add(s, &(struct trace_step){ .what = TRACE_DELIVERED,
	                                  .who = mailaddr_text(s->a, &l->address),
	                                  .detail = detail_of(s->a, text, a->what->why) });
	return e;
}

static void sent_fill(struct steps *s, const struct plan_local *l, const struct plan_action *a)
{
	struct str text = str_fmt(s->a, "%.*s, queue entry %" PRIu64,
	                          STR_ARG(mailaddr_text(s->a, &a->what->address)), a->queue_id);

	step_add(s, &(struct trace_step){ .what = TRACE_QUEUED,
	                                  .who = mailaddr_text(s->a, &l->address),
	                                  .count = 1,
	                                  .detail = detail_of(s->a, text, a->what->why) });
}

/* REMEMBER is part of another action. */
static enum err action_fill(const struct plan *p, struct txn *t, struct steps *s,
                            const struct plan_local *l, const struct plan_action *a)
{
	struct trace_step step = { .what = TRACE_FILTERED,
		                   .who = mailaddr_text(s->a, &l->address),
		                   .detail = a->what->why };
	enum err e = a->mailbox != 0 && a->uid != 0 ? stored_fill(p, t, s, l, a) : OK;

	if (a->queue_id != 0)
		sent_fill(s, l, a);
	if (a->known)
		step.detail = str_fmt(s->a, "%.*s not sent: done before", STR_ARG(step.detail));
	if (a->what->kind == ACTION_DISCARD)
		step.what = TRACE_DISCARDED;
	else if (a->known || a->what->kind == ACTION_NOTE)
		step.what = TRACE_FILTERED;
	else
		return e;
	step_add(s, &step);
	return e;
}

static void refused_fill(struct steps *s, const struct plan_local *l)
{
	bool gone = l->account == 0 || l->rejected.n != 0;

	step_add(s, &(struct trace_step){ .what = gone ? TRACE_FAILED : TRACE_FULL,
	                                  .who = mailaddr_text(s->a, &l->address),
	                                  .detail = detail_of(s->a, l->refused->text,
	                                                      l->rejected) });
}

static enum err local_fill(const struct plan *p, struct txn *t, struct steps *s,
                           const struct plan_local *l)
{
	enum err e = OK;

	if (l->met || l->queued)
		return OK;
	if (l->refused != NULL)
		refused_fill(s, l);
	for (size_t i = 0; e == OK && l->refused == NULL && i < l->action_count; i++)
		e = action_fill(p, t, s, l, &l->actions[i]);
	return e;
}

/* The steps of the checks are the first. */
static enum err steps_fill(const struct plan *p, struct txn *t, struct trace *trace)
{
	struct steps s = { txn_arena(t), trace, 0, clock_real_ms() };
	struct str held = held_why(p);
	enum err e = OK;

	checks_fill(p, s.a, trace, 0);
	s.cap = trace->step_count;
	for (size_t i = 0; i < MIN(p->m->discarded_count, (size_t)LIMIT_trace_rcpts); i++) {
		const struct envelope_rcpt *rcpt = &p->m->discarded[i];

		step_add(&s, &(struct trace_step){ .what = TRACE_DISCARDED,
		                                   .who = mailaddr_text(s.a, &rcpt->address),
		                                   .detail = actions_discarded(rcpt->actions) });
	}
	for (size_t i = 0; e == OK && i < MIN(p->local_count, (size_t)LIMIT_trace_rcpts); i++)
		e = local_fill(p, t, &s, &p->locals[i]);
	if (p->remote_count != 0)
		step_add(&s, &(struct trace_step){
				     .what = TRACE_QUEUED,
				     .count = (uint32_t)p->remote_count,
				     .detail = str_fmt(s.a, "queue entry %" PRIu64, p->queue_id) });
	if (held.n != 0)
		step_add(&s, &(struct trace_step){ .what = TRACE_HELD, .detail = held });
	return e;
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
	e = steps_fill(p, t, &trace);
	if (e)
		return e;
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
