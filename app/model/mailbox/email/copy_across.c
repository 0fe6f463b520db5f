/* model/mailbox/copy_across.c: see copy_across.h. The accounts share only blobs: ids and keyword
 * numbers differ. */
#include "model/mailbox/email/copy_across.h"

#include "foundation/base/arena.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/row_walk.h"
#include "model/store/store.h"

struct across {
	struct edit from, to;
	struct edit_box *from_box, *to_box;
	struct keywords *names; /* of from                                          */
	int number[FLAG_MAX];   /* of a flag of from in to; 0: not known yet, -1: none */
	struct flags may;
	bool move;
};

/* A keyword beyond the limit is left out, like flags that cannot be stored. */
static enum err number_find(struct across *x, unsigned flag)
{
	unsigned number = 0;
	enum err e = keyword_intern(x->to.m, x->names->names[flag], &number);

	x->number[flag] = e ? -1 : (int)number + 1;
	return e == ERR_LIMIT || e == ERR_SYNTAX ? OK : e;
}

static enum err flags_across(struct across *x, struct flags was, struct flags *out)
{
	enum err e = OK;

	*out = (struct flags){ { 0, 0 } };
	was = flags_and(was, x->may);
	for (unsigned flag = 0; flag < FLAG_MAX && !e; flag++) {
		if (!flags_has(was, flag))
			continue;
		if (x->number[flag] == 0)
			e = number_find(x, flag);
		if (!e && x->number[flag] > 0)
			*out = flags_with(*out, (unsigned)x->number[flag] - 1);
	}
	return e;
}

/* The strings of an email are borrowed, so edit_email_add comes before all other writes. */
static enum err row_across(struct across *x, const struct email_row *row, uint32_t *uid)
{
	struct email_row copy = *row;
	struct flags was = row->flags;
	struct thread_keys keys;
	struct email email;
	struct blob_id blob;
	enum err e;

	if ((e = own_seen_show(&x->from_box->seen, row->uid, &was)) ||
	    (e = flags_across(x, was, &copy.flags)) ||
	    (e = email_get(x->from.m, row->email, &email)) ||
	    (e = thread_keys_read(x->from.m, &email, &keys)))
		return e == ERR_MISSING ? ERR_CORRUPT : e;
	blob = email.blob;
	if ((e = edit_email_add(&x->to, &email, &keys, &copy)) ||
	    (e = blob_ref(x->to.m->t, &blob)) || (e = edit_row_insert(&x->to, x->to_box, &copy)))
		return e;
	*uid = copy.uid;
	if (!x->move)
		return OK;
	e = edit_row_remove(&x->from, x->from_box, row);
	return e ? e : edit_email_drop(&x->from, row);
}

static enum err room(const struct across *x, const struct email_copy *what)
{
	struct row_walk walk;
	struct email_row row;
	uint64_t bytes = 0, emails = 0;
	enum err e;

	row_walk_init(&walk, x->from.m, what->from, what->uids, x->from_box->box.uidnext);
	while (row_walk_next(&walk, &row)) {
		bytes += row.size_bytes;
		emails++;
	}
	e = row_walk_end(&walk);
	return e ? e : edit_room(&x->to, bytes, emails);
}

static enum err rows_across(struct across *x, const struct email_copy *what,
                            struct email_copied *out)
{
	struct row_walk walk;
	struct email_row row;
	uint32_t uid = 0;
	enum err e, walked;

	if ((e = edit_box(&x->from, what->from, &x->from_box)) ||
	    (e = edit_box(&x->to, what->to, &x->to_box)) || (e = room(x, what)))
		return e;
	out->uidvalidity = x->to_box->box.uidvalidity;
	row_walk_init(&walk, x->from.m, what->from, what->uids, x->from_box->box.uidnext);
	while (!e && row_walk_next(&walk, &row)) {
		if ((e = row_across(x, &row, &uid)))
			break;
		uids_add(&out->from, row.uid, row.uid);
		uids_add(&out->to, uid, uid);
	}
	walked = row_walk_end(&walk);
	return e ? e : walked;
}

enum err copy_across(const struct mail_txn *from, const struct mail_txn *to,
                     const struct email_copy *what, bool move, struct flags may,
                     struct email_copied *out)
{
	struct arena *a = txn_arena(from->t);
	struct across *x = arena_new(a, struct across);
	enum err e;

	x->may = may;
	x->move = move;
	x->names = arena_new(a, struct keywords);
	if ((e = keywords_load(from, a, x->names)) || (e = edit_begin(&x->from, from)))
		goto out;
	if ((e = edit_begin(&x->to, to)))
		goto out;
	if ((e = rows_across(x, what, out)))
		goto out;
	if ((e = edit_commit(&x->from)))
		goto out;
	e = edit_commit(&x->to);
	out->modseq = x->to.state.modseq;
out:
	edit_end(&x->from);
	edit_end(&x->to);
	return e;
}
