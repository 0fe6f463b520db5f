/* protocols/imap/resync.c: see resync.h. */
#include "model/mailbox/changes.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/resync.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct resync {
	const struct imap_selected *sel;
	uint64_t since;
	struct arena arena;
	bool none;      /* nothing has changed               */
	bool forgotten; /* the log no longer has the changes */
	struct imap_seq changed, gone;
	struct uids *uids;
};

static bool take_change(const struct change *c, void *arg)
{
	struct resync *r = arg;

	if (c->count)
		imap_seq_add(&r->arena, c->kind == CHANGE_VANISHED ? &r->gone : &r->changed, c->uid,
		             c->uid + c->count - 1);
	return true;
}

/* Reduce u to set. */
static void uids_cut(struct uids *u, const struct imap_seq *set)
{
	struct uids rest = { 0 };
	struct imap_seq_range cut;

	for (size_t i = 0; i < u->n; i++) {
		uint32_t lo = u->ranges[i].lo, hi = u->ranges[i].hi;

		while (imap_seq_next(set, lo, &cut) && cut.lo <= hi) {
			uids_add(&rest, cut.lo, MIN(cut.hi, hi));
			if (cut.hi >= hi)
				break;
			lo = cut.hi + 1;
		}
	}
	uids_deinit(u);
	*u = rest;
}

/* Check the rows: a range in the log may stem from an older change. */
static enum err rows_cut(const struct mail_txn *m, struct resync *r)
{
	struct uids rest = { 0 };
	enum err e = OK;

	for (size_t i = 0; i < r->uids->n && !e; i++) {
		struct uid_range range = r->uids->ranges[i];
		struct email_rows rows;
		struct email_row row;

		email_rows_init(&rows, m, r->sel->id, range.lo, range.hi);
		while (email_rows_next(&rows, &row))
			if (row.modseq > r->since)
				uids_add(&rest, row.uid, row.uid);
		e = email_rows_end(&rows);
	}
	uids_deinit(r->uids);
	*r->uids = rest;
	return e;
}

static enum err resync_read(const struct mail_txn *m, void *arg)
{
	struct resync *r = arg;
	struct mailbox box;
	enum err e = mailbox_get(m, r->sel->id, &box);

	if (e)
		return e;
	r->none = box.modseq <= r->since;
	if (r->none) {
		uids_reset(r->uids);
		return OK;
	}
	e = changes_since(m, r->sel->id, r->since, take_change, r);
	r->forgotten = e == ERR_MISSING;
	if (e && !r->forgotten)
		return e;
	imap_seq_resolve(&r->changed, 0);
	imap_seq_resolve(&r->gone, 0);
	if (!r->forgotten)
		uids_cut(r->uids, &r->changed);
	return rows_cut(m, r);
}

/* UIDs of the client that are not in the view. Those expunged just now are still in the
 * view: sync reports them. */
static void find_vanished(struct resync *r, const struct imap_seq *known, struct uids *vanished)
{
	struct uids missing = { 0 };

	if (r->none)
		return;
	view_missing(&r->sel->view, known, &missing);
	if (!r->forgotten)
		uids_cut(&missing, &r->gone);
	*vanished = missing;
}

enum err imap_changed_since(struct imap *s, uint64_t since, const struct imap_seq *known,
                            struct uids *uids, struct uids *vanished)
{
	struct resync r = { .sel = &s->selected, .since = since, .uids = uids };
	enum err e = imap_read(s, resync_read, &r);

	if (!e && known)
		find_vanished(&r, known, vanished);
	arena_deinit(&r.arena);
	return e;
}

/* --- SELECT (QRESYNC ...) -------------------------------------------------------------- */

/* Iterates over the numbers of a set. */
struct walk {
	const struct imap_seq *set;
	size_t i; /* range of the last number returned; 0 before the first one */
	uint32_t number;
};

static bool walk_next(struct walk *w)
{
	if (w->number != 0 && w->number < w->set->ranges[w->i].hi) {
		w->number++;
		return true;
	}
	w->i += w->number != 0;
	if (w->i >= w->set->n)
		return false;
	w->number = w->set->ranges[w->i].lo;
	return true;
}

/* RFC 7162 3.2.5.2: the highest UID up to which the client knows all expunges, because
 * its sequence number still matches; 0: none. Costs the messages, for any number of
 * pairs. */
static uint32_t known_up_to(const struct view *v, const struct imap_select *what)
{
	struct walk number = { .set = &what->match }, uid = { .set = &what->match_uids };
	uint32_t known = 0;

	while (walk_next(&number) && walk_next(&uid) && number.number <= v->exists)
		if (view_uid(v, number.number) == uid.number)
			known = uid.number;
	return known;
}

/* The client knows of vanished messages up to uid. */
static void drop_known(struct uids *vanished, uint32_t uid)
{
	struct imap_seq_range behind = { uid + 1, UINT32_MAX };
	struct imap_seq set = { .ranges = &behind, .n = 1 };

	if (uid)
		uids_cut(vanished, &set);
}

enum done imap_resync(struct imap *s, struct imap_select *what)
{
	struct imap_selected *sel = &s->selected;
	struct imap_fetch *fetch = arena_new(&s->run.arena, struct imap_fetch);
	struct imap_fetching_of of = { .what = fetch, .uid = true, .done = true };
	struct imap_seq_range all = { 1, sel->view.uidnext - 1 };
	struct imap_seq known = { .ranges = &all, .n = all.hi >= all.lo };
	enum err e;

	/* The name belongs to another mailbox by now (RFC 7162 3.2.5). */
	if (what->uidvalidity != sel->uidvalidity)
		return DONE;
	if (what->has_known)
		known = what->known;
	fetch->items = FETCH_FLAGS | FETCH_MODSEQ;
	e = imap_view_load(s);
	if (!e) {
		(void)view_select(&sel->view, &known, true, &of.uids);
		e = imap_changed_since(s, what->modseq, &known, &of.uids, &of.vanished);
	}
	if (e) {
		uids_deinit(&of.uids);
		imap_deselect(s);
		imap_failed(s, ABOUT_ANY, e == ERR_CONFLICT ? ERR_RETRY : e, NULL);
		return DONE;
	}
	drop_known(&of.vanished, known_up_to(&sel->view, what));
	return imap_fetch_begin(s, &of);
}
