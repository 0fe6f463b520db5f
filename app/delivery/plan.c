/* delivery/plan.c: see plan.h. */
#include "delivery/plan.h"

#include "base/buf.h"
#include "base/clock.h"
#include "config/live.h"
#include "delivery/sign.h"
#include "delivery/story.h"
#include "directory/resolve.h"
#include "mailbox/email_new.h"
#include "mailbox/mailbox.h"
#include "message/header.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "queue/queue.h"
#include "store/store.h"

#include <string.h>

enum { RETURN_PATH_MAX = 512, TARGET_KEY_MAX = 1024, SIGNATURES_MAX = 64 << 10 };

/* --- following the recipients -------------------------------------------------- */

/* Is it the first time that this target comes up? */
static bool target_new(struct plan *p, const struct resolve_target *target)
{
	struct buf key;
	bool new;

	buf_init(&key, TARGET_KEY_MAX);
	if (target->account != 0)
		buf_u64(&key, target->account); /* no "@", so no address */
	else
		mailaddr_put(&key, &target->address);
	new = map_put(&p->known, buf_str(&key), p) == NULL;
	buf_deinit(&key);
	return new;
}

/* Room for one more in a list; it doubles, so that many recipients cost memory in proportion. */
static void *list_room(struct plan *p, void *items, size_t count, size_t *cap, size_t size)
{
	void *grown;

	if (count < *cap)
		return items;
	*cap = MAX(*cap * 2, (size_t)4);
	grown = arena_alloc_array(&p->arena, *cap, size);
	if (count != 0)
		memcpy(grown, items, count * size);
	return grown;
}

static void target_add(struct plan *p, const struct resolve_target *target)
{
	struct mailaddr address;

	if (!target_new(p, target))
		return;
	address = mailaddr_dup(&p->arena, &target->address);
	if (target->account != 0) {
		p->locals =
			list_room(p, p->locals, p->local_count, &p->local_cap, sizeof *p->locals);
		p->locals[p->local_count++] =
			(struct plan_local){ .account = target->account, .address = address };
	} else {
		p->remotes = list_room(p, p->remotes, p->remote_count, &p->remote_cap,
		                       sizeof *p->remotes);
		p->remotes[p->remote_count++] = (struct queue_rcpt){ .address = address };
	}
}

static enum err rcpt_follow(struct plan *p, struct txn *t, const struct mailaddr *rcpt)
{
	struct resolve_target foreign = { .address = *rcpt };
	struct resolve_config config = resolve_config(p->settings);
	struct resolved r;
	enum err e = directory_resolve(t, *rcpt, &config, txn_arena(t), &r);

	if (e)
		return e;
	if (r.verdict == RESOLVE_FOREIGN) {
		r.targets = &foreign;
		r.count = 1;
	} else if (r.verdict != RESOLVE_OK) {
		return OK;
	}
	for (size_t i = 0; i < r.count; i++)
		target_add(p, &r.targets[i]);
	return OK;
}

static enum err follow(struct txn *t, void *arg)
{
	struct plan *p = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->m->rcpt_count; i++)
		e = rcpt_follow(p, t, &p->m->rcpts[i]);
	return e;
}

/* --- preparing ------------------------------------------------------------------- */

/* Split body into what lies between its Return-Path fields; returns how many pieces that is,
 * one more than there are such fields. */
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

/* RFC 5321 4.4: the final delivery adds the return path, and there must be only one, so those
 * that came go; mail that goes on gets none. */
static enum err email_make(struct plan *p, struct why *why)
{
	size_t most = 3 + header_count(p->m->body, STR("Return-Path")), count;
	struct str *parts = arena_array(&p->arena, struct str, most);
	struct buf path;
	enum err e;

	buf_init(&path, RETURN_PATH_MAX);
	buf_put(&path, STR("Return-Path: <"));
	mailaddr_put(&path, &p->m->from);
	buf_put(&path, STR(">\r\n"));
	parts[0] = buf_str(&path);
	parts[1] = p->m->trace;
	count = 2 + between_paths(p->m->body, parts + 2);
	assert(count == most);
	e = email_prepare(p->d->store, parts, count, &p->d->limits, &p->email, why);
	buf_deinit(&path);
	return e;
}

static enum err draft_make(struct plan *p, struct why *why)
{
	struct buf signatures;
	enum err e;

	buf_init(&signatures, SIGNATURES_MAX);
	e = sign_put(&signatures, p->d, p->m);
	if (e == OK) {
		const struct str parts[] = { buf_str(&signatures), p->m->trace, p->m->body };

		e = blob_prepare(p->d->store, parts, COUNT(parts), &p->draft, why);
	}
	buf_deinit(&signatures);
	return e;
}

enum err plan_make(struct plan *p, const struct delivery *d, const struct delivery_message *m,
                   struct why *why)
{
	enum err e;

	*p = (struct plan){ .d = d, .m = m, .settings = settings_ref(d->live) };
	e = store_read(d->store, follow, p);
	map_deinit(&p->known);
	if (e)
		return fail(why, e, "recipients could not be looked up");
	if (p->local_count + p->remote_count == 0)
		return fail(why, ERR_MISSING, "no such user here");
	story_begin(p);
	if (p->local_count != 0 && (e = email_make(p, why)))
		return e;
	return p->remote_count != 0 ? draft_make(p, why) : OK;
}

/* --- putting --------------------------------------------------------------------- */

static enum err local_put(struct plan *p, struct txn *t, struct plan_local *to, int64_t now)
{
	struct mail_txn m = { .mailboxes = p->d->mailboxes, .t = t, .account = to->account };
	struct email_append what = { .email = p->email, .internal_ms = now };
	struct email_appended done;
	struct mailbox inbox;
	enum err e;

	if ((e = mailbox_find(&m, STR("INBOX"), &inbox)))
		return e;
	what.mailbox = inbox.id;
	e = email_append(&m, &what, &done);
	if (e == ERR_LIMIT)
		to->full = true;
	to->mailbox = what.mailbox;
	to->uid = done.uid;
	return e;
}

static enum err remotes_put(struct plan *p, struct txn *t)
{
	struct queue_new new = {
		.draft = p->draft,
		.sender = p->m->from,
		.rcpts = p->remotes,
		.rcpt_count = p->remote_count,
		.flags = p->m->flags,
		.submitter = p->m->submitter,
		.trace = p->trace,
	};

	return queue_add(p->d->queue, t, &new, &p->queue_id);
}

/* Who is full is found out in one round for all, or a thousand of them would take a thousand. */
enum err plan_put(struct plan *p, struct txn *t)
{
	int64_t now = clock_real_ms();
	enum err full = OK;

	for (size_t i = 0; i < p->local_count; i++) {
		enum err e = p->locals[i].full ? OK : local_put(p, t, &p->locals[i], now);

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
	return story_put(p, t);
}

bool plan_any(const struct plan *p)
{
	for (size_t i = 0; i < p->local_count; i++)
		if (!p->locals[i].full)
			return true;
	return p->remote_count != 0;
}

/* --- telling --------------------------------------------------------------------- */

void plan_announce(const struct plan *p)
{
	struct arena a = { 0 };

	event(mail_accepted, p->m->id, ev_str(p->m->service), ev_str(p->m->peer),
	      ev_str(mailaddr_text(&a, &p->m->from)), ev_int((int64_t)p->m->rcpt_count),
	      ev_int((int64_t)p->m->body.n));
	for (size_t i = 0; i < p->local_count; i++) {
		const struct plan_local *l = &p->locals[i];

		if (l->full)
			continue;
		event(mail_delivered, p->m->id, ev_str(mailaddr_text(&a, &l->address)),
		      ev_int(l->mailbox), ev_int(l->uid));
		metric_add(METRIC_delivered, 1);
	}
	/* queue/ logs each recipient under its own id: this ties it to the session. */
	if (p->remote_count != 0)
		event(mail_queued, p->m->id, ev_int((int64_t)p->queue_id),
		      ev_int((int64_t)p->remote_count));
	metric_add(METRIC_bytes_in, (int64_t)p->m->body.n);
	arena_deinit(&a);
}

void plan_deinit(struct plan *p)
{
	email_new_free(&p->email);
	blob_draft_free(&p->draft);
	settings_unref(p->settings);
	arena_deinit(&p->arena);
}
