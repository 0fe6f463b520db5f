/* flow/delivery/plan.c: see plan.h. */
#include "flow/delivery/plan.h"

#include "flow/delivery/delivery_trace.h"
#include "flow/delivery/fit.h"
#include "flow/delivery/follow.h"
#include "flow/delivery/refusal.h"
#include "flow/delivery/seal.h"
#include "flow/delivery/sign.h"
#include "formats/message/header.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/history/sent.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/mailbox.h"
#include "model/queue/add.h"
#include "model/store/spool.h"
#include "model/store/store.h"

#include <string.h>

enum { RETURN_PATH_MAX = 512, SIGNATURES_MAX = 64 << 10, SEAL_MAX = 64 << 10 };

/* --- preparation ----------------------------------------------------------------- */

/* Split body at its Return-Path fields; returns the number of pieces, one more than there
 * are such fields. */
static size_t between_paths(struct str body, struct str *pieces)
{
	struct header_field field;
	struct cur c = cur_of(body);
	const char *from = body.p;
	size_t n = 0;

	while (header_next(&c, &field)) {
		if (!str_eqi(field.name, STR("Return-Path")))
			continue;
		pieces[n++] = str_from(from, (size_t)(field.raw.p - from));
		from = field.raw.p + field.raw.n;
	}
	pieces[n++] = str_from(from, body.n - (size_t)(from - body.p));
	return n;
}

/* RFC 5321 4.4: the final delivery adds Return-Path, and there must be only one, so
 * received ones are removed; forwarded mail gets none. */
static enum err email_make(struct plan *p, struct why *why)
{
	size_t most = 3 + header_count(p->m->body, STR("Return-Path")), count;
	struct str *parts = arena_array(&p->arena, struct str, most);
	struct buf path;
	enum err e;

	buf_init(&path, RETURN_PATH_MAX);
	buf_put(&path, STR("Return-Path: <"));
	mailaddr_put(&path, &p->m->envelope.sender);
	buf_put(&path, STR(">\r\n"));
	parts[0] = buf_str(&path);
	parts[1] = p->m->trace;
	count = 2 + between_paths(p->m->body, parts + 2);
	assert(count == most);
	e = email_prepare(p->d->store, parts, count, &p->d->limits, &p->email, why);
	buf_deinit(&path);
	return e;
}

/* Accounts whose quota is too small even if empty are refused for good. */
static void never_find(struct plan *p)
{
	uint64_t size = email_new_get(p->email)->size_bytes;

	for (size_t i = 0; i < p->local_count; i++) {
		struct plan_local *l = &p->locals[i];

		if (!l->met && l->quota_bytes != 0 && size > l->quota_bytes)
			l->refused = &refusal_too_big;
	}
}

/* Is there a local target that gets it? */
static bool any_local(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].refused == NULL && !p->locals[i].met)
			return true;
	return false;
}

static enum err locals_make(struct plan *p, struct why *why)
{
	enum err e = p->email != NULL ? OK : email_make(p, why);

	if (e == ERR_LIMIT)
		return ERR_DENIED; /* with the added fields it exceeds every maximum */
	if (e)
		return e;
	never_find(p);
	return plan_any(p) ? OK : fail(why, ERR_DENIED, "message too big for its recipients");
}

/* RFC 8689 4.1: the field counts only without the parameter, and only if there is one. */
static bool tls_optional(const struct delivery_message *m)
{
	struct str header = str_sub(m->body, 0, header_size(m->body));
	struct header_field field;

	return !(m->envelope.flags & ENVELOPE_REQUIRETLS) &&
	       header_count(header, STR("TLS-Required")) == 1 &&
	       header_find(header, STR("TLS-Required"), &field) &&
	       str_eqi(str_trim(field.value), STR("No"));
}

static unsigned remote_flags(const struct delivery_message *m)
{
	unsigned flags = m->envelope.flags &
	                 ~(unsigned)(ENVELOPE_LONG_HEADER | ENVELOPE_LONG_BODY | ENVELOPE_SIGNED);

	return flags | fit_flags(m) | (tls_optional(m) ? ENVELOPE_TLS_OPTIONAL : 0u);
}

static const struct delivery_copy *copy_get(const struct plan *p, struct str seal)
{
	for (size_t i = 0; i < p->copies.count; i++)
		if (str_eq(p->copies.items[i].sealed, seal))
			return &p->copies.items[i];
	return NULL;
}

/* One place is reserved for the unsealed copy. */
static void seal_choose(struct plan *p, struct plan_remote *r)
{
	size_t sealed = p->copies.count - (copy_get(p, STR_EMPTY) != NULL);

	if (copy_get(p, r->seal) == NULL && sealed == DELIVERY_COPIES_MAX - 1)
		r->seal = STR_EMPTY;
}

static enum err copy_add(struct plan *p, const struct delivery_message *m, struct str signatures,
                         struct str seal, struct why *why)
{
	struct delivery_copy *copy = &p->copies.items[p->copies.count];
	struct buf set;
	enum err e = OK;

	buf_init(&set, SEAL_MAX);
	if (seal.n != 0)
		e = seal_put(&set, p->d, m, seal);
	if (e == OK) {
		const struct str parts[] = { buf_str(&set), signatures, m->trace, m->body };

		e = blob_prepare(p->d->store, parts, COUNT(parts), &copy->draft, why);
	}
	if (e == OK) {
		copy->sealed = str_new(seal);
		p->copies.count++;
	}
	buf_deinit(&set);
	return e;
}

static enum err copies_of(struct plan *p, const struct delivery_message *m, struct why *why)
{
	struct buf signatures;
	enum err e;

	p->copies.flags = remote_flags(m);
	buf_init(&signatures, SIGNATURES_MAX);
	e = sign_put(&signatures, p->d, m);
	if (signatures.n != 0)
		p->copies.flags |= ENVELOPE_SIGNED;
	for (size_t i = 0; e == OK && i < p->remote_count; i++) {
		seal_choose(p, &p->remotes[i]);
		if (copy_get(p, p->remotes[i].seal) == NULL)
			e = copy_add(p, m, buf_str(&signatures), p->remotes[i].seal, why);
	}
	buf_deinit(&signatures);
	return e;
}

static bool copies_there(struct plan *p)
{
	for (size_t i = 0; i < p->remote_count; i++) {
		if (p->copies.count != 0)
			seal_choose(p, &p->remotes[i]);
		if (copy_get(p, p->remotes[i].seal) == NULL)
			return false;
	}
	return true;
}

/* The signature covers the sent form. */
static enum err copies_make(struct plan *p, struct why *why)
{
	struct delivery_message m = *p->m;
	struct spool fitting;
	enum err e;

	if (copies_there(p))
		return OK;
	spool_init(&fitting, p->d->store, MESSAGE_SIZE_MAX);
	e = fit_own(p->d, &m, &fitting);
	if (e)
		(void)fail(why, e, "the message could not be converted");
	else
		e = copies_of(p, &m, why);
	spool_deinit(&fitting);
	return e;
}

/* No target accepts it. */
static enum err none_takes(const struct plan *p, struct why *why)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].refused == &refusal_too_big)
			return fail(why, ERR_DENIED, "message too big for its recipients");
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

static void copies_free(struct delivery_copies *copies)
{
	for (size_t i = 0; i < copies->count; i++) {
		str_free(&copies->items[i].sealed);
		blob_draft_free(&copies->items[i].draft);
	}
	copies->count = 0;
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
	if (any_local(p) && (e = locals_make(p, why)))
		return e;
	return copies_make(p, why);
}

/* --- storing --------------------------------------------------------------------- */

/* Quarantined mail goes to Junk, visible to its owner; to INBOX if there is none. */
static enum err local_mailbox(const struct mail_txn *m, bool junk, struct mailbox *out)
{
	enum err e = ERR_MISSING;

	if (junk)
		e = mailbox_find_role(m, ROLE_JUNK, out);
	return e == ERR_MISSING ? mailbox_find(m, STR("INBOX"), out) : e;
}

static enum err local_put(struct plan *p, struct txn *t, struct plan_local *to, int64_t now)
{
	struct mail_txn m = { .mailboxes = p->d->mailboxes, .t = t, .account = to->account };
	struct email_append what = { .email = p->email, .internal_ms = now };
	struct email_appended done;
	struct mailbox inbox;
	enum err e;

	if ((e = local_mailbox(&m, to->junk, &inbox)))
		return e;
	what.mailbox = inbox.id;
	e = email_append(&m, &what, &done);
	to->found_full = e == ERR_LIMIT;
	to->mailbox = what.mailbox;
	to->uid = done.uid;
	return e;
}

/* Queue the remotes with the same return path and seal, all of them members of lists or
 * none, all of them held or none. Mail with a release time is held until then. */
static enum err group_put(struct plan *p, struct txn *t, const struct plan_remote *first,
                          struct envelope_rcpt *rcpts, size_t count)
{
	struct queue_new new = {
		.draft = copy_get(p, first->seal)->draft,
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
		enum err e = to->refused != NULL || to->met ? OK : local_put(p, t, to, now);

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
	for (size_t i = 0; i < p->local_count; i++) {
		struct plan_local *l = &p->locals[i];

		if (!l->found_full || l->refused != NULL)
			continue;
		l->refused = &refusal_full;
		if (l->waiting != NULL)
			follow_wait(p, l);
	}
	return copies_make(p, why);
}

bool plan_any(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (p->locals[i].refused == NULL)
			return true;
	return p->remote_count != 0 || p->met;
}

bool plan_is_new(const struct plan *p)
{
	return any_local(p) || p->remote_count != 0;
}

bool plan_blob(const struct plan *p, struct blob_id *out)
{
	if (any_local(p))
		*out = email_new_get(p->email)->blob;
	else if (p->remote_count != 0)
		*out = blob_draft_id(copy_get(p, p->remotes[0].seal)->draft);
	return plan_is_new(p);
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

		if (l->refused != NULL || l->met)
			continue;
		event(mail_delivered, p->m->envelope.session.id, ev_str(mail),
		      ev_str(mailaddr_text(&a, &l->address)), ev_int(l->mailbox), ev_int(l->uid));
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
	email_new_free(&p->email);
	copies_free(&p->copies);
	settings_unref(p->settings);
	arena_deinit(&p->arena);
}
