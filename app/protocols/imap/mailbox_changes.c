/* protocols/imap/mailbox_changes.c: see mailbox_changes.h. */
#include "model/mailbox/changes.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "protocols/imap/mailbox_changes.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct reading {
	const struct imap *s;
	const struct imap_selected *sel;
	struct news *news;
};

static bool is_own(const struct imap_selected *sel, uint64_t modseq)
{
	for (size_t i = 0; i < COUNT(sel->own_modseq); i++)
		if (sel->own_modseq[i] == modseq)
			return true;
	return false;
}

/* --- from the log ---------------------------------------------------------------------- */

/* Another user's own \Seen changes no flag of ours, but the modseq: a client with
 * CONDSTORE must have the last one for UNCHANGEDSINCE (RFC 7162 3.1.3). */
static bool is_reported(const struct reading *r, const struct change *c)
{
	bool ours = c->kind == CHANGE_FLAGS || c->who == r->s->login.login.account ||
	            imap_enabled(r->s, ENABLED_CONDSTORE);

	return ours && !is_own(r->sel, c->modseq);
}

static bool take_change(const struct change *c, void *arg)
{
	struct reading *r = arg;
	struct news *n = r->news;
	uint32_t hi = c->uid + c->count - 1;

	if (c->count)
		n->highest = c->modseq;
	switch (c->kind) {
	case CHANGE_APPEARED:
		imap_seq_add(&n->arena, &n->came, c->uid, hi);
		if (imap_own_has(r->s, r->sel->account, c->modseq))
			imap_seq_add(&n->arena, &n->added_here, c->uid, hi);
		break;
	case CHANGE_VANISHED:
		imap_seq_add(&n->arena, &n->gone, c->uid, hi);
		break;
	case CHANGE_FLAGS:
	case CHANGE_SEEN:
		imap_seq_add(&n->arena, is_reported(r, c) ? &n->flagged : &n->own, c->uid, hi);
		break;
	case CHANGE_MAILBOX_DELETED:
		n->deleted = true;
		break;
	default:
		break;
	}
	return true;
}

static enum err read_log(const struct mail_txn *m, void *arg)
{
	struct reading *r = arg;
	struct mailbox box = { .first_recent_uid = 1 };
	enum err e = changes_since(m, r->sel->id, r->sel->modseq, take_change, r);

	if (!e && r->news->came.n && !r->news->deleted)
		e = mailbox_get(m, r->sel->id, &box);
	if (e)
		return e;
	r->news->unclaimed = box.first_recent_uid;
	return mail_modseq(m, &r->news->modseq);
}

/* --- from the mailbox ------------------------------------------------------------------ */

/* UIDs of the view in lo to hi no longer exist. */
static void take_gone(struct reading *r, uint32_t lo, uint32_t hi)
{
	uint32_t run_hi;

	while (lo <= hi && view_next(&r->sel->view, &lo, hi, &run_hi)) {
		imap_seq_add(&r->news->arena, &r->news->gone, lo, run_hi);
		lo = run_hi + 1;
	}
}

static void take_row(struct reading *r, const struct email_row *row)
{
	struct news *n = r->news;

	if (row->uid >= r->sel->view.uidnext)
		imap_seq_append(&n->arena, &n->came, row->uid);
	else if (row->modseq > r->sel->modseq)
		imap_seq_append(&n->arena, is_own(r->sel, row->modseq) ? &n->own : &n->flagged,
		                row->uid);
}

static enum err compare_rows(const struct mail_txn *m, struct reading *r)
{
	uint32_t end = r->sel->view.uidnext, next = 1;
	struct email_rows rows;
	struct email_row row;

	email_rows_init(&rows, m, r->sel->id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		take_gone(r, next, MIN(row.uid, end) - 1);
		next = row.uid + 1;
		take_row(r, &row);
	}
	take_gone(r, next, end - 1);
	return email_rows_end(&rows);
}

static enum err news_compare(const struct mail_txn *m, void *arg)
{
	struct reading *r = arg;
	struct mailbox box;
	enum err e = mailbox_get(m, r->sel->id, &box);

	if (e == ERR_MISSING) {
		r->news->deleted = true;
		return OK;
	}
	if (e || (e = compare_rows(m, r)))
		return e;
	r->news->highest = box.modseq;
	r->news->unclaimed = box.first_recent_uid;
	return mail_modseq(m, &r->news->modseq);
}

enum err imap_news_read(struct imap *s, struct news *n)
{
	struct reading r = { s, &s->selected, n };
	enum err e = imap_read(s, read_log, &r);

	if (e != ERR_MISSING)
		return e;
	if ((e = imap_view_load(s)))
		return e;
	return imap_read(s, news_compare, &r);
}
