/* model/queue/dsn/report_plan.c: which recipients leave or stay, and which are in the
 * bounce or the notice; see report_body.h. */
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/queue/class.h"
#include "model/queue/dsn/report_body.h"
#include "model/queue/entry.h"
#include "model/queue/owed.h"
#include "model/queue/record.h"
#include "model/queue/take.h"

static bool expired(const struct report *r)
{
	return schedule_expired(r->now_ms, r->item->expires_ms);
}

enum queue_outcome report_outcome(const struct report *r, size_t i)
{
	enum queue_outcome what = r->results[i].outcome;

	if (what == QUEUE_DELAYED && expired(r))
		what = QUEUE_FAILED;
	return what == QUEUE_FAILED && r->keep_failed && !r->results[i].here ? QUEUE_DELAYED
	                                                                      : what;
}

struct envelope_reply report_reply(struct report *r, const struct envelope_reply *reply)
{
	return (struct envelope_reply){
		.code = reply->code,
		.status = record_line(&r->arena, reply->status, 16),
		.text = record_line(&r->arena, reply->text, LIMIT_queue_reply),
		.remote = record_line(&r->arena, reply->remote, MAILADDR_DOMAIN_MAX),
	};
}

static bool late(const struct report *r)
{
	return owed_is_late(r->item, r->now_ms);
}

static void letter_add(struct report *r, struct letter *l, size_t i, enum bounce_action action,
                       const struct envelope_reply *reply)
{
	bool delayed = r->results[i].outcome == QUEUE_DELAYED;

	if (l->rcpts == NULL)
		l->rcpts = arena_array(&r->arena, struct bounce_rcpt, r->item->envelope.rcpt_count);
	l->rcpts[l->rcpt_count++] = (struct bounce_rcpt){
		.rcpt = &r->item->envelope.rcpts[i],
		.action = action,
		.reply = *reply,
		.expired = delayed && action == BOUNCE_FAILED,
		.late = delayed && late(r) &&
		        (action == BOUNCE_DELAYED ||
		         r->item->envelope.by_mode == ENVELOPE_BY_RETURN),
	};
	l->failed = l->failed || action == BOUNCE_FAILED;
}

/* Must we report the relaying, because the next server will not send a report? */
static bool wants_relayed(const struct report *r, size_t i)
{
	const struct queue_item *item = r->item;
	const struct queue_result *result = &r->results[i];
	unsigned notify = item->envelope.rcpts[i].notify;

	if (mailaddr_is_null(&item->envelope.sender) || (notify & DSN_NEVER) || result->here)
		return false;
	if ((notify & DSN_SUCCESS) && !result->reports)
		return true; /* RFC 3461 5.2.2 (b) */
	if (item->envelope.by_mode == ENVELOPE_BY_NONE)
		return false;
	/* RFC 2852 4.1.4, 4.1.4.2 */
	return item->envelope.by_trace ||
	       (item->envelope.by_mode == ENVELOPE_BY_NOTIFY && !result->hurries && !late(r));
}

static void rcpt_plan(struct report *r, size_t i, bool notice)
{
	struct envelope_reply reply = report_reply(r, &r->results[i].reply);
	enum queue_outcome what = report_outcome(r, i);

	if (what == QUEUE_DELIVERED) {
		if (!r->keep_failed && wants_relayed(r, i))
			letter_add(r, &r->failure, i, BOUNCE_RELAYED, &reply);
		return;
	}
	if (what == QUEUE_FAILED) {
		if (!r->results[i].here && owed_wants(r->item, i, DSN_FAILURE))
			letter_add(r, &r->failure, i, BOUNCE_FAILED, &reply);
		return;
	}
	if (notice && owed_wants(r->item, i, DSN_DELAY))
		letter_add(r, &r->delay, i, BOUNCE_DELAYED, &reply);
	r->next.envelope.rcpts[r->next.envelope.rcpt_count] = r->item->envelope.rcpts[i];
	r->next.envelope.rcpts[r->next.envelope.rcpt_count++].reply = reply;
}

/* Count an attempt by its route. A failed round counts for all waiting entries, not only
 * for those that were tried. */
static void tried_count(struct report *r)
{
	const struct queue_path *path = r->results[0].path;

	if (path != NULL)
		owed_tried(&r->next, path->route, 1, path->unreachable ? r->rounds : 0,
		           &r->arena);
}

void report_plan(struct report *r)
{
	bool notice = owed_notice(r->item, &r->schedule, r->now_ms) && !r->keep_failed;

	r->failure = r->delay = (struct letter){ 0 };
	r->next = *r->item;
	r->next.envelope.rcpts =
		arena_array(&r->arena, struct envelope_rcpt, r->item->envelope.rcpt_count);
	r->next.envelope.rcpt_count = 0;
	for (size_t i = 0; i < r->item->envelope.rcpt_count; i++)
		rcpt_plan(r, i, notice);
	r->next.attempts++;
	tried_count(r);
	r->next.holder = 0;
	r->next.due_ms = schedule_next_ms(&r->schedule, r->next.attempts, r->now_ms,
	                                  r->item->expires_ms, random_u64());
	if (r->item->envelope.by_mode == ENVELOPE_BY_NOTIFY && r->now_ms < r->item->envelope.by_ms)
		r->next.due_ms = MIN(r->next.due_ms, r->item->envelope.by_ms);
	if (r->delay.rcpt_count != 0)
		r->next.envelope.flags |= ENVELOPE_NOTICED | (late(r) ? ENVELOPE_BY_NOTICED : 0u);
}
