/* model/mailbox/email/email_copy.c: emails from one mailbox into another. A copy is another
 * placement of the same email. */
#include "foundation/config/limits.h"
#include "model/mailbox/email/copy_across.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/row_walk.h"
#include "model/store/store.h"

struct transferring {
	struct edit *ed;
	struct edit_box *from, *to;
	bool move;
	bool keep;        /* each user keeps their own \Seen: own_seen_copy, at the end */
	struct flags may; /* the new rows have                                    */
};

static enum err row_transfer(struct transferring *x, const struct email_row *row, uint32_t *uid)
{
	struct email_row new = *row;
	enum err e;

	if (row->email == 0)
		return ERR_CORRUPT;
	if (!x->keep && (e = own_seen_show(&x->from->seen, row->uid, &new.flags)))
		return e;
	new.flags = flags_and(new.flags, x->may);
	e = x->keep ? edit_row_add(x->ed, x->to, &new) : edit_row_insert(x->ed, x->to, &new);
	*uid = new.uid;
	return e || !x->move ? e : edit_row_remove(x->ed, x->from, row);
}

/* A damaged email is not copied. */
static enum err placements_room(const struct mail_txn *m, uint64_t id)
{
	struct email email;
	uint32_t n;
	enum err e = email_get(m, id, &email);

	if (e || (e = placements_count(m, id, &n)))
		return e == ERR_MISSING ? ERR_CORRUPT : e;
	if (n >= LIMIT_placements)
		return fail(txn_why(m->t), ERR_LIMIT, "a message has at most %d copies",
		            LIMIT_placements);
	return OK;
}

/* Checks the limits before anything is written. The scan of the rows costs little compared with
 * the copy. An email with several rows in the set may pass its limit, once. */
static enum err copy_room(const struct edit *ed, const struct email_copy *what, uint32_t end)
{
	struct row_walk walk;
	struct email_row row;
	uint64_t placements = 0;
	enum err e = OK, walked;

	row_walk_init(&walk, ed->m, what->from, what->uids, end);
	while (!e && row_walk_next(&walk, &row)) {
		e = placements_room(ed->m, row.email);
		placements++;
	}
	walked = row_walk_end(&walk);
	e = e ? e : walked;
	return e ? e : edit_room(ed, 0, placements);
}

static enum err rows_walk(struct transferring *x, const struct email_copy *what, uint32_t end,
                          struct email_copied *out)
{
	struct row_walk walk;
	struct email_row row;
	uint32_t uid = 0;
	enum err e = OK, walked;

	row_walk_init(&walk, x->ed->m, what->from, what->uids, end);
	while (!e && row_walk_next(&walk, &row)) {
		if ((e = row_transfer(x, &row, &uid)))
			break;
		uids_add(&out->from, row.uid, row.uid);
		uids_add(&out->to, uid, uid);
	}
	walked = row_walk_end(&walk);
	return e ? e : walked;
}

static enum err rows_transfer(struct edit *ed, const struct email_copy *what, bool move,
                              struct flags may, struct email_copied *out)
{
	struct transferring x = { .ed = ed, .move = move, .may = may };
	uint32_t end;
	enum err e;

	if ((e = edit_box(ed, what->from, &x.from)) || (e = edit_box(ed, what->to, &x.to)))
		return e;
	x.keep = x.from->box.own_seen && x.to->box.own_seen && flags_has(may, FLAG_SEEN);
	out->uidvalidity = x.to->box.uidvalidity;
	end = x.from->box.uidnext;
	if ((!move && (e = copy_room(ed, what, end))) || (e = rows_walk(&x, what, end, out)))
		return e;
	return x.keep ? own_seen_copy(ed->m, what->from, &out->from, what->to, &out->to) : OK;
}

/* RFC 4314 4, RFC 6851 4.2; *may: the flags that the new rows may have. */
static enum err transfer_allowed(const struct mail_txn *m, const struct mail_txn *to,
                                 const struct email_copy *what, bool move, struct flags *may)
{
	unsigned rights, from = move ? RIGHT_READ | RIGHT_DELETED | RIGHT_EXPUNGE : RIGHT_READ;
	enum err e;

	if ((e = rights_need(m, what->from, from)) ||
	    (e = rights_need(to, what->to, RIGHT_INSERT)) ||
	    (e = rights_get(to, what->to, &rights)))
		return e;
	*may = rights_flags(rights);
	return OK;
}

static enum err transfer(const struct mail_txn *m, const struct email_copy *what, bool move,
                         struct email_copied *out)
{
	struct mail_txn to = *m;
	struct flags may;
	struct edit ed;
	enum err e;

	uids_reset(&out->from);
	uids_reset(&out->to);
	to.account = what->to_account ? what->to_account : m->account;
	if ((e = transfer_allowed(m, &to, what, move, &may)))
		return e;
	if (to.account != m->account)
		return copy_across(m, &to, what, move, may, out);
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = rows_transfer(&ed, what, move, may, out)))
		goto out;
	e = edit_commit(&ed);
	out->modseq = ed.state.modseq;
out:
	edit_end(&ed);
	return e;
}

enum err email_copy(const struct mail_txn *m, const struct email_copy *what,
                    struct email_copied *out)
{
	return transfer(m, what, false, out);
}

enum err email_move(const struct mail_txn *m, const struct email_copy *what,
                    struct email_copied *out)
{
	return transfer(m, what, true, out);
}

void email_copied_deinit(struct email_copied *c)
{
	uids_deinit(&c->from);
	uids_deinit(&c->to);
}
