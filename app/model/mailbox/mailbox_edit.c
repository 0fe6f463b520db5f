/* model/mailbox/mailbox_edit.c: making and deleting mailboxes. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/text/fold.h"
#include "model/mailbox/acl_rows.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/metadata_rows.h"
#include "model/mailbox/name.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/email/row_index.h"
#include "model/mailbox/url_key_rows.h"
#include "model/store/store.h"

/* --- Making --- */

enum err mailbox_name_put(const struct mail_txn *m, const struct mailbox *box)
{
	struct key k;
	struct buf b;
	enum err e;

	buf_init(&b, 16);
	pack_u64(&b, box->id);
	key_name(&k, m->account, box->parent, box->leaf);
	e = kv_put(m->t, SPACE_MAILBOX_NAME, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err mailbox_name_del(const struct mail_txn *m, const struct mailbox *box)
{
	struct key k;

	key_name(&k, m->account, box->parent, box->leaf);
	return kv_del(m->t, SPACE_MAILBOX_NAME, key_str(&k));
}

/* Inherited like the list of rights: the users of the parent mailbox also get this one. */
static enum err inherit_own_seen(const struct mail_txn *m, struct mailbox *box)
{
	struct mailbox above;
	enum err e = box->parent ? mailbox_get(m, box->parent, &above) : OK;

	box->own_seen = !e && box->parent && above.own_seen;
	return e;
}

enum err mailbox_make(struct edit *ed, const struct mailbox_make *what, uint32_t *id)
{
	struct account_state *s = &ed->state;
	struct mailbox box = { .parent = what->parent,
		               .leaf = what->leaf,
		               .role = what->role,
		               .uidnext = 1,
		               .first_recent_uid = 1,
		               .modseq = ed->modseq,
		               .created_ms = clock_real_ms() };
	bool subscribed;
	enum err e;

	if (s->mailboxes >= ed->m->mailboxes->mailboxes_max)
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "an account has at most %" PRIu32 " mailboxes",
		            ed->m->mailboxes->mailboxes_max);
	if ((e = subscription_take(ed, what->name, &subscribed)))
		return e;
	box.subscribed = subscribed || what->subscribed;
	if ((e = inherit_own_seen(ed->m, &box)))
		return e;
	box.id = s->mailbox_next++;
	box.uidvalidity = uidvalidity_next(s);
	s->mailboxes++;
	edit_mailbox_changed(ed, CHANGE_MAILBOX_CREATED, box.id);
	*id = box.id;
	if ((e = mailbox_put(ed->m, &box)) || (e = mailbox_name_put(ed->m, &box)))
		return e;
	return acl_inherit(ed->m, box.parent, box.id);
}

enum err mailbox_make_parents(struct edit *ed, struct str name, uint32_t *parent, struct str *leaf)
{
	struct cur rest = cur_of(name);
	uint32_t above = 0, id = 0;
	enum err e = OK;

	while (name_level(&rest, above == 0, leaf)) {
		*parent = above;
		if (cur_done(&rest))
			break;
		e = mailbox_child(ed->m, above, *leaf, &id);
		if (e == ERR_MISSING)
			e = mailbox_make(
				ed,
				&(struct mailbox_make){
					.parent = above,
					.leaf = *leaf,
					.name = str_from(name.p, (size_t)(rest.p - name.p) - 1),
				},
				&id);
		if (e)
			return e;
		above = id;
	}
	return OK;
}

enum err mailbox_name_free(const struct mail_txn *m, struct str name)
{
	struct mailbox box;
	enum err e;

	if ((e = name_check(name, m->mailboxes->name_max, txn_why(m->t))))
		return e;
	e = mailbox_lookup(m, name, &box);
	if (e == OK)
		return fail(txn_why(m->t), ERR_CONFLICT, "there is a mailbox of that name");
	return e == ERR_MISSING ? OK : e;
}

/* The nearest mailbox above a name; 0 when there is none. */
static enum err nearest_above(const struct mail_txn *m, struct str name, uint32_t *id)
{
	struct cur rest = cur_of(name);
	struct str level;
	uint32_t child;
	enum err e = OK;

	*id = 0;
	while (!e && name_level(&rest, *id == 0, &level) && !cur_done(&rest)) {
		e = mailbox_child(m, *id, level, &child);
		if (!e)
			*id = child;
	}
	return e == ERR_MISSING ? OK : e;
}

enum err mailbox_may_create(const struct mail_txn *m, struct str name)
{
	uint32_t above;
	enum err e = nearest_above(m, name, &above);

	return e ? e : rights_need(m, above, RIGHT_CREATE);
}

static enum err role_free(const struct mail_txn *m, enum mailbox_role role)
{
	struct mailbox box;
	enum err e;

	if (role == ROLE_NONE)
		return OK;
	e = mailbox_find_role(m, role, &box);
	if (e == OK)
		return fail(txn_why(m->t), ERR_CONFLICT, "another mailbox has that role");
	return e == ERR_MISSING ? OK : e;
}

/* Nothing is written without room for all levels: callers may go on without the mailbox. */
static enum err levels_fit(const struct edit *ed, struct str name)
{
	const struct mail_txn *m = ed->m;
	struct cur rest = cur_of(name);
	uint32_t above = 0, missing = 0;
	struct str level;

	while (name_level(&rest, above == 0 && missing == 0, &level)) {
		enum err e = missing != 0 ? ERR_MISSING : mailbox_child(m, above, level, &above);

		if (e != OK && e != ERR_MISSING)
			return e;
		missing += e == ERR_MISSING;
		if (cur_done(&rest))
			break;
	}
	if (ed->state.mailboxes + missing > m->mailboxes->mailboxes_max)
		return fail(txn_why(m->t), ERR_LIMIT,
		            "an account has at most %" PRIu32 " mailboxes",
		            m->mailboxes->mailboxes_max);
	return OK;
}

enum err mailbox_create(const struct mail_txn *m, const struct mailbox_create *what, uint32_t *id)
{
	struct mailbox_make make = { .name = fold_nfc(txn_arena(m->t), what->name),
		                     .role = what->role,
		                     .subscribed = what->subscribed };
	struct edit ed;
	uint32_t made;
	enum err e;

	if (str_ends(make.name, STR("/")))
		make.name.n--;
	if ((e = mailbox_may_create(m, make.name)) || (e = mailbox_name_free(m, make.name)) ||
	    (e = role_free(m, what->role)))
		return e;
	if ((e = edit_begin(&ed, m)) || (e = levels_fit(&ed, make.name)))
		goto out;
	if ((e = mailbox_make_parents(&ed, make.name, &make.parent, &make.leaf)))
		goto out;
	if ((e = mailbox_make(&ed, &make, id ? id : &made)))
		goto out;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

/* --- Role and order --- */

static enum err present_check(const struct mail_txn *m, const struct mailbox *box,
                              const struct mailbox_present *what)
{
	if (what->role < 0 || what->role == (int)box->role)
		return OK;
	if (what->role == ROLE_INBOX || box->role == ROLE_INBOX)
		return fail(txn_why(m->t), ERR_SYNTAX, "the inbox keeps its role");
	return role_free(m, (enum mailbox_role)what->role);
}

enum err mailbox_present(const struct mail_txn *m, uint32_t id, const struct mailbox_present *what)
{
	struct edit_box *b;
	struct edit ed;
	enum err e;

	if ((e = rights_need(m, id, RIGHT_DELETE)))
		return e;
	if ((e = edit_begin(&ed, m)) || (e = edit_box(&ed, id, &b)) ||
	    (e = present_check(m, &b->box, what)))
		goto out;
	if (what->role >= 0)
		b->box.role = (enum mailbox_role)what->role;
	if (what->sort_order >= 0)
		b->box.sort_order = (uint32_t)what->sort_order;
	edit_mailbox_changed(&ed, CHANGE_MAILBOX_EDITED, id);
	if ((e = mailbox_put(ed.m, &b->box)) == OK)
		e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

/* --- Deleting --- */

static enum err delete_check(const struct mail_txn *m, uint32_t id)
{
	struct mailbox box;
	struct kv_iter it;
	struct key k;
	bool children;
	enum err e;

	if ((e = mailbox_get(m, id, &box)) || (e = rights_need(m, id, RIGHT_DELETE)))
		return e;
	if (box.role == ROLE_INBOX)
		return fail(txn_why(m->t), ERR_SYNTAX, "INBOX cannot be deleted");
	key_mailbox(&k, m->account, id);
	kv_iter_prefix(&it, m->t, SPACE_MAILBOX_NAME, key_str(&k));
	children = kv_iter_next(&it);
	if ((e = kv_iter_end(&it)))
		return e;
	/* RFC 9051 6.3.5: a server may refuse this, with HASCHILDREN. */
	return children ? fail(txn_why(m->t), ERR_CONFLICT, "there are mailboxes below it") : OK;
}

/* RFC 9051 6.3.7: the subscription is kept after the mailbox is deleted, within the limit. */
static enum err keep_subscription(struct edit *ed, const struct mailbox *box, struct str name)
{
	if (!box->subscribed || ed->state.subscriptions >= ed->m->mailboxes->mailboxes_max)
		return OK;
	return subscription_put(ed, name);
}

/* Nothing shows users with access which emails were in it (changed.h). */
static enum err access_end(struct edit *ed, uint32_t mailbox)
{
	struct acl_entry entry;
	struct acl_rows rows;
	enum err e;

	acl_rows_init(&rows, ed->m, mailbox);
	if (acl_rows_next(&rows, &entry))
		ed->state.rights_modseq = ed->modseq;
	e = acl_rows_end(&rows);
	return e ? e : acl_forget(ed->m, mailbox);
}

static enum err box_delete(struct edit *ed, struct edit_box *b)
{
	struct email_expunge all = { .mailbox = b->box.id, .uids = &uids_all };
	struct str name;
	struct key k;
	enum err e;

	if ((e = mailbox_name(ed->m, b->box.id, txn_arena(ed->m->t), &name)) ||
	    (e = edit_rows_expunge(ed, b, &all, NULL)) || (e = access_end(ed, b->box.id)) ||
	    (e = metadata_forget(ed->m, b->box.id)) || (e = own_seen_forget(ed->m, b->box.id)) ||
	    (e = url_keys_forget(ed->m, b->box.id)) || (e = row_index_forget(ed->m, b->box.id)) ||
	    (e = keep_subscription(ed, &b->box, name)) ||
	    (e = mailbox_name_del(ed->m, &b->box)))
		return e;
	ed->state.mailboxes--;
	b->deleted = true;
	edit_mailbox_changed(ed, CHANGE_MAILBOX_DELETED, b->box.id);
	key_mailbox(&k, ed->m->account, b->box.id);
	return kv_del(ed->m->t, SPACE_MAILBOX, key_str(&k));
}

enum err mailbox_delete(const struct mail_txn *m, uint32_t id)
{
	struct edit ed;
	struct edit_box *b;
	enum err e;

	if ((e = delete_check(m, id)))
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, id, &b)))
		goto out;
	if ((e = box_delete(&ed, b)))
		goto out;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

/* --- Recent --- */

enum err mailbox_claim_recent(const struct mail_txn *m, uint32_t id, uint32_t end, uint32_t *first)
{
	struct mailbox box;
	enum err e;

	if ((e = mailbox_get(m, id, &box)))
		return e;
	*first = box.first_recent_uid;
	end = MIN(end, box.uidnext);
	if (box.first_recent_uid >= end)
		return OK;
	box.first_recent_uid = end;
	return mailbox_put(m, &box);
}
