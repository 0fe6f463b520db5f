/* model/mailbox/email/email_expunge.c: removing rows, and emails with their last row. */
#include "model/mailbox/edit.h"
#include "model/mailbox/pending_deletion.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/row_walk.h"

static enum err row_expunge(struct edit *ed, struct edit_box *b, const struct email_row *row)
{
	enum err e = edit_row_remove(ed, b, row);

	return e ? e : edit_email_drop(ed, row);
}

enum err edit_rows_expunge(struct edit *ed, struct edit_box *b, const struct email_expunge *what,
                           struct uids *gone)
{
	struct row_walk walk;
	struct email_row row;
	enum err e = OK, walked;

	if (what->deleted_only && b->box.deleted == 0)
		return OK;
	row_walk_init(&walk, ed->m, what->mailbox, what->uids, b->box.uidnext);
	while (!e && row_walk_next(&walk, &row)) {
		if (what->deleted_only && !flags_has(row.flags, FLAG_DELETED))
			continue;
		e = row_expunge(ed, b, &row);
		if (gone)
			uids_add(gone, row.uid, row.uid);
	}
	walked = row_walk_end(&walk);
	return e ? e : walked;
}

enum err email_expunge(const struct mail_txn *m, const struct email_expunge *what,
                       struct uids *gone, uint64_t *modseq)
{
	struct edit ed;
	struct edit_box *b;
	enum err e;

	uids_reset(gone);
	if ((e = rights_need(m, what->mailbox, RIGHT_EXPUNGE)))
		return e;
	if ((e = pending_deletion_purge(m))) /* of earlier expunges; usually empty */
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, what->mailbox, &b)))
		goto out;
	if ((e = edit_rows_expunge(&ed, b, what, gone)))
		goto out;
	e = edit_commit(&ed);
	if (modseq)
		*modseq = ed.state.modseq;
out:
	edit_end(&ed);
	return e;
}
