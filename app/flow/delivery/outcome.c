/* flow/delivery/outcome.c: see outcome.h. */
#include "flow/delivery/outcome.h"

#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/history/sent.h"
#include "model/queue/sent.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"

/* The targets of a recipient of the envelope. */
struct led {
	bool here;   /* local mailboxes, maybe among others */
	bool listed; /* members of a list, remote or refused */
	const struct envelope_reply *refused; /* why one of them does not get it; or NULL */
};

/* A failure of a member concerns the list's owner; the result of a queued one is
 * unknown. */
static void local_follow(const struct plan_local *l, const struct plan_lead *lead, struct led *led)
{
	if (l->refused != NULL && !mailaddr_is_null(&lead->owner)) {
		led->listed = true;
		return;
	}
	if (l->queued)
		return;
	led->here = true;
	if (l->refused != NULL)
		led->refused = l->refused;
}

static void leads_follow(const struct plan *p, struct led *led)
{
	for (size_t i = 0; i < p->lead_count; i++) {
		const struct plan_lead *lead = &p->leads[i];

		led[lead->rcpt].listed |= lead->local == PLAN_LISTED;
		if (lead->local >= 0)
			local_follow(&p->locals[lead->local], lead, &led[lead->rcpt]);
	}
}

enum err outcome_check(const struct plan *p, struct txn *t)
{
	return p->m->sent != NULL ? sent_check(t, p->m->sent) : OK;
}

static struct sent_rcpt *rcpt_find(struct sent_rcpt *rcpts, size_t count, struct str address)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(rcpts[i].address, address))
			return &rcpts[i];
	return NULL; /* a check has added him */
}

/* Is the result final? Members of a list are not revealed: the result is that it was
 * passed on. */
static bool is_settled(const struct led *led)
{
	return led->here || led->listed;
}

static struct str words_of(const struct led *led)
{
	if (led->refused != NULL)
		return led->refused->text;
	return led->here ? STR("delivered to a mailbox here") : STR("passed on to the list");
}

static struct str reply_of(struct arena *a, const struct led *led)
{
	const struct envelope_reply *refused = led->refused;

	if (refused != NULL)
		return str_fmt(a, "%u %.*s %.*s", refused->code, STR_ARG(refused->status),
		               STR_ARG(refused->text));
	return led->here ? STR_EMPTY : words_of(led);
}

/* The message with the states known so far. */
static enum err sent_keep(const struct plan *p, struct txn *t, const struct led *led,
                          int64_t now_ms)
{
	struct sent_new new = *p->m->sent;
	struct sent_rcpt *rcpts = arena_array(txn_arena(t), struct sent_rcpt, new.rcpt_count);

	new.sent.trace = p->trace;
	for (size_t i = 0; i < new.rcpt_count; i++)
		rcpts[i] = new.rcpts[i];
	for (size_t i = 0; i < p->m->envelope.rcpt_count; i++) {
		struct str address = envelope_rcpt_named(txn_arena(t), &p->m->envelope.rcpts[i]);
		struct sent_rcpt *r = rcpt_find(rcpts, new.rcpt_count, address);

		if (r == NULL || !is_settled(&led[i]))
			continue;
		r->state = led[i].refused != NULL ? SENT_BOUNCED : SENT_DELIVERED;
		r->time_ms = now_ms;
		r->reply = reply_of(txn_arena(t), &led[i]);
	}
	new.rcpts = rcpts;
	return sent_put(t, &new, p->settings->queue_history_days);
}

static enum err tell(const struct plan *p, struct txn *t, size_t i, const struct led *led,
                     int64_t now_ms)
{
	const struct sent_new *new = p->m->sent;
	struct webhook_event e = {
		.kind = led->refused != NULL ? WEBHOOK_BOUNCED : WEBHOOK_DELIVERED,
		.time_ms = now_ms,
		.sender = p->m->envelope.sender,
		.rcpt = envelope_rcpt_named(txn_arena(t), &p->m->envelope.rcpts[i]),
		.message_id = p->message_id,
		.trace = p->trace,
		.attempts = 1,
		.status = led->refused != NULL ? led->refused->status : STR("2.1.5"),
		.text = words_of(led),
	};

	if (new != NULL) {
		e.sent = new->sent.id;
		e.message_id = new->sent.message_id;
		e.tag = new->sent.tag;
		e.metadata = new->sent.metadata;
	}
	return webhook_put(p->d->webhooks, t, &e);
}

/* Only mail of local accounts, and not again for mail from the queue. */
enum err outcome_put(const struct plan *p, struct txn *t)
{
	struct led *led = arena_array(txn_arena(t), struct led, p->m->envelope.rcpt_count);
	int64_t now_ms = clock_real_ms();
	enum err e = OK;

	if (p->m->envelope.submitter == 0 || !p->m->ours)
		return OK;
	leads_follow(p, led);
	if (p->m->sent != NULL)
		e = sent_keep(p, t, led, now_ms);
	for (size_t i = 0; e == OK && i < p->m->envelope.rcpt_count; i++)
		if (is_settled(&led[i]))
			e = tell(p, t, i, &led[i], now_ms);
	return e;
}
