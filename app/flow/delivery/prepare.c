/* flow/delivery/prepare.c: see prepare.h. */
#include "flow/delivery/prepare.h"

#include "flow/delivery/copies.h"
#include "flow/delivery/follow.h"
#include "flow/delivery/refusal.h"
#include "flow/filtering/filtering.h"
#include "flow/policy/limits.h"
#include "formats/message/build.h"
#include "formats/message/header.h"
#include "formats/message/received.h"
#include "foundation/base/clock.h"
#include "foundation/text/utf8.h"
#include "model/filters/memory.h"
#include "model/mailbox/email/email_new.h"
#include "model/store/store.h"

enum { RETURN_PATH_MAX = 512, DELIVERED_TO_MAX = 1024 };

/* --- the received message -------------------------------------------------------------- */

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
static void parts_make(struct plan *p)
{
	size_t most = 3 + header_count(p->m->body, STR("Return-Path"));
	struct buf path;

	p->parts = arena_array(&p->arena, struct str, most);
	buf_init(&path, RETURN_PATH_MAX);
	buf_put(&path, STR("Return-Path: <"));
	mailaddr_put(&path, &p->m->envelope.sender);
	buf_put(&path, STR(">\r\n"));
	p->parts[0] = str_dup(&p->arena, buf_str(&path));
	p->parts[1] = p->m->trace;
	p->part_count = 2 + between_paths(p->m->body, p->parts + 2);
	assert(p->part_count == most);
	buf_deinit(&path);
}

/* With the added fields it may exceed every maximum. */
static enum err email_make(struct plan *p, const struct str *parts, size_t count,
                           struct email_new **out, struct why *why)
{
	enum err e = email_prepare(p->d->store, parts, count, &p->d->limits, out, why);

	return e == ERR_LIMIT ? ERR_DENIED : e;
}

/* The message after its header. */
static struct str text_of(const struct plan *p)
{
	return str_sub(p->m->body, header_size(p->m->body), p->m->body.n);
}

/* --- decisions --------------------------------------------------------------------------- */

static const struct action plain_keep = { .kind = ACTION_KEEP };
#define SENT_BEFORE STR("the message was redirected there before")

/* Filters see nothing that a check has discarded. */
static enum err local_filter(struct plan *p, struct plan_local *l)
{
	const struct filtering_mail mail = {
		.store = p->d->store,
		.mailboxes = p->d->mailboxes,
		.settings = p->settings,
		.envelope = &p->m->envelope,
		.rcpt = &l->rcpt,
		.parts = p->parts + 1,
		.part_count = p->part_count - 1,
		.account = l->account,
		.address = l->address,
	};
	const struct action *list;
	enum err e;

	if (l->rcpt.filtered || actions_discarded(l->rcpt.actions).n != 0)
		return OK;
	l->quarantine = actions_quarantined(l->rcpt.actions);
	e = filtering_run(&mail, &p->arena, &list);
	l->rcpt.filtered = e == OK;
	if (e == OK && list != NULL)
		l->rcpt.actions = list;
	return e;
}

/* RFC 5429 2.2: a reply in ASCII cannot carry every reason. The null sender and the sender of
 * quarantined mail get no report, so the reply refuses their mail. */
static void local_reject(struct plan *p, struct plan_local *l, const struct action *reject)
{
	l->refused = refusal_rejected(&p->arena, reject->text);
	l->reason = reject->text;
	l->rejected = reject->why;
	l->reported = reject->report && !utf8_ascii(reject->text) && l->quarantine.n == 0 &&
	              !mailaddr_is_null(&p->m->envelope.sender);
}

/* Has the account redirected it before (RFC 5228 4.2)? */
static bool is_loop(const struct plan *p, const struct plan_local *l)
{
	struct arena a = { 0 };
	bool loop = received_delivered_to(str_sub(p->m->body, 0, header_size(p->m->body)),
	                                  mailaddr_text(&a, &l->address));

	arena_deinit(&a);
	return loop;
}

static bool local_keeps(const struct plan_local *l)
{
	for (size_t i = 0; i < l->action_count; i++)
		if (l->actions[i].what->kind == ACTION_KEEP)
			return true;
	return false;
}

/* A redirect that cannot be done is a KEEP instead, unless the list has one. */
static void redirect_keep(struct plan *p, const struct plan_local *l, struct plan_action *a,
                          struct str reason)
{
	const struct action *redirect = a->what;
	struct action *keep = arena_new(&p->arena, struct action);

	*keep = plain_keep;
	keep->kind = local_keeps(l) ? ACTION_NOTE : ACTION_KEEP;
	keep->header = redirect->header;
	if (l->quarantine.n != 0)
		keep->place.special_use = STR("\\Junk");
	keep->why = str_fmt(&p->arena, "%.*s, kept instead: %.*s", STR_ARG(redirect->why),
	                    STR_ARG(reason));
	*a = (struct plan_action){ .what = keep };
}

static void actions_set(struct plan *p, struct plan_local *l)
{
	const struct action *list = l->rcpt.actions != NULL ? l->rcpt.actions : &plain_keep;
	bool loop = actions_find(list, ACTION_REDIRECT) != NULL && is_loop(p, l);
	size_t n = 0;

	for (const struct action *a = list; a != NULL; a = a->next)
		n++;
	l->actions = arena_array(&p->arena, struct plan_action, n);
	for (const struct action *a = list; a != NULL; a = a->next)
		l->actions[l->action_count++].what = a;
	for (size_t i = 0; loop && i < n; i++)
		if (l->actions[i].what->kind == ACTION_REDIRECT)
			redirect_keep(p, l, &l->actions[i],
			              STR("the account redirected the message before"));
}

/* --- what is stored ----------------------------------------------------------------------- */

static struct plan_content *content_add(struct plan *p, const struct plan_content *content)
{
	struct plan_content *new = arena_new(&p->arena, struct plan_content);

	*new = *content;
	new->next = p->contents;
	p->contents = new;
	return new;
}

static enum err content_email(struct plan *p, struct plan_content *c, struct why *why)
{
	const struct str parts[] = { p->parts[0], c->message.n != 0 ? c->message : c->header,
		                     text_of(p) };

	return email_make(p, parts, c->message.n != 0 ? 2 : 3, &c->email, why);
}

/* The email with another header, or of another message; both empty: as received. */
static enum err stored_make(struct plan *p, struct str header, struct str message,
                            const struct email_new **out, struct why *why)
{
	struct plan_content *c = p->contents;
	enum err e = OK;

	if (header.n == 0 && message.n == 0) {
		if (p->email == NULL)
			e = email_make(p, p->parts, p->part_count, &p->email, why);
		*out = p->email;
		return e;
	}
	while (c != NULL && (c->email == NULL || !str_eq(c->header, header) ||
	                     !str_eq(c->message, message)))
		c = c->next;
	if (c == NULL) {
		c = content_add(p, &(struct plan_content){ .header = header, .message = message });
		e = content_email(p, c, why);
	}
	*out = c->email;
	return e;
}

/* --- what is sent ------------------------------------------------------------------------- */

/* The header, or all of it, may have bytes that the original had not. */
static unsigned flags_8bit(struct str message)
{
	return utf8_ascii(message) ? 0u : (unsigned)ENVELOPE_8BIT;
}

static enum err sent_copy(struct plan *p, const struct delivery_message *m, struct str seal,
                          struct plan_content *c, struct why *why)
{
	struct copy_source s;
	enum err e = copy_begin(&s, p->d, m, why);

	if (e == OK)
		e = copy_make(&s, seal, &c->draft, why);
	c->flags = s.flags;
	copy_end(&s);
	return e;
}

/* The field detects a loop when the message comes back. */
static enum err redirect_copy(struct plan *p, struct plan_content *c, struct str seal,
                              struct why *why)
{
	struct delivery_message m = *p->m;
	struct str text = text_of(p);
	struct arena a = { 0 };
	struct buf fields, edited;
	enum err e;

	buf_init(&fields, DELIVERED_TO_MAX + p->m->trace.n);
	buf_init(&edited, c->header.n + text.n + 1);
	build_field(&fields, STR("Delivered-To"), mailaddr_text(&a, &c->local->address));
	if (c->header.n == 0) {
		buf_put(&fields, p->m->trace);
	} else {
		buf_put(&edited, c->header);
		buf_put(&edited, text);
		m.body = buf_str(&edited);
		m.envelope.flags |= flags_8bit(c->header);
	}
	m.trace = buf_str(&fields);
	e = sent_copy(p, &m, seal, c, why);
	buf_deinit(&fields);
	buf_deinit(&edited);
	arena_deinit(&a);
	return e;
}

/* RFC 6009 4 to 6 */
static void redirect_requests(const struct action *a, struct envelope *to)
{
	if (a->notify != 0)
		to->rcpts[0].notify = a->notify;
	if (a->ret.n != 0) {
		to->flags &= ~(unsigned)(ENVELOPE_RET_FULL | ENVELOPE_RET_HDRS);
		to->flags |= str_eqi(a->ret, STR("full")) ? ENVELOPE_RET_FULL : ENVELOPE_RET_HDRS;
	}
	if (a->by_ms == 0)
		return;
	to->by_ms = a->by_ms;
	to->by_mode = a->by_return ? ENVELOPE_BY_RETURN : ENVELOPE_BY_NOTIFY;
	to->by_trace = a->by_trace;
}

static struct envelope_rcpt *rcpts_of(struct plan *p, const struct envelope_rcpt *rcpt)
{
	struct envelope_rcpt *to = arena_new(&p->arena, struct envelope_rcpt);

	*to = *rcpt;
	return to;
}

/* Like mail that an alias forwards, but counted and held like mail of the account. */
static enum err redirect_make(struct plan *p, struct plan_local *l, struct plan_action *a,
                              struct why *why)
{
	struct plan_content *c = p->contents;
	struct plan_remote to;
	enum err e = follow_redirect(p, l, &a->what->address, l->action_count > 1, &to);

	while (c != NULL && (c->local != l || c->message.n != 0 ||
	                     !str_eq(c->header, a->what->header)))
		c = c->next;
	if (e == OK && c == NULL) {
		c = content_add(p, &(struct plan_content){ .header = a->what->header,
		                                           .local = l });
		e = redirect_copy(p, c, to.seal, why);
	}
	if (e)
		return e;
	a->draft = c->draft;
	a->envelope = p->m->envelope;
	a->envelope.sender = to.from;
	a->envelope.rcpts = rcpts_of(p, &to.rcpt);
	a->envelope.rcpt_count = 1;
	a->envelope.flags = c->flags | ENVELOPE_REDIRECTED |
	                    (mailaddr_is_null(&l->owner) ? 0u : (unsigned)ENVELOPE_LISTED);
	a->envelope.submitter = l->account;
	a->envelope.sent_id = 0;
	a->envelope.route = STR_EMPTY;
	a->envelope.not_before_ms = 0;
	a->envelope.trace_id = p->trace;
	redirect_requests(a->what, &a->envelope);
	return OK;
}

/* From the null sender, so that two auto-responders do not answer each other. */
static enum err letter_make(struct plan *p, struct plan_local *l, struct plan_action *a,
                            struct why *why)
{
	struct str header = str_sub(a->what->message, 0, header_size(a->what->message));
	bool utf8 = !utf8_ascii(header) || mailaddr_is_utf8(&a->what->address);
	struct plan_content *c = content_add(
		p, &(struct plan_content){ .message = a->what->message, .local = l });
	const struct envelope_rcpt to = { .address = a->what->address, .notify = DSN_NEVER };
	struct delivery_message m = { .body = a->what->message, .ours = true };
	enum err e;

	m.envelope = (struct envelope){
		.rcpts = rcpts_of(p, &to),
		.rcpt_count = 1,
		.flags = flags_8bit(m.body) | (utf8 ? (unsigned)ENVELOPE_UTF8 : 0u),
		.submitter = l->account,
		.trace_id = p->trace,
		.session = p->m->envelope.session,
	};
	e = sent_copy(p, &m, STR_EMPTY, c, why);
	a->draft = c->draft;
	a->envelope = m.envelope;
	a->envelope.flags = c->flags | ENVELOPE_REDIRECTED;
	return e == OK && a->what->has_fcc
	               ? stored_make(p, STR_EMPTY, a->what->message, &a->email, why)
	               : e;
}

/* --- limits of the account ------------------------------------------------------------------- */

struct once_look {
	uint32_t account;
	struct str once;
	bool known;
};

static enum err once_read(struct txn *t, void *arg)
{
	struct once_look *look = arg;

	return filter_memory_known(t, look->account, look->once, clock_real_ms(), &look->known);
}

static void letter_drop(struct plan *p, struct plan_action *a, struct str reason)
{
	struct action *note = arena_new(&p->arena, struct action);

	note->kind = ACTION_NOTE;
	note->why = str_fmt(&p->arena, "%.*s not sent: %.*s", STR_ARG(a->what->why),
	                    STR_ARG(reason));
	a->what = note;
}

/* RFC 5228 2.10.3: two programs redirect it to the same address. */
static bool is_repeated(const struct plan_local *l, const struct plan_action *a)
{
	for (const struct plan_action *b = l->actions; b < a && a->what->once.n != 0; b++)
		if (b->what->kind == ACTION_REDIRECT && str_eq(b->what->once, a->what->once))
			return true;
	return false;
}

/* A redirect that was sent before is not sent again, and does not count. */
static enum err limit_check(struct plan *p, const struct plan_local *l, struct plan_action *a)
{
	const struct limits_filtered mail = {
		.recall = p->d->recall,
		.settings = p->settings,
		.session = p->m->envelope.session.id,
		.account = mailaddr_text(&p->arena, &l->address),
		.rcpt = &a->what->address,
		.chosen = a->what->kind != ACTION_REPLY,
	};
	struct once_look look = { .account = l->account, .once = a->what->once };
	enum err e = look.once.n != 0 ? store_read(p->d->store, once_read, &look) : OK;
	struct str reason;

	if (e)
		return e;
	if (a->what->kind == ACTION_REDIRECT && is_repeated(l, a)) {
		letter_drop(p, a, STR("it is redirected there already"));
		return OK;
	}
	if (look.known && a->what->kind == ACTION_REDIRECT)
		reason = SENT_BEFORE;
	else if (look.known || limits_filtered_take(&mail, &p->arena, &reason))
		return OK;
	if (a->what->kind == ACTION_REDIRECT)
		redirect_keep(p, l, a, reason);
	else
		letter_drop(p, a, reason);
	return OK;
}

/* --- all targets ---------------------------------------------------------------------------- */

static enum err action_make(struct plan *p, struct plan_local *l, struct plan_action *a,
                            struct why *why)
{
	enum err e = a->what->kind == ACTION_REDIRECT || a->what->kind == ACTION_REPLY ||
	                             a->what->kind == ACTION_NOTIFY
	                     ? limit_check(p, l, a)
	                     : OK;

	if (e)
		return e;
	switch (a->what->kind) {
	case ACTION_KEEP:
		return stored_make(p, a->what->header, a->what->replaced, &a->email, why);
	case ACTION_REDIRECT:
		return redirect_make(p, l, a, why);
	case ACTION_REPLY:
	case ACTION_NOTIFY:
		return letter_make(p, l, a, why);
	default:
		return OK;
	}
}

/* An account whose quota is too small even if empty is refused for good. */
static bool is_too_big(const struct plan_local *l, const struct plan_action *a)
{
	return a->what->kind == ACTION_KEEP && l->quota_bytes != 0 &&
	       email_new_get(a->email)->size_bytes > l->quota_bytes;
}

static enum err local_make(struct plan *p, struct plan_local *l, struct why *why)
{
	enum err e = local_filter(p, l);
	const struct action *reject;

	if (e)
		return fail(why, e, "the filters of an account could not run");
	reject = actions_find(l->rcpt.actions, ACTION_REJECT);
	if (reject != NULL) {
		local_reject(p, l, reject);
		return OK;
	}
	actions_set(p, l);
	for (size_t i = 0; e == OK && i < l->action_count; i++) {
		e = action_make(p, l, &l->actions[i], why);
		if (e == OK && is_too_big(l, &l->actions[i]))
			l->refused = &refusal_too_big;
	}
	return e;
}

enum err prepare_locals(struct plan *p, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->local_count; i++) {
		if (!plan_local_gets(&p->locals[i]))
			continue;
		if (p->parts == NULL)
			parts_make(p);
		e = local_make(p, &p->locals[i], why);
	}
	return e;
}

enum err prepare_again(struct plan *p, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < p->local_count; i++) {
		struct plan_local *l = &p->locals[i];

		for (size_t n = 0; e == OK && plan_local_gets(l) && n < l->action_count; n++) {
			struct plan_action *a = &l->actions[n];

			if (!a->unsent)
				continue;
			redirect_keep(p, l, a,
			              a->known ? SENT_BEFORE : STR("the queue has no room"));
			e = action_make(p, l, a, why);
		}
	}
	return e;
}

void prepare_free(struct plan *p)
{
	for (struct plan_content *c = p->contents; c != NULL; c = c->next) {
		email_new_free(&c->email);
		blob_draft_free(&c->draft);
	}
	p->contents = NULL;
}
