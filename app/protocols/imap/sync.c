/* protocols/imap/sync.c: sends changes to the client, see sync.h. */
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/mailboxes/rights.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/mailbox_changes.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/recent.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/search/context_fetch.h"
#include "protocols/imap/session.h"
#include "protocols/imap/sync.h"

enum { EXPUNGES = 1000 }; /* in one portion: their lines fill the output of conn.h once */

/* Put members of x below end that are not in y into out; x and y are resolved. */
static void set_minus(const struct imap_seq *x, uint32_t end, const struct imap_seq *y,
                      struct uids *out)
{
	for (size_t i = 0; i < x->n; i++) {
		uint32_t lo = x->ranges[i].lo, hi = MIN(x->ranges[i].hi, end - 1);
		struct imap_seq_range cut;

		while (lo <= hi && imap_seq_next(y, lo, &cut) && cut.lo <= hi) {
			if (cut.lo > lo)
				uids_add(out, lo, cut.lo - 1);
			lo = cut.hi + 1;
			if (cut.hi >= hi)
				lo = hi + 1;
		}
		if (lo <= hi)
			uids_add(out, lo, hi);
	}
}

void imap_sync_own(struct imap *s, uint64_t modseq)
{
	struct imap_selected *sel = &s->selected;

	sel->own_modseq[sel->own_n++ % COUNT(sel->own_modseq)] = modseq;
}

static void tell_expunge(uint32_t seq, void *arg)
{
	struct buf *out = imap_out(arg);

	buf_put(out, STR("* "));
	buf_u64(out, seq);
	buf_put(out, STR(" EXPUNGE\r\n"));
}

/* Add fresh to the pending UIDs, except those in without and from end on. */
static void pend(struct news *n, struct imap_seq *fresh, uint32_t end,
                 const struct imap_seq *without, struct uids *waiting)
{
	if (fresh->n == 0 && (waiting->n == 0 || without->n == 0))
		return;
	for (size_t i = 0; i < waiting->n; i++)
		imap_seq_add(&n->arena, fresh, waiting->ranges[i].lo, waiting->ranges[i].hi);
	imap_seq_resolve(fresh, 0);
	uids_reset(waiting);
	set_minus(fresh, end, without, waiting);
}

/* Move the greatest of from, at most max, to out, which is empty. */
static void take_last(struct uids *from, uint32_t max, struct uids *out)
{
	uint32_t n = 0, spare;
	size_t i = from->n;

	while (i > 0 && n < max) {
		i--;
		n += from->ranges[i].hi - from->ranges[i].lo + 1;
	}
	spare = n > max ? n - max : 0; /* so many of the first range stay */
	for (size_t k = i; k < from->n; k++)
		uids_add(out, from->ranges[k].lo + (k == i ? spare : 0), from->ranges[k].hi);
	from->n = i + (spare != 0);
	from->count -= n - spare;
	if (spare)
		from->ranges[i].hi = from->ranges[i].lo + spare - 1;
}

/* Remove expunged messages from the end of the view: EXPUNGE has numbers as of the
 * removal of all greater ones. */
static void tell_gone(struct imap *s)
{
	struct imap_selected *sel = &s->selected;
	bool vanished = imap_tells_vanished(s);
	struct uids some = { 0 };

	take_last(&sel->gone, EXPUNGES, &some);
	view_remove(&sel->view, &some, vanished ? NULL : tell_expunge, s);
	if (vanished)
		imap_vanished_put(imap_out(s), &some, false);
	imap_recent_gone(s, &some);
	sel->modseqs.vanished |= vanished;
	uids_deinit(&some);
	if (sel->gone.n == 0)
		uids_deinit(&sel->gone);
}

/* Write some pending changes of contexts: for expunges, whose numbers are valid only
 * before the removal (RFC 5267 4.3.4), or all. False: some are left. After an error of
 * the store the next sync continues. */
static bool contexts_written(struct imap *s, bool gone)
{
	if (!imap_contexts_waiting(s, gone))
		return true;
	if (imap_contexts_tell(s) == OK)
		return !imap_contexts_waiting(s, gone);
	atomic_store(&s->watched.changed, true);
	return true;
}

/* RFC 3501 7.3.2 */
static void recent_put(struct imap *s)
{
	struct imap_recent *r = &s->selected.recent;

	r->reported = r->n;
	if (!imap_rev2(s))
		buf_fmt(imap_out(s), "* %" PRIu32 " RECENT\r\n", r->n);
}

static void apply_came(struct imap *s, struct news *n)
{
	struct imap_selected *sel = &s->selected;
	struct uids fresh = { 0 };
	uint32_t uidnext;

	if (n->came.n == 0)
		return;
	imap_seq_resolve(&n->came, 0);
	uidnext = n->came.ranges[n->came.n - 1].hi + 1;
	set_minus(&n->came, uidnext, &n->gone, &fresh);
	if (sel->view.known) {
		for (size_t i = 0; i < fresh.n; i++)
			view_add(&sel->view, fresh.ranges[i].lo, fresh.ranges[i].hi);
		sel->view.uidnext = MAX(sel->view.uidnext, uidnext);
	} else {
		view_grow(&sel->view, fresh.count, uidnext);
	}
	if (fresh.count) {
		imap_recent_came(s, &fresh, n->unclaimed);
		sel->modseqs.came = true;
		buf_fmt(imap_out(s), "* %" PRIu32 " EXISTS\r\n", sel->view.exists);
		recent_put(s);
	}
	uids_reset(&fresh);
	imap_seq_resolve(&n->added_here, 0);
	set_minus(&n->came, uidnext, &n->added_here, &fresh);
	imap_notify_came(s, &fresh);
	uids_deinit(&fresh);
}

/* Does a set include messages known to the client? Then the view must be known. */
static bool about_known(const struct imap_seq *set, uint32_t uidnext)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->ranges[i].lo < uidnext)
			return true;
	return false;
}

/* The changes can no longer be determined, or are not for this client; or the store
 * failed temporarily: then the next sync reads them again. */
static enum written sync_failed(struct imap *s, enum err e)
{
	if (e == ERR_CONFLICT) {
		(void)imap_bye(s, "Too many changes, please reconnect");
		return WRITTEN_END;
	}
	if (e == ERR_DENIED || e == ERR_MISSING) { /* RFC 4314 5.1.1 */
		(void)imap_bye(s, "You may no longer read the selected mailbox");
		return WRITTEN_END;
	}
	atomic_store(&s->watched.changed, true);
	return WRITTEN_ALL;
}

/* Take over the log's changes: pending UIDs and new messages. */
static enum written sync_take(struct imap *s, struct news *n, bool all)
{
	struct imap_selected *sel = &s->selected;
	static const struct imap_seq nothing = { 0 };
	uint32_t end = sel->view.uidnext;
	enum err e = OK;

	if (n->deleted) {
		(void)imap_bye(s, "The selected mailbox was deleted");
		return WRITTEN_END;
	}
	if ((e = imap_rights_again(s)))
		return sync_failed(s, e);
	if (about_known(&n->gone, end) || about_known(&n->flagged, end))
		e = imap_view_load(s);
	if (e)
		return sync_failed(s, e);
	sel->modseq = n->modseq;
	if (sel->gone.n == 0)
		sel->modseqs.before_gone = sel->modseqs.highest;
	sel->modseqs.highest = MAX(sel->modseqs.highest, n->highest);
	imap_contexts_take(s, n);
	imap_seq_resolve(&n->gone, 0);
	if (!imap_notify_flags(s))
		n->flagged.n = 0;
	pend(n, &n->flagged, end, &n->gone, &sel->flagged);
	pend(n, &n->gone, end, &nothing, &sel->gone);
	/* Some expunges before new messages, in the usual order. */
	if (all && sel->gone.n && contexts_written(s, true))
		tell_gone(s);
	apply_came(s, n);
	return WRITTEN_ALL;
}

/* Write pending changes until the output is full. */
static enum written sync_tell(struct imap *s, bool all)
{
	struct imap_selected *sel = &s->selected;

	while ((all && sel->gone.n) || sel->flagged.n) {
		if (conn_out_full(s->conn) || !contexts_written(s, true))
			return WRITTEN_SOME;
		if (all && sel->gone.n)
			tell_gone(s);
		else
			imap_fetch_flags(s, &sel->flagged);
	}
	if (!contexts_written(s, false))
		return WRITTEN_SOME;
	if (sel->recent.n != sel->recent.reported)
		recent_put(s);
	uids_deinit(&sel->flagged); /* idle sessions should hold no memory */
	return conn_broken(s->conn) ? WRITTEN_END : WRITTEN_ALL;
}

/* Has the client a newer modseq than the last sync? A commit is visible before its
 * announcement, and a client with a modseq must have all changes before it (RFC 7162
 * 3.2). */
static bool is_behind(const struct imap *s)
{
	return s->selected.modseqs.fetched > s->selected.modseq;
}

enum written imap_sync(struct imap *s, bool all)
{
	enum written written = imap_contexts_fetch(s);

	if (written != WRITTEN_ALL)
		return written;
	if (atomic_exchange(&s->watched.keys, false)) /* RFC 4467 6.3 RESETKEY */
		buf_put(imap_out(s), STR("* OK [URLMECH INTERNAL] "
		                         "Earlier URLs are no longer valid\r\n"));
	do {
		written = WRITTEN_ALL;
		if (atomic_exchange(&s->watched.changed, false) || is_behind(s)) {
			struct news n = { .modseq = 0 };
			enum err e = imap_news_read(s, &n);

			written = e ? sync_failed(s, e) : sync_take(s, &n, all);
			arena_deinit(&n.arena);
			if (e)
				return written;
		}
		if (written == WRITTEN_ALL)
			written = sync_tell(s, all); /* it may see newer changes */
	} while (written == WRITTEN_ALL && is_behind(s));
	return written;
}
