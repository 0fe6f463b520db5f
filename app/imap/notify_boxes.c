/* imap/notify_boxes.c: the list of mailboxes that a client hears of, and what became of them; see
 * notifying.h. The list holds all that it may look up, for a name may become one it asks for. */
#include "imap/notifying.h"
#include "base/mem.h"
#include "config/limits.h"
#include "imap/filter.h"
#include "imap/store.h"
#include "mailbox/changes.h"
#include "mailbox/rights.h"
#include "store/store.h"
#include <stdlib.h>

/* --- the list --------------------------------------------------------------------------- */

static int box_order(const void *x, const void *y)
{
	const struct notify_box *a = x, *b = y;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Among the first sorted ones. */
static struct notify_box *box_find(struct notify *n, size_t sorted, uint32_t owner, uint32_t id)
{
	struct notify_box key = { .owner = owner, .id = id };

	return sorted ? bsearch(&key, n->boxes, sorted, sizeof(key), box_order) : NULL;
}

static struct notify_box *box_add(struct notify *n)
{
	if (n->n == n->cap) {
		n->cap = 2 * n->cap + 16;
		n->boxes = mem_resize(n->boxes, n->cap * sizeof(*n->boxes));
	}
	n->boxes[n->n] = (struct notify_box){ 0 };
	return &n->boxes[n->n++];
}

static void box_deinit(struct notify_box *box)
{
	str_free(&box->name);
	str_free(&box->old);
	notify_notes_deinit(&box->notes);
}

void notify_boxes_deinit(struct notify *n)
{
	for (size_t i = 0; i < n->n; i++)
		box_deinit(&n->boxes[i]);
	mem_clear(&n->boxes);
	n->n = n->cap = 0;
}

static void mark(struct notify *n, struct notify_box *box, unsigned tell)
{
	box->tell |= tell;
	n->marked |= tell != 0;
}

/* --- comparing -------------------------------------------------------------------------- */

struct catching {
	struct imap *s;
	struct notify *n;
	const struct mail_txn *m; /* of the user's own mail */
	struct arena *arena;
	struct listing *list;
	bool first;    /* nothing is told */
	size_t sorted; /* so many boxes were there before */
};

/* What a change of rows is told by. */
static unsigned asked(enum change_kind kind, unsigned events)
{
	if (kind == CHANGE_APPEARED && events & EVENT_MESSAGE_NEW)
		return TELL_COUNTS;
	if (kind == CHANGE_VANISHED && events & EVENT_MESSAGE_EXPUNGE)
		return TELL_COUNTS;
	if (kind == CHANGE_FLAGS && events & EVENT_FLAG_CHANGE)
		return TELL_FLAGS;
	return 0;
}

static unsigned events_of(const struct catching *c, const struct notify_box *box)
{
	const struct notify *n = c->n;
	struct imap_filtered x = { box->name, box->foreign, box->subscribed };
	unsigned events = imap_enabled(c->s, ENABLED_METADATA) ? EVENT_ENABLED : 0;

	for (size_t i = 0; i < n->what.n; i++)
		if (imap_filter_has(&n->what.groups[i].filter, &x))
			events |= n->what.groups[i].events;
	return events;
}

/* Did the session itself, and nobody else, change the mailbox? */
static bool is_quiet(const struct catching *c, const struct notify_box *box)
{
	const struct notify_account *a = notify_account(c->n, box->owner);

	return c->first ||
	       (a && imap_seq_has(&a->own, box->id) && !imap_seq_has(&a->others, box->id));
}

/* Of a mailbox made or deleted the name above is affected, too (RFC 5465 5.4). */
static void parent_affected(struct catching *c, struct str name)
{
	ptrdiff_t slash = str_rfind_byte(name, '/');
	struct str parent = str_sub(name, 0, slash < 0 ? 0 : (size_t)slash);

	for (size_t i = 0; parent.n && i < c->n->n; i++) {
		struct notify_box *box = &c->n->boxes[i];

		if (!box->gone && box->events & EVENT_MAILBOX_NAME && str_eq(box->name, parent))
			mark(c->n, box, TELL_LIST);
	}
}

/* What can be taken over without a word. */
static void box_take(struct catching *c, struct notify_box *box, const struct entry *e)
{
	box->parent = e->box->parent;
	box->role = e->box->role;
	box->foreign = e->foreign;
	box->children = e->has_children;
	box->subscribed = e->subscribed;
	box->readable = (e->rights & RIGHT_READ) != 0;
	box->events = events_of(c, box);
	box->met = true;
}

static void box_came(struct catching *c, const struct entry *e)
{
	struct notify_box *box = box_add(c->n);
	unsigned tell = 0;

	box->owner = e->owner;
	box->id = e->box->id;
	box->unseen = e->counts.unseen;
	box->name = str_new(e->name);
	box_take(c, box, e);
	if (box->events & EVENTS_ASKED && !box->readable) /* RFC 5465 3.1, now and later */
		mark(c->n, box, TELL_NOACCESS);
	if (is_quiet(c, box))
		return;
	if (box->events & EVENT_MAILBOX_NAME)
		tell = TELL_LIST;
	if (box->events & EVENT_FLAG_CHANGE) /* the name may have had another UIDVALIDITY: 5.1 */
		tell |= TELL_COUNTS | TELL_FIRST;
	else if (box->events & EVENT_MESSAGE_NEW && e->box->exists)
		tell |= TELL_COUNTS;
	mark(c->n, box, tell);
}

/* Who renames a mailbox renames what is below it: told once (5.4). */
static void box_renamed(struct catching *c, struct notify_box *box, const struct entry *e,
                        unsigned events, bool itself)
{
	bool tell = itself && events & EVENT_MAILBOX_NAME && !is_quiet(c, box);

	if (tell && !box->old.n)
		box->old = box->name;
	else
		str_free(&box->name);
	box->name = str_new(e->name);
	if (tell)
		mark(c->n, box, TELL_LIST);
}

static struct str leaf_of(struct str name)
{
	ptrdiff_t slash = str_rfind_byte(name, '/');

	return str_sub(name, slash < 0 ? 0 : (size_t)slash + 1, name.n);
}

static void box_compare(struct catching *c, struct notify_box *box, const struct entry *e)
{
	bool moved = box->parent != e->box->parent ||
	             !str_eq(leaf_of(box->name), leaf_of(e->name));
	bool renamed = !str_eq(box->name, e->name);
	bool subscribed = box->subscribed, readable = box->readable;
	bool back = box->lost && e->rights & RIGHT_READ;
	unsigned events = box->events;
	struct notify_box now = { .name = e->name, .foreign = e->foreign,
		                  .subscribed = e->subscribed };

	if (renamed)
		box_renamed(c, box, e, events | events_of(c, &now), moved);
	box_take(c, box, e);
	events |= box->events;
	if (subscribed != box->subscribed && events & EVENT_SUBSCRIPTION && !is_quiet(c, box))
		mark(c->n, box, TELL_LIST);
	box->lost = false;
	if (readable != box->readable && events & EVENTS_ASKED) /* 5.9 */
		mark(c->n, box, box->readable ? TELL_LIST : TELL_NOACCESS);
	if (back)
		mark(c->n, box, asked(CHANGE_APPEARED, box->events));
}

/* It is deleted, or may no longer be looked up: that is the same to who asked for its name, and
 * others hear that they have lost it (5.4, 5.9). */
static void box_left(struct catching *c, struct notify_box *box)
{
	struct mail_txn at = *c->m;
	struct mailbox there;
	unsigned tell = 0;

	at.account = box->owner;
	if (!is_quiet(c, box)) {
		if (box->events & EVENT_MAILBOX_NAME)
			tell = TELL_LIST;
		else if (box->events & EVENTS_ASKED && mailbox_get(&at, box->id, &there) == OK)
			tell = TELL_NOACCESS;
		parent_affected(c, box->name);
	}
	box->lost = tell == TELL_NOACCESS;
	box->gone = !box->lost;
	box->readable = box->children = false;
	box->tell = 0;
	mark(c->n, box, tell);
	c->n->marked = true; /* so that it is forgotten */
}

static void compare(struct catching *c)
{
	struct notify *n = c->n;
	size_t came;

	for (size_t i = 0; i < n->n; i++)
		n->boxes[i].met = false;
	for (size_t i = 0; i < c->list->n; i++) {
		const struct entry *e = &c->list->entries[i];
		struct notify_box *box;

		if (!e->box)
			continue;
		box = box_find(n, c->sorted, e->owner, e->box->id);
		if (box && box->gone) { /* and nobody has heard of it */
			box->gone = false;
			box->tell = 0;
		}
		if (box)
			box_compare(c, box, e);
		else
			box_came(c, e);
	}
	came = n->n;
	for (size_t i = 0; i < c->sorted; i++)
		if (!n->boxes[i].met && !n->boxes[i].gone && !n->boxes[i].lost)
			box_left(c, &n->boxes[i]);
	for (size_t i = c->sorted; i < came; i++)
		if (n->boxes[i].tell & TELL_LIST)
			parent_affected(c, n->boxes[i].name);
	if (n->n)
		qsort(n->boxes, n->n, sizeof(n->boxes[0]), box_order);
}

/* --- whose mail is watched -------------------------------------------------------------- */

/* Names of others' mail, whether or not anything of it may be looked up now. */
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

/* The list is as the account is now; 0: it has no mail. */
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

/* --- what happened ---------------------------------------------------------------------- */

struct reading {
	struct catching *c;
	struct notify_account *at;
	bool names; /* mailboxes changed, not only messages in them */
};

static bool take_change(const struct change *change, void *arg)
{
	struct reading *r = arg;
	struct notify *n = r->c->n;
	bool own = imap_notify_own(r->c->s, r->at->id, change->modseq);
	struct notify_box *box;

	if (change->kind >= CHANGE_MAILBOX_CREATED) {
		r->names = true;
		imap_seq_add(r->c->arena, own ? &r->at->own : &r->at->others, change->mailbox,
		             change->mailbox);
		return true;
	}
	box = own ? NULL : box_find(n, n->n, r->at->id, change->mailbox);
	if (box && !box->gone)
		mark(n, box, asked(change->kind, box->events));
	return true;
}

/* The log of one account; *names: mailboxes changed. */
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
	return e == ERR_MISSING ? ERR_CONFLICT : e; /* it is forgotten */
}

/* Annotations; who may not read them has none, and hears nothing of it (RFC 5464 3.3). */
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
		mark(n, box, tell ? TELL_NOTES : 0);
	}
	return e;
}

/* Of mailboxes whose annotations are new to the list; only later changes are told. */
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

static enum err names_read(struct catching *c)
{
	static const struct imap_list all = { .returns = LIST_SUBSCRIBED,
		                              .status = STATUS_UNSEEN };
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
		return fail(txn_why(c->m->t), ERR_LIMIT, "there are too many mailboxes");
	compare(c);
	e = notes_begin(c);
	return e ? e : owners_watch(c);
}

static enum err catch_up(const struct mail_txn *m, void *arg)
{
	struct catching *c = arg;
	struct notify *n = c->n;
	size_t accounts = n->account_n; /* those that are added are read the next time */
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
		e = names_read(c);
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

	for (size_t i = 0; e && i < c.n->account_n; i++) { /* what was taken is looked for again */
		atomic_store(&c.n->accounts[i]->changed, CHANGED_ALL);
		atomic_store(&c.n->accounts[i]->noted, NOTED_ALL);
	}
	return e;
}

void notify_mark_status(struct imap *s)
{
	struct notify *n = s->notify;

	for (size_t i = 0; i < n->n; i++) {
		struct notify_box *box = &n->boxes[i];

		if (box->events & EVENTS_MESSAGE && box->readable && !notify_is_selected(s, box))
			mark(n, box, TELL_FIRST | TELL_COUNTS);
	}
}
