/* protocols/imap/mailboxes/listing.c: see listing.h. */
#include "formats/imap_wire/put.h"
#include "foundation/base/clock.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "model/store/store.h"
#include "protocols/imap/mailboxes/listing.h"
#include "protocols/imap/mailboxes/status.h"
#include "protocols/imap/store.h"
#include <stdlib.h>

enum { SLICE_MS = 20 };

static int entry_order(const void *x, const void *y)
{
	return str_cmp(((const struct entry *)x)->name, ((const struct entry *)y)->name);
}

static struct entry *listing_entry_add(struct listing *l)
{
	struct entry *old = l->entries;

	if (l->n == l->room) {
		l->room = 2 * l->room + 32;
		l->entries = arena_array(l->arena, struct entry, l->room);
		for (size_t i = 0; i < l->n; i++)
			l->entries[i] = old[i];
	}
	l->entries[l->n] = (struct entry){ 0 };
	return &l->entries[l->n++];
}

/* --- mailboxes of one owner ------------------------------------------------------------- */

/* prefix: of the owner's names; empty: the user's own. */
static enum err mailboxes_add(struct listing *l, const struct mail_txn *m, struct str prefix)
{
	struct mailbox_list *boxes = arena_new(l->arena, struct mailbox_list);
	enum err e = mailbox_list(m, l->arena, boxes);

	for (size_t i = 0; i < boxes->n && !e; i++) {
		const struct mailbox_entry *from = &boxes->entries[i];
		struct entry *to = listing_entry_add(l);

		*to = (struct entry){ .name = from->name,
			              .box = &from->box,
			              .owner = m->account,
			              .rights = from->rights,
			              .foreign = prefix.n != 0,
			              .has_children = from->has_children,
			              .subscribed = !prefix.n && from->box.subscribed };
		if (prefix.n)
			to->name =
				str_fmt(l->arena, "%.*s%.*s", STR_ARG(prefix), STR_ARG(from->name));
		e = imap_status_count(m, &from->box, l->what->status, &to->counts);
	}
	return e;
}

static enum err subscriptions_add(struct listing *l, const struct mail_txn *m)
{
	struct subscription_list subs;
	enum err e = mailbox_subscriptions(m, l->arena, &subs);

	for (size_t i = 0; !e && i < subs.n; i++)
		*listing_entry_add(l) = (struct entry){ .name = subs.names[i], .subscribed = true };
	return e;
}

/* --- mail of others --------------------------------------------------------------------- */

/* The prefix of an owner's names; empty: the owner is deleted. */
static enum err prefix_of(struct listing *l, const struct mail_txn *m, bool *is_group,
                          struct str *out)
{
	struct account account;
	struct group group;
	enum err e = account_get(m->t, m->account, l->arena, &account);

	*is_group = false;
	*out = STR_EMPTY;
	if (!e)
		*out = str_fmt(l->arena, PLACE_OTHERS "%.*s/", STR_ARG(account.address));
	if (e != ERR_MISSING)
		return e;
	e = group_get(m->t, m->account, l->arena, &group);
	*is_group = !e;
	if (!e)
		*out = str_fmt(l->arena, PLACE_GROUPS "%.*s/", STR_ARG(group.address));
	return e == ERR_MISSING ? OK : e;
}

static enum err owner_add(struct listing *l, const struct mail_txn *m)
{
	struct str prefix;
	bool is_group, member;
	enum err e = prefix_of(l, m, &is_group, &prefix);

	if (e || !prefix.n || (e = rights_owner(m, &member)))
		return e;
	/* A member sees an empty group: he may create mailboxes in it. */
	if (is_group && member)
		*listing_entry_add(l) = (struct entry){ .name = str_sub(prefix, 0, prefix.n - 1),
			                        .foreign = true,
			                        .above = true };
	e = mailboxes_add(l, m, prefix);
	return e == ERR_MISSING ? OK : e; /* a group without mail */
}

static enum err others_add(struct listing *l, const struct mail_txn *m)
{
	uint32_t *owners;
	size_t n;
	enum err e = acl_owners(m, l->arena, &owners, &n);

	for (size_t i = 0; !e && i < n; i++) {
		struct mail_txn other = *m;

		other.account = owners[i];
		e = owner_add(l, &other);
	}
	return e;
}

/* --- parents ---------------------------------------------------------------------------- */

/* Merge entries of one name: a subscribed mailbox of another user has two. */
static void entries_merge(struct listing *l)
{
	size_t kept = 0;

	if (l->n)
		qsort(l->entries, l->n, sizeof(l->entries[0]), entry_order);
	for (size_t i = 0; i < l->n; i++) {
		struct entry *x = &l->entries[i], *last = kept ? &l->entries[kept - 1] : NULL;

		if (!last || !str_eq(last->name, x->name)) {
			l->entries[kept++] = *x;
			continue;
		}
		x->subscribed |= last->subscribed;
		last->subscribed = x->subscribed;
		if (x->box || (x->above && !last->box))
			*last = *x;
	}
	l->n = kept;
}

/* Parents of other users' mailboxes, not visible as mailboxes themselves, are listed for
 * "%" (RFC 9051 6.3.9). */
static void above_add(struct listing *l)
{
	size_t n = l->n;
	struct str before = STR_EMPTY;

	for (size_t k = 0; k < n; k++) {
		struct str name = l->entries[k].name;

		if (!l->entries[k].foreign)
			continue;
		for (size_t i = 0; i < name.n; i++) {
			struct str parent = str_sub(name, 0, i);

			if (name.p[i] != '/' || listing_below(before, parent))
				continue;
			*listing_entry_add(l) = (struct entry){ .name = parent,
				                        .above = true,
				                        .has_children = true };
		}
		before = name;
	}
	entries_merge(l);
}

/* A mailbox of the user or a group may have visible children of others. */
static void children_set(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct entry *x = &l->entries[i];

		for (size_t k = i + 1;
		     !x->has_children && k < l->n && str_starts(l->entries[k].name, x->name); k++)
			x->has_children = listing_below(l->entries[k].name, x->name);
	}
}

enum err listing_read(const struct mail_txn *m, void *arg)
{
	struct listing *l = arg;
	enum err e;

	l->n = 0;
	if ((e = mailboxes_add(l, m, STR_EMPTY)) || (e = subscriptions_add(l, m)) ||
	    (e = others_add(l, m)))
		return e;
	entries_merge(l);
	above_add(l);
	children_set(l);
	return OK;
}

/* --- sending ---------------------------------------------------------------------------- */

enum done listing_begin(struct imap *s, const struct imap_list *what,
                        enum done (*answer)(struct imap *s))
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	struct listing *l = arena_new(&s->run.arena, struct listing);
	enum err e;

	l->s = s;
	l->arena = &s->run.arena;
	l->what = what;
	e = imap_read_at(s, &own, listing_read, l);
	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	imap_ok(s, NULL, NULL);
	s->run.task = l;
	s->run.answer = answer;
	s->mode = MODE_ANSWER;
	return answer(s);
}

bool listing_matches(const struct imap_list *what, struct str name)
{
	for (size_t i = 0; i < what->patterns.n; i++)
		if (what->patterns.items[i].n && imap_list_match(what->patterns.items[i], name))
			return true;
	return false;
}

static bool level_matches(const struct imap_list *what, struct str name)
{
	for (size_t i = 0; i < what->patterns.n; i++)
		if (str_ends(what->patterns.items[i], STR("%")) &&
		    imap_list_match(what->patterns.items[i], name))
			return true;
	return false;
}

bool listing_pauses(const struct listing *l)
{
	return conn_out_full(l->s->conn) || clock_mono_ms() >= l->pause_ms;
}

bool listing_match(struct listing *l)
{
	l->pause_ms = clock_mono_ms() + SLICE_MS;
	for (; l->matched < l->n; l->matched++) {
		struct entry *x = &l->entries[l->matched];

		if (listing_pauses(l))
			return false;
		x->matches = listing_matches(l->what, x->name);
		x->level = x->above && x->matches && level_matches(l->what, x->name);
	}
	return true;
}

const struct entry *listing_find(const struct listing *l, struct str name)
{
	struct entry key = { .name = name };

	return l->n ? bsearch(&key, l->entries, l->n, sizeof(key), entry_order) : NULL;
}

bool listing_below(struct str name, struct str parent)
{
	return name.n > parent.n && name.p[parent.n] == '/' && str_starts(name, parent);
}

bool listing_asks_delimiter(const struct imap_list *what)
{
	return !what->extended && what->patterns.n == 1 && what->patterns.items[0].n == 0;
}

void listing_name_put(struct imap *s, struct str name)
{
	buf_put(imap_out(s), STR(") \"/\" "));
	imap_put_mailbox(imap_out(s), name, imap_utf8(s));
}
