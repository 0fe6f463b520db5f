/* imap/cmd_list.c: LIST with its extensions, and LSUB (RFC 9051 6.3.9, RFC 3501 6.3.9).
 *
 * All names are read at once. Then a generator matches them, in slices, for the patterns are
 * the client's and matching can be made to take long, and tells them as fast as the client
 * reads. */
#include "base/clock.h"
#include "imap/commands.h"
#include "imap/status.h"
#include "imap/store.h"
#include "imap/wire_put.h"
#include "mailbox/mailbox.h"
#include <stdlib.h>

enum { SLICE_MS = 20 };

/* A name that may be listed: a mailbox, a subscription without one, or both. */
struct entry {
	struct str name;
	const struct mailbox *box; /* NULL: there is none of that name */
	bool has_children;
	bool subscribed;
	bool matches; /* a pattern */
	uint32_t recent;
};

struct listing {
	struct arena *arena;
	const struct imap_list *what;
	bool recents;          /* LIST-STATUS asks for them */
	struct entry *entries; /* sorted by name */
	size_t n;
	int64_t pause_ms;  /* when the slice ends                          */
	size_t matched;    /* so many have been, then they are told        */
	size_t next;       /* to be told                                   */
	struct str before; /* the name before that one whose parents may have been told */
};

static int entry_order(const void *x, const void *y)
{
	return str_cmp(((const struct entry *)x)->name, ((const struct entry *)y)->name);
}

static enum err listing_read(const struct mail_txn *m, void *arg)
{
	struct listing *l = arg;
	struct mailbox_list *boxes = arena_new(l->arena, struct mailbox_list);
	struct subscription_list subs;
	enum err e = mailbox_list(m, l->arena, boxes);

	if (!e)
		e = mailbox_subscriptions(m, l->arena, &subs);
	if (e)
		return e;
	l->n = 0;
	l->entries = arena_array(l->arena, struct entry, boxes->n + subs.n);
	for (size_t i = 0; i < boxes->n && !e; i++) {
		const struct mailbox_entry *from = &boxes->entries[i];
		struct entry *to = &l->entries[l->n++];

		*to = (struct entry){ .name = from->name,
			              .box = &from->box,
			              .has_children = from->has_children,
			              .subscribed = from->box.subscribed };
		if (l->recents)
			e = imap_status_recent(m, &from->box, from->box.first_recent_uid,
			                       &to->recent);
	}
	for (size_t i = 0; i < subs.n; i++)
		l->entries[l->n++] = (struct entry){ .name = subs.names[i], .subscribed = true };
	qsort(l->entries, l->n, sizeof(l->entries[0]), entry_order);
	return e;
}

static bool matches(const struct imap_list *what, struct str name)
{
	for (size_t i = 0; i < what->patterns.n; i++)
		if (what->patterns.items[i].n && imap_list_match(what->patterns.items[i], name))
			return true;
	return false;
}

/* Others want their turn, or the client has enough to read. */
static bool listing_pauses(const struct imap *s, const struct listing *l)
{
	return conn_out_full(s->conn) || clock_mono_ms() >= l->pause_ms;
}

/* Begin a slice. False: matching takes all of it. */
static bool listing_match(const struct imap *s, struct listing *l)
{
	l->pause_ms = clock_mono_ms() + SLICE_MS;
	for (; l->matched < l->n; l->matched++) {
		if (listing_pauses(s, l))
			return false;
		l->entries[l->matched].matches = matches(l->what, l->entries[l->matched].name);
	}
	return true;
}

static bool is_selected(const struct imap_list *what, const struct entry *x)
{
	if ((what->select & LIST_SUBSCRIBED) && !x->subscribed)
		return false;
	if ((what->select & LIST_SPECIAL_USE) &&
	    (!x->box || mailbox_role_attribute(x->box->role).n == 0))
		return false;
	/* Names without a mailbox are of interest only to who asked for subscriptions. */
	return x->box || (what->select & LIST_SUBSCRIBED);
}

static bool is_below(struct str name, struct str parent)
{
	return name.n > parent.n && name.p[parent.n] == '/' && str_starts(name, parent);
}

/* Does something below entry i meet the selection, while it is not itself listed by the
 * pattern? That is what RECURSIVEMATCH asks for (RFC 5258 3.1). */
static bool child_selected(const struct imap_list *what, const struct listing *l, size_t i)
{
	for (size_t k = i + 1; k < l->n && str_starts(l->entries[k].name, l->entries[i].name); k++)
		if (is_below(l->entries[k].name, l->entries[i].name) &&
		    is_selected(what, &l->entries[k]) && !l->entries[k].matches)
			return true;
	return false;
}

static void attribute(struct buf *out, struct str name)
{
	if (out->p[out->n - 1] != '(')
		buf_byte(out, ' ');
	buf_put(out, name);
}

static void list_name_put(struct imap *s, struct str name)
{
	buf_put(imap_out(s), STR(") \"/\" "));
	imap_put_mailbox(imap_out(s), name, imap_utf8(s));
}

static void list_put(struct imap *s, const struct imap_list *what, const struct entry *x,
                     bool child)
{
	struct buf *out = imap_out(s);

	buf_put(out, STR("* LIST ("));
	if (!x->box)
		attribute(out, STR("\\NonExistent"));
	if (x->subscribed && ((what->select | what->returns) & LIST_SUBSCRIBED))
		attribute(out, STR("\\Subscribed"));
	if (x->box) { /* told in any case (RFC 3348, RFC 6154 2) */
		attribute(out, x->has_children ? STR("\\HasChildren") : STR("\\HasNoChildren"));
		if (mailbox_role_attribute(x->box->role).n)
			attribute(out, mailbox_role_attribute(x->box->role));
	}
	list_name_put(s, x->name);
	if (child) { /* the criteria that it was chosen by (RFC 5258 3.5, RFC 6154 2) */
		buf_put(out, STR(" (CHILDINFO ("));
		if (what->select & LIST_SUBSCRIBED)
			buf_put(out, STR("\"SUBSCRIBED\""));
		if (what->select & LIST_SPECIAL_USE)
			buf_put(out, what->select & LIST_SUBSCRIBED ? STR(" \"SPECIAL-USE\"")
			                                            : STR("\"SPECIAL-USE\""));
		buf_put(out, STR("))"));
	}
	buf_put(out, STR("\r\n"));
	if (x->box && (what->returns & LIST_STATUS))
		imap_status_put(s, x->name, what->status, x->box, x->recent);
}

/* LIST "" "" asks for the delimiter and the root (RFC 9051 6.3.9). */
static bool asks_delimiter(const struct imap_list *what)
{
	return !what->extended && what->patterns.n == 1 && what->patterns.items[0].n == 0;
}

/* Read all names, then have answer tell those that are asked for. */
static enum done listing_begin(struct imap *s, const struct imap_list *what,
                               enum done (*answer)(struct imap *s))
{
	struct listing *l = arena_new(&s->run.arena, struct listing);
	enum err e;

	l->arena = &s->run.arena;
	l->what = what;
	l->recents = what->status & STATUS_RECENT;
	e = imap_read(s, listing_read, l);
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

static bool is_entry(const struct listing *l, struct str name)
{
	struct entry key = { .name = name };

	return bsearch(&key, l->entries, l->n, sizeof(key), entry_order) != NULL;
}

/* A subscription without a mailbox may lie below names that are nothing at all, and
 * RECURSIVEMATCH wants those told, each once (RFC 5258 3.5). */
static void list_parents(struct imap *s, struct listing *l, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct entry parent = { .name = str_sub(name, 0, i) };

		if (name.p[i] == '/' && !is_below(l->before, parent.name) &&
		    matches(l->what, parent.name) && !is_entry(l, parent.name))
			list_put(s, l->what, &parent, true);
	}
	l->before = name;
}

static enum done list_answer(struct imap *s)
{
	struct listing *l = s->run.task;

	if (!listing_match(s, l))
		return DONE_LATER;
	for (; l->next < l->n; l->next++) {
		const struct entry *x = &l->entries[l->next];
		bool child;

		if (listing_pauses(s, l))
			return DONE_LATER;
		if (!x->matches) {
			if ((l->what->select & LIST_RECURSIVEMATCH) && !x->box &&
			    is_selected(l->what, x))
				list_parents(s, l, x->name);
			continue;
		}
		child = (l->what->select & LIST_RECURSIVEMATCH) &&
		        child_selected(l->what, l, l->next);
		if (is_selected(l->what, x) || child)
			list_put(s, l->what, x, child);
	}
	return DONE;
}

enum done imap_cmd_list(struct imap *s, union imap_args *args)
{
	if (!asks_delimiter(&args->list))
		return listing_begin(s, &args->list, list_answer);
	buf_put(imap_out(s), STR("* LIST (\\Noselect"));
	list_name_put(s, STR_EMPTY);
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* --- LSUB ----------------------------------------------------------------------------- */

static void lsub_put(struct imap *s, const char *attributes, struct str name)
{
	buf_put(imap_out(s), STR("* LSUB ("));
	buf_put(imap_out(s), str_of(attributes));
	list_name_put(s, name);
	buf_put(imap_out(s), STR("\r\n"));
}

static bool is_subscribed(const struct listing *l, struct str name)
{
	struct entry key = { .name = name };
	const struct entry *x = bsearch(&key, l->entries, l->n, sizeof(key), entry_order);

	return x && x->subscribed;
}

/* With "%", a name whose children are subscribed is listed although it is not, so that the
 * client sees there is something below (RFC 3501 6.3.9). Each once: the subscribed name
 * before this one lay below the same parents. */
static void lsub_parents(struct imap *s, const struct listing *l, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct str parent = str_sub(name, 0, i);

		if (name.p[i] == '/' && !is_below(l->before, parent) && matches(l->what, parent) &&
		    !is_subscribed(l, parent))
			lsub_put(s, "\\Noselect", parent);
	}
}

static enum done lsub_answer(struct imap *s)
{
	struct listing *l = s->run.task;

	if (!listing_match(s, l))
		return DONE_LATER;
	for (; l->next < l->n; l->next++) {
		const struct entry *x = &l->entries[l->next];

		if (listing_pauses(s, l))
			return DONE_LATER;
		if (!x->subscribed)
			continue;
		if (x->matches)
			lsub_put(s, "", x->name);
		else
			lsub_parents(s, l, x->name);
		l->before = x->name;
	}
	return DONE;
}

enum done imap_cmd_lsub(struct imap *s, union imap_args *args)
{
	if (!asks_delimiter(&args->list))
		return listing_begin(s, &args->list, lsub_answer);
	lsub_put(s, "\\Noselect", STR_EMPTY);
	imap_ok(s, NULL, NULL);
	return DONE;
}
