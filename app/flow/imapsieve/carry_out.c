/* flow/imapsieve/carry_out.c: see carry_out.h. */
#include "flow/imapsieve/carry_out.h"

#include "flow/delivery/delivery.h"
#include "flow/filtering/place.h"
#include "flow/policy/limits.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/filters/memory.h"
#include "model/mailbox/email.h"
#include "model/mailbox/email/email_new.h"
#include "model/store/store.h"

#include <string.h>

/* An action, and what is prepared for it. */
struct script_step {
	const struct action *action;
	struct email_new *email; /* KEEP of a changed message: the copy */
	bool left_out;           /* its key is remembered already       */
};

struct work {
	const struct carry_out *c;
	struct script_step *steps;
	size_t n;
	bool unsent; /* a redirect has failed: the message is kept */
};

/* --- copies and flags ------------------------------------------------------------------------- */

static struct uids uids_one(struct uid_range *room, uint32_t uid)
{
	*room = (struct uid_range){ uid, uid };
	return (struct uids){ .ranges = room, .n = 1, .count = 1 };
}

static enum err flags_change(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                             enum flags_op op, struct flags flags)
{
	struct uid_range room;
	const struct uids one = uids_one(&room, uid);
	const struct email_store what = { .mailbox = mailbox,
		                          .uids = &one,
		                          .op = op,
		                          .flags = flags,
		                          .unchanged_since = UINT64_MAX };
	struct email_stored stored = { 0 };
	enum err e = email_flags_store(m, &what, &stored);

	email_stored_deinit(&stored);
	return e;
}

static enum err flags_replace(const struct mail_txn *m, const struct action_place *place,
                              uint32_t mailbox, uint32_t uid)
{
	struct flags flags;
	enum err e = place->has_flags ? place_flags(m, place->flags, &flags) : OK;

	return e || !place->has_flags ? e : flags_change(m, mailbox, uid, FLAGS_SET, flags);
}

static enum err copy_stored(const struct mail_txn *m, const struct carry_out *c, uint32_t to,
                            uint32_t *uid)
{
	struct uid_range room;
	const struct uids one = uids_one(&room, c->uid);
	const struct email_copy what = { .from = c->mailbox, .to = to, .uids = &one };
	struct email_copied copied = { 0 };
	enum err e = email_copy(m, &what, &copied);

	if (e == OK && copied.to.n == 0)
		e = ERR_MISSING;
	if (e == OK)
		*uid = copied.to.ranges[0].lo;
	email_copied_deinit(&copied);
	return e;
}

static enum err copy_changed(const struct mail_txn *m, const struct email_new *email, uint32_t to,
                             uint32_t *uid)
{
	const struct email_append what = { .mailbox = to,
		                           .email = email,
		                           .internal_ms = clock_real_ms() };
	struct email_appended done;
	enum err e = email_append(m, &what, &done);

	*uid = done.uid;
	return e;
}

/* RFC 6785 3.3: always a new message. A mailbox that does not exist gets none. */
static enum err step_copy(const struct mail_txn *m, const struct work *w,
                          const struct script_step *s, bool *kept)
{
	struct mailbox box;
	uint32_t uid;
	enum err e = place_find(m, &s->action->place, &box);

	if (e == ERR_MISSING)
		*kept = true;
	if (e)
		return e == ERR_MISSING ? OK : e;
	e = s->email != NULL ? copy_changed(m, s->email, box.id, &uid)
	                     : copy_stored(m, w->c, box.id, &uid);
	return e ? e : flags_replace(m, &s->action->place, box.id, uid);
}

/* --- the transaction -------------------------------------------------------------------------- */

static enum err step_remember(const struct mail_txn *m, struct script_step *s)
{
	const struct action *a = s->action;
	int64_t now_ms = clock_real_ms();

	if (a->kind == ACTION_REMEMBER)
		return filter_memory_put(m->t, m->account, a->once, now_ms,
		                         now_ms + (int64_t)a->once_seconds * 1000);
	return filter_memory_once(m->t, m->account, a->once, now_ms, a->once_seconds,
	                          &s->left_out);
}

static enum err step_put(const struct mail_txn *m, const struct work *w, struct script_step *s,
                         bool *kept)
{
	if (s->action->kind != ACTION_KEEP)
		return step_remember(m, s);
	if (place_given(&s->action->place))
		return step_copy(m, w, s, kept);
	*kept = true;
	return flags_replace(m, &s->action->place, w->c->mailbox, w->c->uid);
}

/* RFC 6785 2.2.4: without a keep the message is marked, and the owner expunges it. */
static enum err work_put(struct txn *t, void *arg)
{
	struct work *w = arg;
	const struct carry_out *c = w->c;
	const struct mail_txn m = { c->d->mailboxes, t, c->account, c->account };
	bool kept = w->unsent;
	enum err e = OK;

	for (size_t i = 0; i < w->n && e == OK; i++)
		e = step_put(&m, w, &w->steps[i], &kept);
	if (e || kept)
		return e;
	return flags_change(&m, c->mailbox, c->uid, FLAGS_ADD, FLAGS(BIT64(FLAG_DELETED)));
}

/* --- changed messages and mail ---------------------------------------------------------------- */

/* The parts of the message as the action sees it. */
static size_t message_parts(const struct carry_out *c, const struct action *action,
                            struct str parts[2])
{
	parts[0] = action->replaced.n != 0 ? action->replaced : c->raw;
	if (action->header.n == 0 || action->replaced.n != 0)
		return 1;
	parts[0] = action->header;
	parts[1] = str_sub(c->raw, header_size(c->raw), c->raw.n);
	return 2;
}

static enum err step_prepare(const struct carry_out *c, struct script_step *s)
{
	const struct action *a = s->action;
	struct str parts[2];
	size_t n;

	/* RFC 6785 3.1: the message itself does not change. */
	if (a->kind != ACTION_KEEP || !place_given(&a->place) ||
	    (a->header.n == 0 && a->replaced.n == 0))
		return OK;
	n = message_parts(c, a, parts);
	return email_prepare(c->d->store, parts, n, &c->d->limits, &s->email, NULL);
}

static struct str message_text(const struct carry_out *c, const struct action *action,
                               struct arena *a)
{
	struct str parts[2], whole;
	char *text;

	if (message_parts(c, action, parts) == 1)
		return parts[0];
	whole = str_from(text = arena_alloc(a, parts[0].n + parts[1].n), parts[0].n + parts[1].n);
	memcpy(text, parts[0].p, parts[0].n);
	memcpy(text + parts[0].n, parts[1].p, parts[1].n);
	return whole;
}

/* By the limits of the account; one that is reached is logged. */
static bool may_send(const struct carry_out *c, const struct action *action, struct arena *a)
{
	const struct settings *settings = settings_ref(c->d->live);
	const struct limits_filtered mail = { .recall = c->d->recall,
		                              .settings = settings,
		                              .session = c->session,
		                              .account = mailaddr_text(a, &c->owner),
		                              .rcpt = &action->address,
		                              .chosen = true };
	struct str reason;
	bool may = limits_filtered_take(&mail, a, &reason);

	settings_unref(settings);
	return may;
}

/* RFC 6785 3.4: redirected mail comes from the owner of the mailbox. */
static enum err step_send(const struct carry_out *c, const struct script_step *s, struct arena *a)
{
	const struct action *action = s->action;
	struct envelope_rcpt rcpt = { .address = action->address };
	struct delivery_message m = {
		.envelope = { .rcpts = &rcpt,
		              .rcpt_count = 1,
		              .session = { .id = c->session, .service = STR("imap") } },
	};

	if (action->kind == ACTION_NOTIFY && !s->left_out) {
		m.ours = true;
		m.body = action->message;
	} else if (action->kind == ACTION_REDIRECT) {
		m.envelope.sender = c->owner;
		m.envelope.submitter = c->account;
		m.body = message_text(c, action, a);
	} else {
		return OK;
	}
	return may_send(c, action, a) ? delivery_accept(c->d, &m, NULL) : ERR_LIMIT;
}

enum err carry_out(const struct carry_out *c, const struct action *actions, struct arena *a)
{
	struct work w = { .c = c };
	enum err e = OK;

	for (const struct action *action = actions; action != NULL; action = action->next)
		w.n++;
	w.steps = arena_array(a, struct script_step, w.n);
	for (size_t i = 0; i < w.n; i++, actions = actions->next)
		w.steps[i].action = actions;
	for (size_t i = 0; i < w.n && e == OK; i++)
		e = step_prepare(c, &w.steps[i]);
	/* Before the message is marked as deleted: what could not be sent stays. */
	for (size_t i = 0; i < w.n && e == OK; i++)
		if (w.steps[i].action->kind == ACTION_REDIRECT)
			w.unsent |= step_send(c, &w.steps[i], a) != OK;
	if (e == OK)
		e = store_write(c->d->store, work_put, &w, NULL);
	for (size_t i = 0; i < w.n; i++) {
		if (e == OK && w.steps[i].action->kind == ACTION_NOTIFY)
			w.unsent |= step_send(c, &w.steps[i], a) != OK;
		email_new_free(&w.steps[i].email);
	}
	if (e == OK && w.unsent)
		e = ERR_RETRY;
	return e;
}
