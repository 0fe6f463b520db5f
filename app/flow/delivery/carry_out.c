/* flow/delivery/carry_out.c: see prepare.h. */
#include "flow/delivery/prepare.h"

#include "flow/filtering/place.h"
#include "model/filters/memory.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/queue/add.h"

struct carry {
	struct plan *p;
	struct mail_txn m;
	struct plan_local *to;
	int64_t now_ms;
};

/* --- into mailboxes ------------------------------------------------------------------------ */

/* INBOX, when there is no such place. */
static enum err box_find(const struct mail_txn *m, const struct action_place *place,
                         struct mailbox *out)
{
	enum err e = place_given(place) ? place_find(m, place, out) : ERR_MISSING;

	return e == ERR_MISSING ? mailbox_find(m, STR("INBOX"), out) : e;
}

/* RFC 5228 2.10.3: one copy in each mailbox. */
static bool is_kept(const struct carry *c, const struct plan_action *a, uint32_t mailbox)
{
	for (const struct plan_action *b = c->to->actions; b < a; b++)
		if (a->what->kind == ACTION_KEEP && b->what->kind == ACTION_KEEP &&
		    b->mailbox == mailbox)
			return true;
	return false;
}

static enum err store_put(const struct carry *c, struct plan_action *a)
{
	struct email_append what = { .email = a->email, .internal_ms = c->now_ms };
	struct email_appended done;
	struct mailbox box;
	enum err e = box_find(&c->m, &a->what->place, &box);

	if (e == OK && is_kept(c, a, box.id))
		return OK;
	if (e == OK)
		e = place_flags(&c->m, a->what->place.flags, &what.flags);
	if (e)
		return e;
	what.mailbox = box.id;
	e = email_append(&c->m, &what, &done);
	a->mailbox = box.id;
	a->uid = done.uid;
	return e;
}

/* --- into the queue -------------------------------------------------------------------------- */

static enum err room_check(const struct carry *c, struct plan_action *a)
{
	const struct queue_room room = { .sender = &a->envelope.sender,
		                         .submitter = a->envelope.submitter,
		                         .messages = 1,
		                         .size_bytes = blob_draft_size(a->draft) };
	enum err e = queue_room(c->m.t, c->p->settings, &room);

	a->unsent = e == ERR_FULL || e == ERR_LIMIT;
	return a->unsent ? ERR_LIMIT : e;
}

static enum err send_put(const struct carry *c, struct plan_action *a)
{
	const struct queue_new new = { .draft = a->draft,
		                       .envelope = a->envelope,
		                       .held = a->what->kind == ACTION_REDIRECT &&
		                               c->to->quarantine.n != 0 };

	return queue_add(c->p->d->queue, c->m.t, &new, &a->queue_id);
}

/* --- memory ----------------------------------------------------------------------------------- */

static enum err memory_put(const struct carry *c, const struct action *what)
{
	return filter_memory_put(c->m.t, c->m.account, what->once, c->now_ms,
	                         c->now_ms + (int64_t)what->once_seconds * 1000);
}

static enum err once_put(const struct carry *c, struct plan_action *a)
{
	return filter_memory_once(c->m.t, c->m.account, a->what->once, c->now_ms,
	                          a->what->once_seconds, &a->known);
}

static enum err redirect_put(const struct carry *c, struct plan_action *a)
{
	enum err e = once_put(c, a);

	a->unsent = a->known;
	if (e || a->known)
		return e ? e : ERR_LIMIT;
	e = room_check(c, a);
	return e ? e : send_put(c, a);
}

static enum err letter_put(const struct carry *c, struct plan_action *a)
{
	enum err e = once_put(c, a);

	if (e != OK || a->known)
		return e;
	e = send_put(c, a);
	return e == OK && a->email != NULL ? store_put(c, a) : e;
}

/* --- all ---------------------------------------------------------------------------------- */

static enum err action_put(const struct carry *c, struct plan_action *a)
{
	a->mailbox = a->uid = 0;
	a->queue_id = 0;
	a->known = a->unsent = false;
	switch (a->what->kind) {
	case ACTION_KEEP:
		return store_put(c, a);
	case ACTION_REDIRECT:
		return redirect_put(c, a);
	case ACTION_REPLY:
	case ACTION_NOTIFY:
		return letter_put(c, a);
	case ACTION_REMEMBER:
		return memory_put(c, a->what);
	case ACTION_DISCARD:
	case ACTION_REJECT:
	case ACTION_NOTE:
		break;
	}
	return OK;
}

enum err carry_out_put(struct plan *p, struct txn *t, struct plan_local *to, int64_t now_ms)
{
	const struct carry c = {
		.p = p,
		.m = { .mailboxes = p->d->mailboxes, .t = t, .account = to->account },
		.to = to,
		.now_ms = now_ms,
	};
	bool unsent = false;
	enum err e = OK;

	/* All redirects that are not sent are found in one round. */
	for (size_t i = 0; e == OK && i < to->action_count; i++) {
		e = action_put(&c, &to->actions[i]);
		if (to->actions[i].unsent) {
			unsent = true;
			e = OK;
		}
	}
	to->found_full = e == ERR_LIMIT;
	return e == OK && unsent ? ERR_LIMIT : e;
}
