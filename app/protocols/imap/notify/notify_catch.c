/* protocols/imap/notify/notify_catch.c: reads changes of the watched accounts; see
 * notifying.h. */
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "protocols/imap/notify/notify_catching.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/search/filter.h"
#include "protocols/imap/store.h"

/* --- watched accounts ------------------------------------------------------------------- */

/* Names in the mail of others, visible or not. */
static enum err name_watch(struct catching *c, struct str name)
{
	struct imap_place at = imap_place(name);
	struct mail_txn m;
	enum err e;

	if (at.kind == PLACE_OWN)
		return OK;
	e = imap_mail_at(c->m, &at, &m);
	if (!e)
		notify_watch(c->s, m.account);
	return e == ERR_MISSING ? OK : e;
}

static enum err filter_watch(struct catching *c, const struct imap_filter *f)
{
	enum err e = OK;

	for (size_t i = 0; i < f->names.n && !e; i++)
		e = name_watch(c, f->names.items[i]);
	for (size_t i = 0; f->by == FILTER_SUBSCRIBED && i < c->list->n && !e; i++)
		if (c->list->entries[i].subscribed && !c->list->entries[i].box)
			e = name_watch(c, c->list->entries[i].name);
	return e;
}

/* The account's current modseq; 0: it has no mail. */
static enum err modseq_read(struct catching *c, struct notify_account *a)
{
	struct mail_txn at = *c->m;
	enum err e;

	at.account = a->id;
	e = mail_modseq(&at, &a->modseq);
	if (e)
		a->modseq = 0;
	return e == ERR_MISSING ? OK : e;
}

static enum err owners_watch(struct catching *c)
{
	size_t known = c->n->account_n;
	enum err e = OK;

	for (size_t i = 0; i < c->n->n; i++)
		if (c->n->boxes[i].foreign && c->n->boxes[i].events)
			notify_watch(c->s, c->n->boxes[i].owner);
	for (size_t i = 0; i < c->n->what.n && !e; i++)
		e = filter_watch(c, &c->n->what.groups[i].filter);
	for (size_t i = known; i < c->n->account_n && !e; i++)
		e = modseq_read(c, c->n->accounts[i]);
	return e;
}

/* --- changes ---------------------------------------------------------------------------- */

struct reading {
	struct catching *c;
	struct notify_account *at;
	bool names; /* mailboxes changed, not only messages in them */
};

static bool take_change(const struct change *change, void *arg)
{
	struct reading *r = arg;
	struct notify *n = r->c->n;
	bool own = imap_own_has(r->c->s, r->at->id, change->modseq);
	struct notify_box *box;

	if (change_of_mailbox(change->kind)) {
		r->names = true;
		imap_seq_add(r->c->arena, own ? &r->at->own : &r->at->others, change->mailbox,
		             change->mailbox);
		return true;
	}
	box = own ? NULL : notify_box_find(n, n->n, r->at->id, change->mailbox);
	if (box && !box->gone)
		notify_box_mark(n, box, notify_asked(change->kind, box->events));
	return true;
}

/* Read the log of one account; *names: mailboxes changed. */
static enum err log_read(struct catching *c, struct notify_account *a, bool *names)
{
	struct reading r = { .c = c, .at = a, .names = a->modseq == 0 };
	struct mail_txn at = *c->m;
	uint64_t since = a->modseq;
	enum err e = modseq_read(c, a);

	at.account = a->id;
	if (!e && since && a->modseq && !c->first)
		e = changes_since(&at, 0, since, take_change, &r);
	imap_seq_resolve(&a->own, 0);
	imap_seq_resolve(&a->others, 0);
	*names |= r.names;
	return e == ERR_MISSING ? ERR_CONFLICT : e; /* the log was truncated */
}

/* Annotations; without the right to read there are none (RFC 5464 3.3). */
static enum err notes_read(struct catching *c, uint32_t account, uint32_t mailbox,
                           struct notify_notes *notes, bool *tell)
{
	struct metadata all = { 0 };
	struct mail_txn at = *c->m;
	bool may;
	enum err e;

	at.account = account;
	e = metadata_read(&at, mailbox, c->arena, &all);
	may = e != ERR_MISSING && e != ERR_DENIED;
	if (may && e)
		return e;
	*tell = notify_notes_update(notes, &all, may && !c->first);
	return OK;
}

static enum err account_notes(struct catching *c, const struct notify_account *a, uint32_t mailbox)
{
	struct notify *n = c->n;
	bool tell = false;
	enum err e = OK;

	if (a->id == 0) {
		e = notes_read(c, 0, 0, &n->server, &tell);
		n->server_tell |= tell;
		n->marked |= tell;
		return e;
	}
	for (size_t i = 0; i < n->n && !e; i++) {
		struct notify_box *box = &n->boxes[i];

		if (box->gone || box->owner != a->id || !(box->events & EVENTS_NOTES) ||
		    (mailbox != NOTED_ALL && mailbox != box->id))
			continue;
		tell = false;
		e = notes_read(c, a->id, box->id, &box->notes, &tell);
		notify_box_mark(n, box, tell ? TELL_NOTES : 0);
	}
	return e;
}

/* For mailboxes new to the list: only later changes are reported. */
static enum err notes_begin(struct catching *c)
{
	bool first = c->first, tell;
	enum err e = OK;

	c->first = true;
	for (size_t i = 0; i < c->n->n && !e; i++) {
		struct notify_box *box = &c->n->boxes[i];

		if (box->gone || box->noted || !(box->events & EVENTS_NOTES))
			continue;
		box->noted = true;
		e = notes_read(c, box->owner, box->id, &box->notes, &tell);
	}
	c->first = first;
	return e;
}

static enum err catch_up_names_read(struct catching *c)
{
	static const struct imap_list all = { .returns = LIST_SUBSCRIBED, .status = STATUS_UNSEEN };
	unsigned max;
	enum err e;

	c->sorted = c->n->n;
	c->list = arena_new(c->arena, struct listing);
	c->list->s = c->s;
	c->list->arena = c->arena;
	c->list->what = &all;
	if ((e = listing_read(c->m, c->list)))
		return e;
	max = c->s->server->notify_mailboxes ? c->s->server->notify_mailboxes
	                                     : LIMIT_imap_notify_mailboxes;
	if (c->list->n > max)
		return fail(txn_why(c->m->t), ERR_LIMIT, "too many mailboxes");
	notify_boxes_compare(c);
	e = notes_begin(c);
	return e ? e : owners_watch(c);
}

static enum err catch_up(const struct mail_txn *m, void *arg)
{
	struct catching *c = arg;
	struct notify *n = c->n;
	size_t accounts = n->account_n; /* accounts added here are read the next time */
	bool names = c->first;
	enum err e = OK;

	c->m = m;
	c->arena = txn_arena(m->t);
	for (size_t i = 0; i < accounts; i++)
		n->accounts[i]->own = n->accounts[i]->others = (struct imap_seq){ 0 };
	for (size_t i = 0; i < accounts && !e; i++) {
		struct notify_account *a = n->accounts[i];
		unsigned changed = atomic_exchange(&a->changed, 0);

		if (changed & CHANGED_LOG && a->id)
			e = log_read(c, a, &names);
		names |= (changed & CHANGED_NAMES) != 0;
	}
	if (!e && names)
		e = catch_up_names_read(c);
	for (size_t i = 0; i < accounts && !e; i++) {
		uint32_t mailbox = atomic_exchange(&n->accounts[i]->noted, 0);

		if (mailbox)
			e = account_notes(c, n->accounts[i], mailbox);
	}
	return e;
}

enum err notify_catch_up(struct imap *s, bool first)
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	struct catching c = { .s = s, .n = s->notify, .first = first };

	enum err e = imap_read_at(s, &own, catch_up, &c);

	for (size_t i = 0; e && i < c.n->account_n; i++) { /* set the flags again */
		atomic_store(&c.n->accounts[i]->changed, CHANGED_ALL);
		atomic_store(&c.n->accounts[i]->noted, NOTED_ALL);
	}
	return e;
}
