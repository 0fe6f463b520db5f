/* model/queue/dsn/report_log.c: writes a report to trace and log; see report_body.h. */
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/history/trace.h"
#include "model/queue/dsn/report_body.h"
#include "model/queue/take.h"
#include "model/store/store.h"

/* --- the trace -------------------------------------------------------------------------- */

/* Without empty parts. */
static struct str reply_text(struct arena *a, const struct envelope_reply *reply)
{
	struct buf b;
	struct str text;

	buf_init(&b, 2 * LIMIT_queue_reply);
	if (reply->code != 0)
		buf_fmt(&b, "%u ", reply->code);
	if (reply->status.n != 0)
		buf_fmt(&b, "%.*s ", STR_ARG(reply->status));
	buf_put(&b, str_sub(reply->text, 0, LIMIT_queue_reply));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* " (TLSv1.2 ..., MTA-STS)", for a sent message. */
static struct str tls_text(struct report *r, size_t i)
{
	const struct queue_path *path = r->results[i].path;

	if (r->results[i].outcome != QUEUE_DELIVERED || path == NULL || path->tls.n == 0)
		return STR_EMPTY;
	return str_fmt(&r->arena, " (%.*s)", STR_ARG(path->tls));
}

static enum err rcpt_trace(struct report *r, struct txn *t, size_t i)
{
	static const enum trace_what whats[] = { [QUEUE_DELIVERED] = TRACE_SENT,
		                                 [QUEUE_DELAYED] = TRACE_DELAYED,
		                                 [QUEUE_FAILED] = TRACE_FAILED };
	struct envelope_reply reply = report_reply(r, &r->results[i].reply);
	enum queue_outcome what = report_outcome(r, i);
	struct trace_step step = { .time_ms = r->now_ms };

	step.what = whats[what];
	step.who = queue_address_text(&r->arena, &r->item->envelope.rcpts[i].address);
	step.detail = reply_text(&r->arena, &reply);
	if (reply.remote.n != 0)
		step.detail = str_fmt(&r->arena, "%.*s%.*s: %.*s", STR_ARG(reply.remote),
		                      STR_ARG(tls_text(r, i)), STR_ARG(step.detail));
	return trace_step_put(t, r->item->envelope.trace_id, &step);
}

static enum err letter_trace(struct report *r, struct txn *t, const struct letter *l)
{
	struct trace_step step = {
		.time_ms = r->now_ms,
		.what = l->failed ? TRACE_BOUNCED : TRACE_NOTICED,
		.who = queue_address_text(&r->arena, &r->item->envelope.sender),
	};

	if (l->dropped)
		step.detail = STR("undeliverable bounce dropped");
	else if (l == &r->failure && !l->failed)
		step.detail = STR("passed on");

	return l->prepared ? trace_step_put(t, r->item->envelope.trace_id, &step) : OK;
}

enum err report_trace(struct report *r, struct txn *t)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->item->envelope.rcpt_count; i++)
		e = rcpt_trace(r, t, i);
	if (e == OK)
		e = letter_trace(r, t, &r->failure);
	return e == OK ? letter_trace(r, t, &r->delay) : e;
}

/* --- the log ---------------------------------------------------------------------------- */

static void rcpt_log(struct report *r, size_t i)
{
	struct arena *a = &r->arena;
	const struct envelope_reply *reply = &r->results[i].reply;
	struct str id = queue_id_text(a, r->item->message);
	struct str rcpt = queue_address_text(a, &r->item->envelope.rcpts[i].address);
	struct str text = reply_text(a, reply);

	tally_result(r, i);
	switch (report_outcome(r, i)) {
	case QUEUE_DELIVERED:
		metric_add(METRIC_queue_delivered, 1);
		event(queue_delivered, id, ev_int((int64_t)r->item->id), ev_str(rcpt),
		      ev_str(reply->remote), ev_str(text));
		return;
	case QUEUE_FAILED:
		metric_add(METRIC_queue_failed, 1);
		event(queue_failed, id, ev_int((int64_t)r->item->id), ev_str(rcpt),
		      ev_str(reply->remote), ev_str(text));
		return;
	case QUEUE_DELAYED:
		break;
	}
	metric_add(METRIC_queue_delayed, 1);
	event(queue_delayed, id, ev_int((int64_t)r->item->id), ev_str(rcpt), ev_str(reply->remote),
	      ev_str(text), ev_int((r->next.due_ms - r->now_ms) / 1000));
}

static void letter_log(struct report *r, const struct letter *l)
{
	struct str to = queue_address_text(&r->arena, &r->item->envelope.sender);

	if (l->prepared)
		event(queue_bounced, queue_id_text(&r->arena, r->item->message),
		      ev_int((int64_t)r->item->id),
		      ev_str(l->dropped ? STR("nobody: dropped") : to));
}

void report_log(struct report *r)
{
	for (size_t i = 0; i < r->item->envelope.rcpt_count; i++)
		rcpt_log(r, i);
	letter_log(r, &r->failure);
	letter_log(r, &r->delay);
}
