/* protocols/imap/store.c: see store.h. */
#include "model/directory/group.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

struct call {
	const struct imap *s;
	const struct imap_place *at; /* NULL: the mail of the selected mailbox */
	imap_txn_fn *fn;
	void *arg;
	/* For a write, if the session records its own changes: the range of modseqs. */
	bool noting;
	uint32_t account;
	uint64_t before, after;
};

enum err imap_mail_at(const struct mail_txn *m, const struct imap_place *at, struct mail_txn *out)
{
	struct arena *a = txn_arena(m->t);
	struct account account;
	struct group group;
	enum err e = OK;

	*out = *m;
	out->account = m->who;
	if (at->kind == PLACE_OTHER) {
		e = account_find(m->t, at->owner, a, &account);
		out->account = e ? 0 : account.id;
	} else if (at->kind == PLACE_GROUP) {
		e = group_find(m->t, at->owner, a, &group);
		out->account = e ? 0 : group.id;
	}
	if (!e)
		return OK;
	/* An invalid address is reported like an unknown one, and like a mailbox without
	 * the lookup right (RFC 4314 6). */
	e = e == ERR_SYNTAX ? ERR_MISSING : e;
	return e == ERR_MISSING ? fail(txn_why(m->t), e, "there is no such mailbox") : e;
}

/* Access to a selected mailbox of another user may be revoked. */
static enum err still_allowed(const struct imap *s, const struct mail_txn *m)
{
	return s->selected.id ? rights_need(m, s->selected.id, RIGHT_READ) : OK;
}

/* 0: there is no mail yet. */
static uint64_t modseq_of(const struct mail_txn *m)
{
	uint64_t modseq;

	return mail_modseq(m, &modseq) ? 0 : modseq;
}

static enum err call(struct txn *t, void *arg)
{
	struct call *c = arg;
	struct mail_txn m = { c->s->server->mailboxes, t, .who = c->s->login.login.account };
	enum err e;

	if (c->at) {
		e = imap_mail_at(&m, c->at, &m);
	} else {
		m.account = c->s->selected.account ? c->s->selected.account : m.who;
		e = still_allowed(c->s, &m);
	}
	if (e || !c->noting)
		return e ? e : c->fn(&m, c->arg);
	c->account = m.account;
	c->before = modseq_of(&m);
	e = c->fn(&m, c->arg);
	c->after = e ? c->before : modseq_of(&m);
	return e;
}

enum err imap_read_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg)
{
	struct call c = { .s = s, .at = at, .fn = fn, .arg = arg };

	return store_read(s->server->store, call, &c);
}

/* write: store_write or store_write_soon. */
static enum err call_write(enum err (*write)(struct store *, txn_fn *, void *, struct why *),
                           struct call c, struct imap *s, struct why *why)
{
	enum err e;

	c.noting = s->own;
	e = write(s->server->store, call, &c, why);
	if (!e && c.after > c.before)
		imap_own_wrote(s, c.account, c.before + 1, c.after);
	return e;
}

enum err imap_write_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                       struct why *why)
{
	struct call c = { .s = s, .at = at, .fn = fn, .arg = arg };

	return call_write(store_write, c, s, why);
}

enum err imap_write_soon_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                            struct why *why)
{
	struct call c = { .s = s, .at = at, .fn = fn, .arg = arg };

	return call_write(store_write_soon, c, s, why);
}

enum err imap_read(struct imap *s, imap_txn_fn *fn, void *arg)
{
	return imap_read_at(s, NULL, fn, arg);
}

enum err imap_write(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why)
{
	return imap_write_at(s, NULL, fn, arg, why);
}

enum err imap_write_soon(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why)
{
	return imap_write_soon_at(s, NULL, fn, arg, why);
}
