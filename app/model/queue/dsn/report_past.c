/* model/queue/dsn/report_past.c: adds rows to the history and the suppression list; see
 * report_body.h. */
#include "model/queue/dsn/report_body.h"
#include "model/queue/entry.h"
#include "model/queue/past.h"
#include "model/queue/suppress.h"
#include "model/queue/take.h"
#include "model/store/store.h"

static const struct queue_path no_path;

static enum err rcpt_past(struct report *r, struct txn *t, size_t i,
                          const struct envelope_reply *reply)
{
	const struct queue_item *item = r->item;
	const struct queue_path *path =
		r->results[i].path != NULL ? r->results[i].path : &no_path;
	struct queue_past past = {
		.time_ms = r->now_ms,
		.entry = item->id,
		.message = item->message,
		.delivered = report_outcome(r, i) == QUEUE_DELIVERED,
		.sender = item->envelope.sender,
		.rcpt = item->envelope.rcpts[i].address,
		.submitter = item->envelope.submitter,
		.size_bytes = item->size_bytes,
		.attempts = item->attempts + (r->results[i].path != NULL),
		.created_ms = item->created_ms,
		.reply = *reply,
		.queue = item->queue,
		.route = path->route.n != 0 ? path->route : item->envelope.route,
		.host = path->host,
		.address = path->address,
		.tls = path->tls,
	};

	return past_add(t, &past, r->settings->queue_history_days);
}

/* A permanently unknown address: suppress further mail of this domain to it. */
static enum err rcpt_suppress(struct report *r, struct txn *t, size_t i,
                              const struct envelope_reply *reply)
{
	int64_t days = (int64_t)r->settings->queue_suppress_days;
	struct queue_suppressed s = {
		.domain = r->item->envelope.sender.domain,
		.address = mailaddr_text(&r->arena, &r->item->envelope.rcpts[i].address),
		.since_ms = r->now_ms,
		.until_ms = r->now_ms + days * 86400000,
		.reply = reply->text,
	};

	enum err e;

	if (days == 0 || r->results[i].outcome != QUEUE_FAILED || !suppress_says(reply) ||
	    mailaddr_is_null(&r->item->envelope.sender))
		return OK;
	/* An address too long for a row is not suppressed; its result is recorded
	 * anyway. */
	e = queue_suppress(t, &s);
	return e == ERR_LIMIT ? OK : e;
}

enum err report_past(struct report *r, struct txn *t)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->item->envelope.rcpt_count; i++) {
		enum queue_outcome what = report_outcome(r, i);
		struct envelope_reply reply;

		if (what == QUEUE_DELAYED || (what == QUEUE_DELIVERED && r->results[i].onward))
			continue;
		reply = report_reply(r, &r->results[i].reply);
		e = rcpt_past(r, t, i, &reply);
		if (e == OK)
			e = rcpt_suppress(r, t, i, &reply);
	}
	return e;
}
