/* queue/report.c: what came of an attempt; see queue.h.
 *
 * First a plan, from what was taken and what happened: who leaves, who stays, who is in the
 * bounce and in the notice. Then the two messages are written and prepared, which may take
 * long, outside any transaction; the lease keeps everybody else away meanwhile. Then one
 * transaction looks whether the lease is still ours and does it all. */
#include "base/clock.h"
#include "base/random.h"
#include "config/limits.h"
#include "queue/record.h"
#include "queue/report_body.h"
#include "store/store.h"

/* --- The plan --------------------------------------------------------------------------- */

static bool expired(const struct report *r)
{
	return schedule_expired(r->now_ms, r->item->expires_ms);
}

enum queue_outcome report_outcome(const struct report *r, size_t i)
{
	if (r->results[i].outcome == QUEUE_DELAYED && expired(r))
		return QUEUE_FAILED;
	return r->results[i].outcome;
}

struct queue_reply report_reply(struct report *r, const struct queue_reply *reply)
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
	struct queue_reply reply = report_reply(r, &r->results[i].reply);
	enum queue_outcome what = report_outcome(r, i);

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

/* --- The transaction -------------------------------------------------------------------- */

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
		e = report_letter_send(r, t, &r->failure);
	if (e == OK)
		e = report_letter_send(r, t, &r->delay);
	if (e == OK)
		e = report_trace(r, t);
	if (e == OK)
		queue_wake_after(r->q, t);
	return e;
}

static enum err report_run(struct report *r, bool keep_failed, struct why *why)
{
	enum err e;

	r->keep_failed = keep_failed;
	plan(r);
	e = report_letters_make(r, why);
	if (e == OK)
		e = store_write(r->q->store, report_write, r, why);
	if (e == OK)
		report_log(r);
	report_letter_free(r, &r->failure);
	report_letter_free(r, &r->delay);
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
