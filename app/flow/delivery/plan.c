/* flow/delivery/plan.c: see plan.h. */
#include "flow/delivery/plan.h"

#include "flow/delivery/copies.h"
#include "flow/delivery/delivery_trace.h"
#include "flow/delivery/follow.h"
#include "flow/delivery/prepare.h"
#include "flow/delivery/refusal.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/history/sent.h"
#include "model/mailbox/email/email_new.h"
#include "model/queue/add.h"
#include "model/store/store.h"

/* --- preparation ----------------------------------------------------------------- */

/* Is there a local target that gets it? */
static bool any_local(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (plan_local_gets(&p->locals[i]))
			return true;
	return false;
}

/* No target accepts it. */
static enum err none_takes(const struct plan *p, struct why *why)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].refused == &refusal_too_big)
			return fail(why, ERR_DENIED, "message too big for its recipients");
		else if (p->locals[i].rejected.n != 0)
			return fail(why, ERR_DENIED, "the filters of its recipients reject it");
	return fail(why, ERR_MISSING, "user unknown");
}

/* Take over earlier prepared parts until plan_deinit. */
static void prepared_take(struct plan *p)
{
	struct delivery_prepared *from = p->m->prepared;

	if (from == NULL)
		return;
	p->email = from->email;
	p->copies = from->copies;
	*from = (struct delivery_prepared){ 0 };
}

static void prepared_give(struct plan *p)
{
	struct delivery_prepared *to = p->m->prepared;

	if (to == NULL)
		return;
	*to = (struct delivery_prepared){ p->email, p->copies };
	p->email = NULL;
	p->copies.count = 0;
}

void delivery_prepared_deinit(struct delivery_prepared *prepared)
{
	email_new_free(&prepared->email);
	copies_free(&prepared->copies);
}

enum err plan_make(struct plan *p, const struct delivery *d, const struct delivery_message *m,
                   struct why *why)
{
	enum err e;

	*p = (struct plan){ .d = d, .m = m, .settings = settings_ref(d->live) };
	prepared_take(p);
	e = follow_rcpts(p);
	if (e)
		return fail(why, e, "recipients could not be looked up");
	if (!plan_any(p))
		return none_takes(p, why);
	story_begin(p);
	e = prepare_locals(p, why);
	if (e)
		return e;
	return plan_any(p) ? copies_make(p, why) : none_takes(p, why);
}

/* --- storing --------------------------------------------------------------------- */

/* Queue the remotes with the same return path and seal, all of them members of lists or
 * none, all of them held or none. Mail with a release time is held until then. */
static enum err group_put(struct plan *p, struct txn *t, const struct plan_remote *first,
                          struct envelope_rcpt *rcpts, size_t count)
{
	struct queue_new new = {
		.draft = copies_draft(p, first),
		.envelope = p->m->envelope,
		.held = first->quarantine.n != 0,
	};

	new.envelope.sender = first->from;
	new.envelope.rcpts = rcpts;
	new.envelope.rcpt_count = count;
	new.envelope.flags = p->copies.flags | (first->listed ? ENVELOPE_LISTED : 0u) |
	                     (p->later ? ENVELOPE_LATER : 0u);
	new.envelope.trace_id = p->trace;
	if (first->listed)
		new.envelope.sent_id = 0;
	else if (p->m->sent != NULL)
		new.envelope.sent_id = p->m->sent->sent.id;
	return queue_add(p->d->queue, t, &new, &p->queue_id);
}

static enum err remotes_put(struct plan *p, struct txn *t)
{
	struct envelope_rcpt *rcpts =
		arena_array(txn_arena(t), struct envelope_rcpt, p->remote_count);
	bool *done = arena_array(txn_arena(t), bool, p->remote_count);
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->remote_count; i++) {
		const struct plan_remote *first = &p->remotes[i];
		size_t count = 0;

		if (done[i])
			continue;
		for (size_t j = i; j < p->remote_count; j++) {
			const struct plan_remote *r = &p->remotes[j];

			if (done[j] || r->listed != first->listed ||
			    (r->quarantine.n != 0) != (first->quarantine.n != 0) ||
			    !mailaddr_equal(&first->from, &r->from) ||
			    !str_eq(first->seal, r->seal))
				continue;
			rcpts[count++] = r->rcpt;
			done[j] = true;
		}
		e = group_put(p, t, first, rcpts, count);
	}
	return e;
}

/* All full mailboxes are found in one round; otherwise a thousand would need a thousand
 * rounds. */
enum err plan_put(struct plan *p, struct txn *t)
{
	int64_t now = clock_real_ms();
	enum err full = OK;

	for (size_t i = 0; i < p->local_count; i++) {
		struct plan_local *to = &p->locals[i];
		enum err e = plan_local_gets(to) ? carry_out_put(p, t, to, now) : OK;

		if (e == ERR_LIMIT)
			full = e;
		else if (e)
			return e;
	}
	if (full)
		return full;
	if (p->remote_count != 0) {
		enum err e = remotes_put(p, t);

		if (e)
			return e;
	}
	return plan_is_new(p) ? story_put(p, t) : OK;
}

enum err plan_again(struct plan *p, struct why *why)
{
	enum err e = prepare_again(p, why);

	for (size_t i = 0; e == OK && i < p->local_count; i++) {
		struct plan_local *l = &p->locals[i];

		if (!l->found_full || l->refused != NULL)
			continue;
		l->refused = &refusal_full;
		if (l->waiting != NULL)
			follow_wait(p, l);
	}
	return e ? e : copies_make(p, why);
}

bool plan_any(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].refused == NULL || p->locals[i].reported)
			return true;
	return p->remote_count != 0 || p->met;
}

bool plan_is_new(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].reported)
			return true;
	return any_local(p) || p->remote_count != 0;
}

static bool local_blob(const struct plan_local *l, struct blob_id *out)
{
	for (size_t i = 0; plan_local_gets(l) && i < l->action_count; i++) {
		const struct plan_action *a = &l->actions[i];

		if (a->mailbox != 0 && a->what->kind == ACTION_KEEP) {
			*out = email_new_get(a->email)->blob;
			return true;
		}
	}
	return false;
}

bool plan_blob(const struct plan *p, struct blob_id *out)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (local_blob(&p->locals[i], out))
			return true;
	if (p->remote_count != 0)
		*out = blob_draft_id(copies_draft(p, &p->remotes[0]));
	return p->remote_count != 0;
}

/* --- logging --------------------------------------------------------------------- */

void plan_announce(const struct plan *p)
{
	struct str mail =
		p->m->envelope.mail_id.n != 0 ? p->m->envelope.mail_id : p->m->envelope.session.id;
	struct arena a = { 0 };

	if (!plan_is_new(p))
		return;
	event(mail_accepted, p->m->envelope.session.id, ev_str(mail),
	      ev_str(p->m->envelope.session.service), ev_str(p->m->envelope.session.peer),
	      ev_str(mailaddr_text(&a, &p->m->envelope.sender)),
	      ev_int((int64_t)p->m->envelope.rcpt_count), ev_int((int64_t)p->m->body.n));
	for (size_t i = 0; i < p->local_count; i++) {
		const struct plan_local *l = &p->locals[i];

		if (!plan_local_gets(l))
			continue;
		for (size_t n = 0; n < l->action_count; n++)
			if (l->actions[n].mailbox != 0)
				event(mail_delivered, p->m->envelope.session.id, ev_str(mail),
				      ev_str(mailaddr_text(&a, &l->address)),
				      ev_int(l->actions[n].mailbox), ev_int(l->actions[n].uid));
		metric_add(METRIC_delivered, 1);
	}
	/* queue/ logs each recipient under its own id: this links it to the session. */
	if (p->remote_count != 0)
		event(mail_queued, p->m->envelope.session.id, ev_str(mail),
		      ev_int((int64_t)p->queue_id), ev_int((int64_t)p->remote_count));
	metric_add(METRIC_bytes_in, (int64_t)p->m->body.n);
	arena_deinit(&a);
}

void plan_deinit(struct plan *p)
{
	prepared_give(p);
	prepare_free(p);
	email_new_free(&p->email);
	copies_free(&p->copies);
	settings_unref(p->settings);
	arena_deinit(&p->arena);
}
