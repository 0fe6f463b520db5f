/* flow/delivery/feedback.c: see feedback.h. */
#include "flow/delivery/feedback.h"

#include "flow/delivery/delivery_trace.h"
#include "formats/message/arf.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/directory/resolve.h"
#include "model/history/trace.h"
#include "model/queue/suppress.h"
#include "model/store/store.h"
#include "network/runtime/network.h"

struct feedback {
	const struct plan *p;
	struct arena arena;
	struct arf arf;
	struct str message_id; /* of the reported message           */
	struct str rcpt;       /* the complaining recipient         */
	struct trace trace;    /* of that message; id 0: none found */
};

/* Quick test by the header, since few messages are reports. */
static bool may_be_one(const struct plan *p)
{
	struct str header = str_sub(p->m->body, 0, header_size(p->m->body));
	struct header_field field;

	return !p->m->ours && p->local_count != 0 && p->d->traces != NULL &&
	       header_find(header, STR("Content-Type"), &field) &&
	       str_startsi(field.value, STR("multipart/report"));
}

/* Is this a recipient in the trace? Then he is the complaining one. */
static bool rcpt_take(struct feedback *f, const struct trace *trace, struct str rcpt)
{
	for (size_t i = 0; i < trace->to_count; i++)
		if (str_eqi(trace->to[i], rcpt)) {
			f->rcpt = trace->to[i];
			return true;
		}
	return false;
}

/* If the report hides the recipient, as many do, it is still clear for a message with one
 * recipient. */
static bool is_about(struct feedback *f, const struct trace *trace)
{
	if (!str_eq(trace->message_id, f->message_id))
		return false;
	for (size_t i = 0; i < f->arf.rcpt_count; i++)
		if (rcpt_take(f, trace, mailaddr_text(&f->arena, &f->arf.rcpts[i])))
			return true;
	f->rcpt = trace->to_count == 1 ? trace->to[0] : STR_EMPTY;
	return f->arf.rcpt_count == 0 && trace->to_count == 1 && trace->to_more == 0;
}

static enum err sent_by_us(struct txn *t, const struct trace *trace, bool *yes)
{
	ptrdiff_t at = str_rfind_byte(trace->from, '@');

	*yes = false;
	return at < 0 ? OK
	              : directory_is_local(t, str_sub(trace->from, (size_t)at + 1, trace->from.n),
	                                   yes);
}

static enum err trace_look(struct txn *t, void *arg)
{
	enum { LOOKED_AT = 5 }; /* a forwarded message has the same identifier again */
	struct feedback *f = arg;
	struct trace_query query = { .text = f->message_id, .max = LOOKED_AT };
	struct trace_list list;
	enum err e = trace_find(t, &query, &f->arena, &list);

	f->trace.id = 0;
	for (size_t i = 0; e == OK && i < list.count && f->trace.id == 0; i++) {
		bool ours;

		if (!is_about(f, &list.items[i]))
			continue;
		e = sent_by_us(t, &list.items[i], &ours);
		if (e == OK && ours)
			f->trace = list.items[i];
	}
	return e;
}

/* Any recipient, for example a member of a list, could suppress another one's mail by a
 * report. So only reports from configured networks count. */
static bool believed(const struct plan *p)
{
	struct network_list from;
	struct arena a = { 0 };
	struct addr peer;
	bool yes = addr_parse_ip(p->m->envelope.session.peer, &peer) &&
	           network_list_parse(&a, p->settings->feedback_from, &from, NULL) == OK &&
	           network_list_has(&from, &peer);

	arena_deinit(&a);
	return yes;
}

/* As after a 5.1.1 (model/queue/suppress.h), if the setting is on: the domain sends no
 * more mail to an address that reports it as spam. An existing row stays. */
static enum err rcpt_suppress(struct txn *t, const struct feedback *f)
{
	enum { DAY_MS = 86400000 };
	int64_t now_ms = clock_real_ms(), days = (int64_t)f->p->settings->queue_suppress_days;
	struct mailaddr from, rcpt;
	struct queue_suppressed s = { .since_ms = now_ms, .until_ms = now_ms + days * DAY_MS }, old;
	struct arena *a = txn_arena(t);
	enum err e;

	if (days == 0 || !believed(f->p) ||
	    !mailaddr_of(f->trace.from, a, MAILADDR_UTF8, &from) ||
	    !mailaddr_of(f->rcpt, a, MAILADDR_UTF8, &rcpt))
		return OK;
	e = suppress_find(t, &from, &rcpt, now_ms, a, &old);
	if (e != ERR_MISSING)
		return e;
	s.domain = from.domain;
	s.address = f->rcpt;
	s.reply = STR("the recipient called an earlier message spam");
	e = queue_suppress(t, &s);
	return e == ERR_LIMIT ? OK : e;
}

static enum err complaint_put(struct txn *t, void *arg)
{
	const struct feedback *f = arg;
	struct trace_step step = {
		.time_ms = clock_real_ms(),
		.what = TRACE_COMPLAINED,
		.who = f->rcpt,
		.detail = str_fmt(txn_arena(t), "%.*s, says %.*s", STR_ARG(f->arf.type),
		                  STR_ARG(mailaddr_text(txn_arena(t), &f->p->m->envelope.sender))),
	};
	enum err e = trace_step_put(t, f->trace.id, &step);

	return e == OK ? rcpt_suppress(t, f) : e;
}

static void told(struct feedback *f)
{
	struct store *store = f->p->d->store;

	if (store_read(store, trace_look, f) != OK || f->trace.id == 0)
		return;
	event(mail_complaint, f->p->m->envelope.session.id, ev_str(f->trace.from), ev_str(f->rcpt),
	      ev_str(f->arf.type), ev_str(f->message_id),
	      ev_str(mailaddr_text(&f->arena, &f->p->m->envelope.sender)));
	metric_add(METRIC_mail_complaints, 1);
	/* The report itself is delivered: a missing trace step is harmless. */
	if (store_write(store, complaint_put, f, NULL) != OK)
		(void)0;
}

void feedback_look(const struct plan *p)
{
	struct feedback f = { .p = p };

	if (!may_be_one(p))
		return;
	if (arf_parse(&f.arena, p->m->body, &p->d->limits, &f.arf)) {
		f.message_id = story_message_id(f.arf.original);
		if (f.message_id.n != 0)
			told(&f);
	}
	arena_deinit(&f.arena);
}
