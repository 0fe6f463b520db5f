/* flow/delivery/delivery.c: see delivery.h. */
#include "flow/delivery/delivery.h"

#include "flow/delivery/delivery_trace.h"
#include "flow/delivery/feedback.h"
#include "flow/delivery/follow.h"
#include "flow/delivery/offer.h"
#include "flow/delivery/outcome.h"
#include "flow/delivery/plan.h"
#include "flow/delivery/refusal.h"
#include "flow/delivery/report.h"
#include "flow/reports_out/suppress.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/queue/queue.h"
#include "model/store/store.h"

/* The message, and the report to its sender at acceptance. */
struct delivery_draft {
	struct plan plan;
	struct report report;
	bool offered; /* it may have a report from another server */
};

static const struct envelope_reply *reply_dup(struct arena *a, const struct envelope_reply *reply)
{
	struct envelope_reply *copy = arena_new(a, struct envelope_reply);

	*copy = (struct envelope_reply){ .code = reply->code,
		                         .status = str_dup(a, reply->status),
		                         .text = str_dup(a, reply->text) };
	return copy;
}

/* A recipient without a lead has only remote targets. */
static void fate_tell(const struct plan *p, const struct plan_lead *lead,
                      struct delivery_fate *fate)
{
	const struct plan_local *l = lead->local >= 0 ? &p->locals[lead->local] : NULL;
	enum delivery_led led = DELIVERY_HERE;

	if (lead->local == PLAN_SEVERAL)
		return;
	if (l == NULL || (l->queued && l->waiting->listed))
		led = DELIVERY_LIST;
	else if (l->queued)
		led = DELIVERY_ONWARD;
	else if (l->refused != NULL)
		led = mailaddr_is_null(&lead->owner) ? DELIVERY_REFUSED : DELIVERY_LIST;
	if (led >= fate->led)
		return;
	*fate = (struct delivery_fate){ .led = led };
	if (led == DELIVERY_REFUSED) {
		fate->refused = reply_dup(p->m->arena, l->refused);
		fate->full = l->refused == &refusal_full;
		fate->rejected = l->rejected.n != 0;
	}
}

/* The best known result of each. */
static void fates_tell(const struct plan *p)
{
	const enum delivery_led unknown = (enum delivery_led)(DELIVERY_REFUSED + 1);
	struct delivery_fate *fates = p->m->fates;

	if (fates == NULL)
		return;
	for (size_t i = 0; i < p->m->envelope.rcpt_count; i++)
		fates[i] = (struct delivery_fate){ .led = p->onward[i] ? DELIVERY_ONWARD
		                                                       : unknown };
	for (size_t i = 0; i < p->lead_count; i++)
		fate_tell(p, &p->leads[i], &fates[p->leads[i].rcpt]);
	for (size_t i = 0; i < p->m->envelope.rcpt_count; i++)
		if (fates[i].led == unknown) /* the list has no members any more */
			fates[i].led = DELIVERY_LIST;
}

enum err delivery_begin(const struct delivery *d, const struct delivery_message *m,
                        struct delivery_draft **out, struct why *why)
{
	struct delivery_draft *x = NEW(struct delivery_draft);
	enum err e = plan_make(&x->plan, d, m, why);

	if (e == OK || e == ERR_MISSING || e == ERR_DENIED)
		fates_tell(&x->plan);
	if (e == OK)
		e = report_make(&x->report, &x->plan, why);
	x->offered = e == OK && offer_may(&x->plan);
	if (e != OK)
		delivery_end(&x, false);
	*out = x;
	return e;
}

enum err delivery_put(struct delivery_draft *x, struct txn *t)
{
	enum err e = outcome_check(&x->plan, t);

	if (e == OK)
		e = plan_put(&x->plan, t);
	if (e == OK)
		e = outcome_put(&x->plan, t);
	if (e == OK)
		e = report_put(&x->report, t);
	return e == OK && x->offered ? offer_put(&x->plan, t) : e;
}

/* Each round that ends in ERR_LIMIT finds further full mailboxes, of the message or of
 * the report, so this ends. */
enum err delivery_again(struct delivery_draft *x, struct why *why)
{
	enum err e = plan_again(&x->plan, why);

	if (e == OK)
		e = report_again(&x->report, why);
	if (e)
		return e;
	fates_tell(&x->plan);
	if (!plan_any(&x->plan))
		return fail(why, ERR_LIMIT, "mailbox full");
	if (report_covers(&x->report, &x->plan))
		return OK; /* the report's mailbox was full */
	report_deinit(&x->report);
	return report_make(&x->report, &x->plan, why);
}

void delivery_end(struct delivery_draft **x, bool committed)
{
	if (*x == NULL)
		return;
	if (committed) {
		plan_announce(&(*x)->plan);
		if (plan_is_new(&(*x)->plan))
			feedback_look(&(*x)->plan);
		follow_met(&(*x)->plan);
	}
	report_deinit(&(*x)->report);
	plan_deinit(&(*x)->plan);
	mem_clear(x);
}

static enum err accept_put(struct txn *t, void *arg)
{
	return delivery_put(arg, t);
}

static enum err accept_try(const struct delivery *d, const struct delivery_message *m,
                           struct why *why)
{
	struct delivery_draft *x;
	enum err e = delivery_begin(d, m, &x, why);
	enum err again = OK;

	while (e == OK && (e = store_write(d->store, accept_put, x, why)) == ERR_LIMIT &&
	       (again = delivery_again(x, why)) == OK)
		e = OK;
	delivery_end(&x, e == OK);
	return again != OK ? again : e;
}

enum err delivery_accept(const struct delivery *d, const struct delivery_message *m,
                         struct why *why)
{
	enum err e = accept_try(d, m, why);

	/* Prepared chunks were removed before the put (blob_put): prepare again, once.
	 * The client retries later. */
	if (e != ERR_RETRY)
		return e;
	if (m->prepared != NULL)
		delivery_prepared_deinit(m->prepared);
	return accept_try(d, m, why);
}

enum err delivery_notify(void *delivery, const struct envelope *to, struct str body)
{
	const struct delivery_message m = { .envelope = *to, .body = body, .ours = true };

	return delivery_accept(delivery, &m, NULL);
}

/* --- discarded messages ------------------------------------------------------------- */

static enum err discard_put(struct txn *t, void *arg)
{
	return story_put_discarded(arg, t);
}

enum err delivery_discard(const struct delivery *d, const struct delivery_message *m,
                          struct why *why)
{
	struct plan p = { .d = d, .m = m };

	story_begin(&p);
	return p.trace != 0 ? store_write(d->store, discard_put, &p, why) : OK;
}

/* --- reports of the queue ---------------------------------------------------------- */

/* A plan and the message that it borrows. */
struct bounced {
	struct envelope_rcpt to;
	struct delivery_message m;
	struct plan plan;
	enum err made; /* ERR_MISSING: the recipient is refused */
};

static enum err bounce_prepare(const struct queue_bounce *b, void **made, void *arg,
                               struct why *why)
{
	struct bounced *out = NEW(struct bounced);

	out->to.address = b->to;
	out->m = (struct delivery_message){
		.envelope = { .rcpts = &out->to,
		              .rcpt_count = 1,
		              .flags = b->flags,
		              .priority = b->priority,
		              .session.service = STR("queue") },
		.body = b->raw,
		.ours = true,
	};
	out->made = plan_make(&out->plan, arg, &out->m, why);
	if (out->made != OK && out->made != ERR_MISSING && out->made != ERR_DENIED) {
		enum err e = out->made;

		plan_deinit(&out->plan);
		mem_free(out);
		return e;
	}
	*made = out;
	return OK;
}

static enum err bounce_put(struct txn *t, const struct queue_bounce *b, void *made, void *arg)
{
	struct bounced *out = made;

	(void)b, (void)arg;
	return out->made == OK ? plan_put(&out->plan, t) : out->made;
}

static void bounce_done(void *made, void *arg)
{
	struct bounced *out = made;

	(void)arg;
	plan_deinit(&out->plan);
	mem_free(out);
}

static bool is_final(const struct envelope_reply *reply)
{
	return reply->code / 100 == 5 ||
	       (reply->code == 0 && str_starts(reply->status, STR("5.")));
}

static struct str reply_words(struct arena *a, const struct envelope_reply *reply)
{
	if (reply->code == 0)
		return str_fmt(a, "%.*s %.*s", STR_ARG(reply->status), STR_ARG(reply->text));
	return str_fmt(a, "%u %.*s", reply->code, STR_ARG(reply->text));
}

/* 5xx, also from this server: no such domain, for example (RFC 5321 4.2.1). */
static enum err heard(struct txn *t, const struct mailaddr *rcpt, bool delivered,
                      const struct envelope_reply *reply, void *arg)
{
	struct arena *a = txn_arena(t);
	enum err e;

	(void)arg;
	if (!delivered && !is_final(reply))
		return OK;
	if (!delivered)
		return out_suppress(t, rcpt, reply_words(a, reply), clock_real_ms());
	e = out_unsuppress(t, mailaddr_text(a, rcpt));
	return e == ERR_MISSING ? OK : e;
}

void delivery_host_init(struct queue_host *host, struct delivery *d)
{
	*host = (struct queue_host){ .bounce_prepare = bounce_prepare,
		                     .bounce_put = bounce_put,
		                     .bounce_done = bounce_done,
		                     .heard = heard,
		                     .arg = d };
}
