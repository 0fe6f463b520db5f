/* model/queue/dsn/report_notify.c: notifies API submissions and webhooks of results; see
 * report_body.h. */
#include "model/queue/dsn/report_body.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/sent.h"
#include "model/queue/take.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"

static const struct {
	enum sent_state state;
	enum webhook_kind kind;
} words[] = {
	[QUEUE_DELIVERED] = { SENT_DELIVERED, WEBHOOK_DELIVERED },
	[QUEUE_DELAYED] = { SENT_DELAYED, WEBHOOK_DELAYED },
	[QUEUE_FAILED] = { SENT_BOUNCED, WEBHOOK_BOUNCED },
};

/* "mx.example.net: 550 5.1.1 No such user" */
static struct str reply_text(struct arena *a, const struct envelope_reply *reply)
{
	struct str remote =
		reply->remote.n != 0 ? str_fmt(a, "%.*s: ", STR_ARG(reply->remote)) : STR_EMPTY;
	struct str code = reply->code != 0 ? str_fmt(a, "%u ", reply->code) : STR_EMPTY;
	struct str gap = reply->status.n != 0 ? STR(" ") : STR_EMPTY;

	return str_fmt(a, "%.*s%.*s%.*s%.*s%.*s", STR_ARG(remote), STR_ARG(code),
	               STR_ARG(reply->status), STR_ARG(gap), STR_ARG(reply->text));
}

static enum err rcpt_tell(struct report *r, struct txn *t, size_t i, enum queue_outcome what,
                          const struct envelope_reply *reply)
{
	const struct queue_item *item = r->item;
	struct webhook_event e = {
		.kind = words[what].kind,
		.time_ms = r->now_ms,
		.sender = item->envelope.sender,
		.rcpt = envelope_rcpt_named(&r->arena, &item->envelope.rcpts[i]),
		.sent = item->envelope.sent_id,
		.queue = item->message,
		.trace = item->envelope.trace_id,
		.attempts = item->attempts + 1,
		.code = reply->code,
		.status = reply->status,
		.text = reply->text,
		.remote = reply->remote,
	};
	struct sent sent;
	enum err found = item->envelope.sent_id != 0
	                         ? sent_get(t, item->envelope.submitter, item->envelope.sent_id,
	                                    txn_arena(t), &sent)
	                         : ERR_MISSING;

	if (found == OK) {
		e.message_id = sent.message_id;
		e.tag = sent.tag;
		e.metadata = sent.metadata;
	}
	return found == OK || found == ERR_MISSING ? webhook_put(r->q->webhooks, t, &e) : found;
}

/* For reports to other domains (flow/reports_out/reports_out.h); a missing callback may
 * be set later. */
static enum err host_tell(struct report *r, struct txn *t)
{
	const struct queue_host *host = &r->q->host;
	enum err e = OK;

	if (!(r->item->envelope.flags & ENVELOPE_REPORT) || host->heard == NULL)
		return OK;
	for (size_t i = 0; e == OK && i < r->item->envelope.rcpt_count; i++) {
		struct envelope_reply reply = report_reply(r, &r->results[i].reply);
		enum queue_outcome what = report_outcome(r, i);

		if (what != QUEUE_DELAYED)
			e = host->heard(t, &r->item->envelope.rcpts[i].address,
			                what == QUEUE_DELIVERED, &reply, host->arg);
	}
	return e;
}

/* Relayed and redirected mail has no local sender, and members of a list are not revealed
 * to its senders. */
enum err report_hear(struct report *r, struct txn *t)
{
	const struct queue_item *item = r->item;
	enum err e = host_tell(r, t);

	if (item->envelope.submitter == 0 ||
	    (item->envelope.flags & (ENVELOPE_LISTED | ENVELOPE_REDIRECTED)))
		return e;
	for (size_t i = 0; e == OK && i < item->envelope.rcpt_count; i++) {
		struct envelope_reply reply = report_reply(r, &r->results[i].reply);
		enum queue_outcome what = report_outcome(r, i);

		if (what == QUEUE_DELIVERED && r->results[i].onward)
			continue;
		e = queue_sent_note(t, item, &item->envelope.rcpts[i], words[what].state,
		                    reply_text(&r->arena, &reply));
		if (e == OK)
			e = rcpt_tell(r, t, i, what, &reply);
	}
	return e;
}
