/* model/mailbox/email/email_flags.c: changing the flags of emails. */
#include "model/mailbox/edit.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/row_walk.h"
#include "model/store/store.h"

/* Rows are read in groups before they are written: after each write the walk would have to search
 * its position again. */
enum { ROWS_AT_ONCE = 256 };

static struct flags flags_after(enum flags_op op, struct flags was, struct flags arg)
{
	switch (op) {
	case FLAGS_ADD:
		return flags_or(was, arg);
	case FLAGS_REMOVE:
		return flags_minus(was, arg);
	case FLAGS_SET:
		break;
	}
	return arg;
}

/* may: the flags that may be changed; the others stay as they are. */
static enum err row_store(struct edit *ed, struct edit_box *b, const struct email_store *what,
                          struct flags may, struct email_row *row, struct email_stored *out)
{
	struct flags was = row->flags, flags;
	enum err e = own_seen_show(&b->seen, row->uid, &was);

	flags = flags_or(flags_and(flags_after(what->op, was, what->flags), may),
	                 flags_minus(was, may));

	if (e)
		return e;
	/* RFC 7162 3.1.3: also when the flags would not change. */
	if (row->modseq > what->unchanged_since) {
		uids_add(&out->modified, row->uid, row->uid);
		return OK;
	}
	if (flags_eq(flags, was))
		return OK;
	uids_add(&out->changed, row->uid, row->uid);
	out->flags = flags_or(out->flags, flags_minus(flags_or(flags, was), flags_and(flags, was)));
	return edit_row_request(ed, b, row, was, flags);
}

static enum err rows_store(struct edit *ed, const struct email_store *what, struct flags may,
                           struct email_stored *out)
{
	struct edit_box *b;
	struct row_walk walk;
	struct email_row rows[ROWS_AT_ONCE];
	enum err e, walked;
	size_t n;

	if ((e = edit_box(ed, what->mailbox, &b)))
		return e;
	row_walk_init(&walk, ed->m, what->mailbox, what->uids, b->box.uidnext);
	do {
		for (n = 0; n < ROWS_AT_ONCE && row_walk_next(&walk, &rows[n]);)
			n++;
		for (size_t i = 0; i < n && !e; i++)
			e = row_store(ed, b, what, may, &rows[i], out);
	} while (!e && n == ROWS_AT_ONCE);
	walked = row_walk_end(&walk);
	return e ? e : walked;
}

/* RFC 4314 4: fails only when none of the flags may be changed. */
static enum err flags_may(const struct mail_txn *m, const struct email_store *what,
                          struct flags *may)
{
	bool all = what->op == FLAGS_SET || flags_empty(what->flags);
	unsigned rights;
	enum err e = rights_get(m, what->mailbox, &rights);

	*may = rights_flags(rights);
	if (e || !flags_empty(all ? *may : flags_and(*may, what->flags)))
		return e;
	if (!(rights & (RIGHT_LOOKUP | RIGHT_READ)))
		return rights_need(m, what->mailbox, RIGHT_LOOKUP);
	return fail(txn_why(m->t), ERR_DENIED, "you may not change these flags here");
}

enum err email_flags_store(const struct mail_txn *m, const struct email_store *what,
                           struct email_stored *out)
{
	struct flags may;
	struct edit ed;
	enum err e;

	uids_reset(&out->changed);
	uids_reset(&out->modified);
	out->flags = FLAGS(0);
	if ((e = flags_may(m, what, &may)))
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = rows_store(&ed, what, may, out)))
		goto out;
	e = edit_commit(&ed);
	out->modseq = ed.state.modseq;
out:
	edit_end(&ed);
	return e;
}

void email_stored_deinit(struct email_stored *s)
{
	uids_deinit(&s->changed);
	uids_deinit(&s->modified);
}
