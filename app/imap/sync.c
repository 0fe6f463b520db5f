/* imap/sync.c: telling the client what changed, see sync.h. */
#include "imap/sync.h"
#include "imap/fetch.h"
#include "imap/session.h"
#include "imap/store.h"
#include "mailbox/changes.h"

/* Members of x below end that are not in y, both resolved, to out. */
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

struct sync {
	struct imap *s;
	struct arena arena;
	struct imap_seq came, gone, flagged;
	uint64_t modseq;
	bool deleted;
};

static bool is_own(const struct imap_selected *sel, uint64_t modseq)
{
	for (size_t i = 0; i < COUNT(sel->own_modseq); i++)
		if (sel->own_modseq[i] == modseq)
			return true;
	return false;
}

void imap_sync_own(struct imap *s, uint64_t modseq)
{
	struct imap_selected *sel = &s->selected;

	sel->own_modseq[sel->own_n++ % COUNT(sel->own_modseq)] = modseq;
}

static bool sync_change(const struct change *c, void *arg)
{
	struct sync *y = arg;
	uint32_t hi = c->uid + c->count - 1;

	switch (c->kind) {
	case CHANGE_APPEARED:
		imap_seq_add(&y->arena, &y->came, c->uid, hi);
		break;
	case CHANGE_VANISHED:
		imap_seq_add(&y->arena, &y->gone, c->uid, hi);
		break;
	case CHANGE_FLAGS:
		if (!is_own(&y->s->selected, c->modseq))
			imap_seq_add(&y->arena, &y->flagged, c->uid, hi);
		break;
	case CHANGE_MAILBOX_DELETED:
		y->deleted = true;
		break;
	default:
		break;
	}
	return true;
}

static enum err sync_read(const struct mail_txn *m, void *arg)
{
	struct sync *y = arg;
	enum err e;

	y->came = y->gone = y->flagged = (struct imap_seq){ 0 };
	y->deleted = false;
	e = changes_since(m, y->s->selected.id, y->s->selected.modseq, sync_change, y);
	return e ? e : mail_modseq(m, &y->modseq);
}

uint32_t imap_recent(const struct imap *s)
{
	const struct imap_selected *sel = &s->selected;
	uint32_t uid = sel->first_recent, run_hi;

	if (!sel->view.known)
		return sel->recent;
	if (!view_next(&sel->view, &uid, UINT32_MAX, &run_hi))
		return 0;
	return sel->view.exists - view_seq(&sel->view, uid) + 1;
}

static void tell_expunge(uint32_t seq, void *arg)
{
	struct imap *s = arg;

	buf_put(imap_out(s), STR("* "));
	buf_u64(imap_out(s), seq);
	buf_put(imap_out(s), STR(" EXPUNGE\r\n"));
	(void)conn_flush_full(s->conn); /* the caller looks at conn_broken */
}

/* What has vanished joins selected.gone and leaves the view now, or later. */
static void apply_gone(struct sync *y, bool all)
{
	struct imap_selected *sel = &y->s->selected;
	static const struct imap_seq nothing = { 0 };

	if (y->gone.n) {
		for (size_t i = 0; i < sel->gone.n; i++)
			imap_seq_add(&y->arena, &y->gone, sel->gone.ranges[i].lo,
			             sel->gone.ranges[i].hi);
		imap_seq_resolve(&y->gone, 0);
		uids_reset(&sel->gone);
		set_minus(&y->gone, sel->view.uidnext, &nothing, &sel->gone);
	}
	if (!all || sel->gone.n == 0)
		return;
	view_remove(&sel->view, &sel->gone, tell_expunge, y->s);
	uids_deinit(&sel->gone);
}

static void apply_came(struct sync *y)
{
	struct imap_selected *sel = &y->s->selected;
	struct uids fresh = { 0 };
	uint32_t uidnext;

	if (y->came.n == 0)
		return;
	imap_seq_resolve(&y->came, 0);
	uidnext = y->came.ranges[y->came.n - 1].hi + 1;
	set_minus(&y->came, uidnext, &y->gone, &fresh);
	if (sel->view.known) {
		for (size_t i = 0; i < fresh.n; i++)
			view_add(&sel->view, fresh.ranges[i].lo, fresh.ranges[i].hi);
		sel->view.uidnext = MAX(sel->view.uidnext, uidnext);
	} else {
		view_grow(&sel->view, fresh.count, uidnext);
		sel->recent += fresh.count;
	}
	if (fresh.count) {
		buf_fmt(imap_out(y->s), "* %" PRIu32 " EXISTS\r\n", sel->view.exists);
		buf_fmt(imap_out(y->s), "* %" PRIu32 " RECENT\r\n", imap_recent(y->s));
	}
	uids_deinit(&fresh);
}

/* Flags of messages that the client knew before. */
static bool apply_flagged(struct sync *y, uint32_t known_end)
{
	struct uids uids = { 0 };
	bool ok = true;

	if (y->flagged.n == 0)
		return true;
	imap_seq_resolve(&y->flagged, 0);
	set_minus(&y->flagged, known_end, &y->gone, &uids);
	if (uids.n)
		ok = imap_fetch_flags(y->s, &uids);
	uids_deinit(&uids);
	return ok;
}

/* Is something of a set about messages that the client knows? Then numbers are needed. */
static bool about_known(const struct imap_seq *set, uint32_t uidnext)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->ranges[i].lo < uidnext)
			return true;
	return false;
}

/* The log no longer reaches back to our view, or the store failed for now: then the next
 * sync will find the same changes. */
static bool sync_failed(struct imap *s, enum err e)
{
	if (e == ERR_MISSING || e == ERR_CONFLICT) {
		(void)imap_bye(s, "Too much has changed, please connect again");
		return false;
	}
	atomic_store(&s->watched.changed, true);
	return true;
}

static bool sync_apply(struct sync *y, bool all)
{
	struct imap_selected *sel = &y->s->selected;
	uint32_t end = sel->view.uidnext;
	enum err e = OK;

	if (y->deleted) {
		(void)imap_bye(y->s, "The selected mailbox was deleted");
		return false;
	}
	if (about_known(&y->gone, end) || about_known(&y->flagged, end))
		e = imap_view_load(y->s);
	if (e)
		return sync_failed(y->s, e);
	sel->modseq = y->modseq;
	imap_seq_resolve(&y->gone, 0);
	apply_gone(y, all);
	apply_came(y);
	return apply_flagged(y, end) && !conn_broken(y->s->conn);
}

bool imap_sync(struct imap *s, bool all)
{
	struct sync y = { .s = s };
	enum err e;
	bool ok;

	if (!atomic_exchange(&s->watched.changed, false) && !(all && s->selected.gone.n))
		return true;
	e = imap_read(s, sync_read, &y);
	ok = e ? sync_failed(s, e) : sync_apply(&y, all);
	arena_deinit(&y.arena);
	return ok;
}
