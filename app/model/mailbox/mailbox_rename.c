/* model/mailbox/mailbox_rename.c: renaming and moving mailboxes. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/text/fold.h"
#include "model/mailbox/acl_rows.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/metadata_rows.h"
#include "model/mailbox/name.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"

/* A mailbox moved below itself would be cut off from the tree. */
static enum err not_below(const struct mail_txn *m, uint32_t id, struct str name)
{
	struct cur rest = cur_of(name);
	struct str level;
	uint32_t at = 0;

	while (name_level(&rest, at == 0, &level)) {
		enum err e = mailbox_child(m, at, level, &at);

		if (e)
			return e == ERR_MISSING ? OK : e;
		if (at == id)
			return fail(txn_why(m->t), ERR_SYNTAX,
			            "a mailbox cannot be moved below itself");
	}
	return OK;
}

/* The mailboxes below a renamed one get new full names: none may be too long (from and to differ in
 * length), and subscriptions to such a name without a mailbox become theirs. */
struct rename_below {
	struct str from, to;
	struct mailbox_list list;
};

static bool below_name(const struct rename_below *r, size_t i, struct arena *a, struct str *name)
{
	struct str was = r->list.entries[i].name;

	if (!str_starts(was, r->from) || was.n == r->from.n || was.p[r->from.n] != '/')
		return false;
	*name = str_fmt(a, "%.*s%.*s", STR_ARG(r->to), STR_ARG(str_sub(was, r->from.n, was.n)));
	return true;
}

static enum err below_check(const struct mail_txn *m, const struct rename_below *r)
{
	struct str name;
	enum err e = OK;

	for (size_t i = 0; i < r->list.n && !e; i++)
		if (below_name(r, i, txn_arena(m->t), &name))
			e = name_check(name, m->mailboxes->name_max, txn_why(m->t));
	return e;
}

static enum err below_subscribe(struct edit *ed, const struct rename_below *r)
{
	struct mailbox *box;
	struct str name;
	bool was;
	enum err e = OK;

	for (size_t i = 0; i < r->list.n && !e; i++) {
		if (!below_name(r, i, txn_arena(ed->m->t), &name))
			continue;
		if ((e = subscription_take(ed, name, &was)) || !was)
			continue;
		box = &r->list.entries[i].box;
		box->subscribed = true;
		edit_mailbox_changed(ed, CHANGE_MAILBOX_EDITED, box->id);
		e = mailbox_put(ed->m, box);
	}
	return e;
}

static enum err box_rename(struct edit *ed, struct edit_box *b, struct str to)
{
	struct str leaf;
	uint32_t parent;
	bool was;
	enum err e;

	if ((e = mailbox_make_parents(ed, to, &parent, &leaf)) ||
	    (e = subscription_take(ed, to, &was)) || (e = mailbox_name_del(ed->m, &b->box)))
		return e;
	b->box.parent = parent;
	b->box.leaf = leaf;
	b->box.subscribed |= was;
	edit_mailbox_changed(ed, CHANGE_MAILBOX_EDITED, b->box.id);
	if ((e = mailbox_name_put(ed->m, &b->box)))
		return e;
	return mailbox_put(ed->m, &b->box);
}

static enum err rename_inbox(const struct mail_txn *m, uint32_t inbox, struct str to)
{
	struct email_copy all = { .from = inbox, .uids = &uids_all };
	struct email_copied moved = { 0 };
	struct mailbox box;
	enum err e = mailbox_get(m, inbox, &box);

	if (!e)
		e = mailbox_create(m, &(struct mailbox_create){ .name = to }, &all.to);
	if (!e && box.own_seen)
		e = mailbox_own_seen_set(m, all.to, true);
	if (!e)
		e = email_move(m, &all, &moved);
	if (!e) /* users with access keep it: RFC 4314 4 */
		e = acl_forget(m, all.to);
	if (!e)
		e = acl_inherit(m, inbox, all.to);
	if (!e)
		e = metadata_copy(m, inbox, all.to);
	email_copied_deinit(&moved);
	return e;
}

enum err mailbox_rename(const struct mail_txn *m, struct str from, struct str to)
{
	struct arena *a = txn_arena(m->t);
	struct rename_below below = { .to = fold_nfc(a, to) };
	struct edit ed;
	struct edit_box *b;
	struct mailbox box;
	enum err e;

	to = below.to;
	if ((e = mailbox_find_for(m, from, RIGHT_DELETE, &box)) ||
	    (e = mailbox_may_create(m, to)) || (e = mailbox_name_free(m, to)))
		return e;
	if (name_is_inbox(from))
		return rename_inbox(m, box.id, to);
	if ((e = not_below(m, box.id, to)) || (e = mailbox_name(m, box.id, a, &below.from)) ||
	    (e = mailbox_list_all(m, a, &below.list)) || (e = below_check(m, &below)))
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, box.id, &b)))
		goto out;
	if ((e = box_rename(&ed, b, to)))
		goto out;
	if ((e = below_subscribe(&ed, &below)))
		goto out;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}
