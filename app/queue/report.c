/* queue/report.c: what came of an attempt; see queue.h.
 *
 * First a plan, from what was taken and what happened: who leaves, who stays, who is in the
 * bounce and in the notice. Then the two messages are written and prepared, which may take
 * long, outside any transaction; the lease keeps everybody else away meanwhile. Then one
 * transaction looks whether the lease is still ours and does it all. */
#include "base/clock.h"
#include "base/random.h"
#include "config/limits.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "queue/bounce.h"
#include "queue/queue_body.h"
#include "queue/record.h"
#include "store/store.h"
#include "trace/trace.h"

/* What one recipient adds to a letter, at most: its reply twice, all of it encoded. */
enum { LETTER_RCPT_MAX = 16384 };

/* A bounce or notice on its way. */
struct letter {
	struct bounce_rcpt *rcpts;
	size_t rcpt_count;
	struct buf raw;
	struct queue_bounce bounce;
	void *made; /* by the host */
	bool prepared;
	bool dropped; /* nobody takes it */
};

struct report {
	struct queue *q;
	const struct queue_item *item;
	const struct queue_result *results;
	const struct settings *settings; /* a reference */
	struct schedule schedule;
	struct arena arena;
	int64_t now_ms;
	bool keep_failed;       /* no bounce could be made: try them again instead     */
	struct queue_item next; /* what stays; no recipients: nothing                  */
	struct letter failure, delay;
	struct buf original;
};

/* --- The plan --------------------------------------------------------------------------- */

static bool expired(const struct report *r)
{
	return schedule_expired(r->now_ms, r->item->expires_ms);
}

/* What becomes of recipient i: delayed ones fail with age. */
static enum queue_outcome outcome(const struct report *r, size_t i)
{
	if (r->results[i].outcome == QUEUE_DELAYED && expired(r))
		return QUEUE_FAILED;
	return r->results[i].outcome;
}

static struct queue_reply reply_clean(struct report *r, const struct queue_reply *reply)
{
	return (struct queue_reply){
		.code = reply->code,
		.status = record_line(&r->arena, reply->status, 16),
		.text = record_line(&r->arena, reply->text, LIMIT_queue_reply),
		.remote = record_line(&r->arena, reply->remote, MAILADDR_DOMAIN_MAX),
	};
}

/* Does the sender want to hear of this (RFC 3461 4.1)? Without a wish: yes. */
static bool wants(const struct report *r, size_t i, unsigned event_bit)
{
	unsigned notify = r->item->rcpts[i].notify;

	return !mailaddr_is_null(&r->item->sender) && (notify == 0 || (notify & event_bit) != 0);
}

static void letter_add(struct report *r, struct letter *l, size_t i,
                       const struct queue_reply *reply)
{
	if (l->rcpts == NULL)
		l->rcpts = arena_array(&r->arena, struct bounce_rcpt, r->item->rcpt_count);
	l->rcpts[l->rcpt_count++] = (struct bounce_rcpt){
		.rcpt = &r->item->rcpts[i],
		.reply = *reply,
		.expired = r->results[i].outcome == QUEUE_DELAYED && expired(r),
	};
}

static bool notice_due(const struct report *r)
{
	return (r->item->flags & QUEUE_NOTICED) == 0 &&
	       schedule_notice_due(&r->schedule, r->item->created_ms, r->now_ms);
}

static void rcpt_plan(struct report *r, size_t i, bool notice)
{
	struct queue_reply reply = reply_clean(r, &r->results[i].reply);
	enum queue_outcome what = outcome(r, i);

	if (what == QUEUE_DELIVERED)
		return;
	if (what == QUEUE_FAILED && !r->keep_failed) {
		if (wants(r, i, QUEUE_NOTIFY_FAILURE))
			letter_add(r, &r->failure, i, &reply);
		return;
	}
	if (notice && wants(r, i, QUEUE_NOTIFY_DELAY))
		letter_add(r, &r->delay, i, &reply);
	r->next.rcpts[r->next.rcpt_count] = r->item->rcpts[i];
	r->next.rcpts[r->next.rcpt_count++].reply = reply;
}

static void plan(struct report *r)
{
	bool notice = notice_due(r) && !r->keep_failed;

	r->failure = r->delay = (struct letter){ 0 };
	r->next = *r->item;
	r->next.rcpts = arena_array(&r->arena, struct queue_rcpt, r->item->rcpt_count);
	r->next.rcpt_count = 0;
	for (size_t i = 0; i < r->item->rcpt_count; i++)
		rcpt_plan(r, i, notice);
	r->next.attempts++;
	r->next.holder = 0;
	r->next.due_ms = schedule_next_ms(&r->schedule, r->next.attempts, r->now_ms,
	                                  r->item->expires_ms, random_u64());
	if (r->delay.rcpt_count != 0)
		r->next.flags |= QUEUE_NOTICED;
}

/* --- The letters ------------------------------------------------------------------------ */

/* As much of the original as a report may carry. */
static enum err original_read(struct txn *t, void *arg)
{
	struct report *r = arg;
	size_t n = (r->item->flags & QUEUE_RET_FULL) != 0 ? BOUNCE_FULL_MAX : BOUNCE_HEADER_MAX;

	buf_reset(&r->original);
	return blob_get(t, &r->item->blob, 0, n, &r->original);
}

static void letter_write(struct report *r, struct letter *l, enum bounce_action action)
{
	struct bounce b = {
		.action = action,
		.item = r->item,
		.rcpts = l->rcpts,
		.rcpt_count = l->rcpt_count,
		.original = buf_str(&r->original),
		.original_whole = (r->item->flags & QUEUE_RET_FULL) != 0 &&
		                  r->original.n == r->item->size_bytes,
		.hostname = r->settings->hostname,
		.now_ms = r->now_ms,
		.last_attempt_ms = r->item->expires_ms,
	};

	l->bounce = (struct queue_bounce){
		.to = r->item->sender,
		.submitter = r->item->submitter,
		.about = r->item->id,
		.notice = action == BOUNCE_DELAYED,
	};
	bounce_put(&l->raw, &b, &l->bounce.flags);
	l->bounce.raw = buf_str(&l->raw);
}

static enum err letter_make(struct report *r, struct letter *l, enum bounce_action action,
                            struct why *why)
{
	const struct queue_host *host = &r->q->host;
	enum err e;

	if (l->rcpt_count == 0)
		return OK;
	buf_init(&l->raw, 2 * BOUNCE_FULL_MAX + l->rcpt_count * LETTER_RCPT_MAX);
	letter_write(r, l, action);
	if (!buf_ok(&l->raw))
		return fail(why, ERR_LIMIT, "a bounce for so many recipients is too long");
	e = host->bounce_prepare(&l->bounce, &l->made, host->arg, why);
	l->prepared = e == OK;
	return e;
}

static enum err letters_make(struct report *r, struct why *why)
{
	enum err e = OK;

	if (r->failure.rcpt_count + r->delay.rcpt_count == 0)
		return OK;
	e = store_read(r->q->store, original_read, r);
	/* A blob that is damaged must not keep the sender from hearing of it. */
	if (e != OK && e != ERR_CORRUPT && e != ERR_MISSING)
		return fail(why, e, "the original cannot be read");
	e = letter_make(r, &r->failure, BOUNCE_FAILED, why);
	return e != OK ? e : letter_make(r, &r->delay, BOUNCE_DELAYED, why);
}

static void letter_free(struct report *r, struct letter *l)
{
	if (l->prepared)
		r->q->host.bounce_done(l->made, r->q->host.arg);
	if (l->rcpt_count != 0 && l->raw.max != 0)
		buf_deinit(&l->raw);
	*l = (struct letter){ 0 };
}

/* --- The trace -------------------------------------------------------------------------- */

/* Without what was not said. */
static struct str reply_text(struct arena *a, const struct queue_reply *reply)
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

static enum err rcpt_trace(struct report *r, struct txn *t, size_t i)
{
	static const enum trace_what whats[] = { [QUEUE_DELIVERED] = TRACE_SENT,
		                                 [QUEUE_DELAYED] = TRACE_DELAYED,
		                                 [QUEUE_FAILED] = TRACE_FAILED };
	struct queue_reply reply = reply_clean(r, &r->results[i].reply);
	enum queue_outcome what = outcome(r, i);
	struct trace_step step = { .time_ms = r->now_ms };

	if (what == QUEUE_FAILED && r->keep_failed)
		what = QUEUE_DELAYED;
	step.what = whats[what];
	step.who = queue_address_text(&r->arena, &r->item->rcpts[i].address);
	step.detail = reply_text(&r->arena, &reply);
	if (reply.remote.n != 0)
		step.detail = str_fmt(&r->arena, "%.*s: %.*s", STR_ARG(reply.remote),
		                      STR_ARG(step.detail));
	return trace_step_put(t, r->item->trace, &step);
}

static enum err letter_trace(struct report *r, struct txn *t, const struct letter *l,
                             enum trace_what what)
{
	struct trace_step step = {
		.time_ms = r->now_ms,
		.what = what,
		.who = queue_address_text(&r->arena, &r->item->sender),
		.detail = l->dropped ? STR("nobody takes it: dropped") : STR_EMPTY,
	};

	return l->prepared ? trace_step_put(t, r->item->trace, &step) : OK;
}

static enum err report_trace(struct report *r, struct txn *t)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->item->rcpt_count; i++)
		e = rcpt_trace(r, t, i);
	if (e == OK)
		e = letter_trace(r, t, &r->failure, TRACE_BOUNCED);
	return e == OK ? letter_trace(r, t, &r->delay, TRACE_NOTICED) : e;
}

/* --- The transaction -------------------------------------------------------------------- */

static enum err letter_send(struct report *r, struct txn *t, struct letter *l)
{
	const struct queue_host *host = &r->q->host;
	enum err e;

	l->dropped = false;
	if (!l->prepared)
		return OK;
	e = host->bounce_put(t, &l->bounce, l->made, host->arg);
	l->dropped = e == ERR_MISSING || e == ERR_DENIED || e == ERR_LIMIT;
	return l->dropped ? OK : e;
}

static enum err report_write(struct txn *t, void *arg)
{
	struct report *r = arg;
	struct queue_item old;
	enum err e = record_get(t, r->item->id, txn_arena(t), &old);

	if (e == ERR_MISSING ||
	    (e == OK && (old.holder != r->q->holder || old.due_ms != r->item->due_ms ||
	                 old.rcpt_count != r->item->rcpt_count)))
		return fail(txn_why(t), ERR_CONFLICT,
		            "queue entry %" PRIu64 " is not ours any more", r->item->id);
	if (e == OK && old.held) { /* meanwhile */
		r->next.held = true;
		r->next.due_ms = QUEUE_NEVER_MS;
	}
	if (e == OK)
		e = r->next.rcpt_count != 0 ? record_change(t, &old, &r->next)
		                            : record_del(t, &old);
	if (e == OK)
		e = letter_send(r, t, &r->failure);
	if (e == OK)
		e = letter_send(r, t, &r->delay);
	if (e == OK)
		e = report_trace(r, t);
	if (e == OK)
		queue_wake_after(r->q, t);
	return e;
}

/* --- The log ---------------------------------------------------------------------------- */

static void rcpt_log(struct report *r, size_t i)
{
	struct arena *a = &r->arena;
	const struct queue_reply *reply = &r->results[i].reply;
	struct str id = queue_id_text(a, r->item->message);
	struct str rcpt = queue_address_text(a, &r->item->rcpts[i].address);
	struct str text = reply_text(a, reply);

	switch (outcome(r, i)) {
	case QUEUE_DELIVERED:
		metric_add(METRIC_queue_delivered, 1);
		event(queue_delivered, id, ev_int((int64_t)r->item->id), ev_str(rcpt),
		      ev_str(reply->remote), ev_str(text));
		return;
	case QUEUE_FAILED:
		if (r->keep_failed)
			break;
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
	struct str to = queue_address_text(&r->arena, &r->item->sender);

	if (l->prepared)
		event(queue_bounced, queue_id_text(&r->arena, r->item->message),
		      ev_int((int64_t)r->item->id),
		      ev_str(l->dropped ? STR("nobody: dropped") : to));
}

static void report_log(struct report *r)
{
	for (size_t i = 0; i < r->item->rcpt_count; i++)
		rcpt_log(r, i);
	letter_log(r, &r->failure);
	letter_log(r, &r->delay);
}

static enum err report_run(struct report *r, bool keep_failed, struct why *why)
{
	enum err e;

	r->keep_failed = keep_failed;
	plan(r);
	e = letters_make(r, why);
	if (e == OK)
		e = store_write(r->q->store, report_write, r, why);
	if (e == OK)
		report_log(r);
	letter_free(r, &r->failure);
	letter_free(r, &r->delay);
	return e;
}

enum err queue_report(struct queue *q, const struct queue_item *item,
                      const struct queue_result *results, struct why *why)
{
	struct report r = {
		.q = q,
		.item = item,
		.results = results,
		.settings = settings_ref(q->live),
		.now_ms = clock_real_ms(),
	};
	bool delivered = false;
	enum err e;

	r.schedule = schedule_of(r.settings);
	for (size_t i = 0; i < item->rcpt_count; i++)
		delivered = delivered || results[i].outcome == QUEUE_DELIVERED;
	buf_init(&r.original, BOUNCE_FULL_MAX);
	e = report_run(&r, false, why);
	/* What was delivered must be recorded even while there is no room for a bounce, or
	 * those people would get it again. */
	if (e != OK && e != ERR_CONFLICT && delivered)
		e = report_run(&r, true, why);
	buf_deinit(&r.original);
	settings_unref(r.settings);
	arena_deinit(&r.arena);
	return e;
}
