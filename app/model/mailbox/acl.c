/* model/mailbox/acl.c: see acl.h and acl_rows.h. */
#include "model/mailbox/acl.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/directory/group.h"
#include "model/mailbox/acl_rows.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

#include <stdlib.h>

enum { ACL_FORM = 1 };

/* --- Rows ------------------------------------------------------------------------------- */

void key_acl(struct key *k, uint32_t account, uint32_t mailbox, uint32_t who)
{
	key_mailbox(k, account, mailbox);
	key_u32(k, who);
}

void key_share(struct key *k, uint32_t who, uint32_t account, uint32_t mailbox)
{
	key_init(k, who);
	key_u32(k, account);
	key_u32(k, mailbox);
}

bool acl_unpack(struct str record, struct acl_entry *out)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == ACL_FORM;

	out->granted = unpack_u32(&u);
	out->denied = unpack_u32(&u);
	return known && unpack_ok(&u) &&
	       ((out->granted | out->denied) & ~(unsigned)RIGHTS_ALL) == 0;
}

void acl_rows_init(struct acl_rows *r, const struct mail_txn *m, uint32_t mailbox)
{
	struct key k;

	r->bad = false;
	key_mailbox(&k, m->account, mailbox);
	kv_iter_prefix(&r->it, m->t, SPACE_ACL, key_str(&k));
}

bool acl_rows_next(struct acl_rows *r, struct acl_entry *out)
{
	struct unpack key;

	if (r->bad || !kv_iter_next(&r->it))
		return false;
	key = unpack_of(str_sub(r->it.key, 8, SIZE_MAX));
	out->who = unpack_be32(&key);
	r->bad = !unpack_ok(&key) || !acl_unpack(r->it.val, out);
	return !r->bad;
}

enum err acl_rows_end(struct acl_rows *r)
{
	enum err e = kv_iter_end(&r->it);

	return e ? e : r->bad ? ERR_CORRUPT : OK;
}

static enum err entry_put(const struct mail_txn *m, uint32_t mailbox, const struct acl_entry *x)
{
	struct key acl, share;
	struct buf b;
	enum err e;

	key_acl(&acl, m->account, mailbox, x->who);
	key_share(&share, x->who, m->account, mailbox);
	buf_init(&b, 32);
	pack_u64(&b, ACL_FORM);
	pack_u64(&b, x->granted);
	pack_u64(&b, x->denied);
	e = kv_put(m->t, SPACE_ACL, key_str(&acl), buf_str(&b));
	buf_deinit(&b);
	return e ? e : kv_put(m->t, SPACE_SHARE, key_str(&share), STR_EMPTY);
}

static enum err entry_del(const struct mail_txn *m, uint32_t mailbox, uint32_t who)
{
	struct key acl, share;
	enum err e;

	key_acl(&acl, m->account, mailbox, who);
	key_share(&share, who, m->account, mailbox);
	e = kv_del(m->t, SPACE_ACL, key_str(&acl));
	if (!e)
		e = kv_del(m->t, SPACE_SHARE, key_str(&share));
	return e == ERR_MISSING ? OK : e;
}

/* --- The list of a mailbox -------------------------------------------------------------- */

static enum err entries_read(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                             struct acl *out)
{
	struct acl_rows rows;
	struct acl_entry entry;
	size_t room = 0;

	*out = (struct acl){ 0 };
	acl_rows_init(&rows, m, mailbox);
	while (acl_rows_next(&rows, &entry)) {
		if (out->n == room) {
			struct acl_entry *old = out->entries;

			room = 2 * room + 8;
			out->entries = arena_array(a, struct acl_entry, room);
			for (size_t i = 0; i < out->n; i++)
				out->entries[i] = old[i];
		}
		out->entries[out->n++] = entry;
	}
	return acl_rows_end(&rows);
}

enum err acl_get(const struct mail_txn *m, uint32_t mailbox, struct arena *a, struct acl *out)
{
	enum err e = rights_need(m, mailbox, RIGHT_ADMINISTER);

	return e ? e : entries_read(m, mailbox, a, out);
}

static unsigned rights_after(const struct acl_change *what, unsigned was)
{
	switch (what->op) {
	case ACL_ADD:
		return was | what->rights;
	case ACL_REMOVE:
		return was & ~what->rights;
	case ACL_REPLACE:
		break;
	}
	return what->rights;
}

static enum err entry_change(const struct mail_txn *m, const struct acl_change *what)
{
	struct acl_entry entry = { .who = what->who };
	size_t known = 0;
	struct acl acl;
	enum err e = entries_read(m, what->mailbox, txn_arena(m->t), &acl);

	if (e)
		return e;
	while (known < acl.n && acl.entries[known].who != what->who)
		known++;
	if (known < acl.n)
		entry = acl.entries[known];
	if (what->negative)
		entry.denied = rights_after(what, entry.denied);
	else
		entry.granted = rights_after(what, entry.granted);
	if (!entry.granted && !entry.denied)
		return entry_del(m, what->mailbox, what->who);
	if (known == acl.n && acl.n >= m->mailboxes->acl_max)
		return fail(txn_why(m->t), ERR_LIMIT,
		            "a mailbox has rights of at most %" PRIu32 " others",
		            m->mailboxes->acl_max);
	return entry_put(m, what->mailbox, &entry);
}

/* A change of rights is logged as a change of the mailbox, so that clients update it. */
enum err acl_change(const struct mail_txn *m, const struct acl_change *what)
{
	struct edit ed;
	struct edit_box *box;
	enum err e = rights_need(m, what->mailbox, RIGHT_ADMINISTER);

	if (e)
		return e;
	if (what->who == m->account)
		return fail(txn_why(m->t), ERR_SYNTAX, "the owner may do everything");
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, what->mailbox, &box)))
		goto out;
	if ((e = entry_change(m, what)))
		goto out;
	edit_mailbox_changed(&ed, CHANGE_MAILBOX_EDITED, what->mailbox);
	ed.state.rights_modseq = ed.modseq;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

static enum err access_changed(struct txn *t, uint32_t account)
{
	struct mail_txn m = { .t = t, .account = account };
	struct account_state state;
	enum err e = state_get(&m, &state);

	if (e || state.old)
		return e == ERR_MISSING ? OK : e;
	state.rights_modseq = ++state.modseq;
	return state_put(&m, &state);
}

enum err acl_members_changed(struct txn *t, uint32_t group)
{
	uint32_t last = group;
	struct kv_iter it;
	struct key k;
	enum err e = access_changed(t, group), walked;

	key_init(&k, group);
	kv_iter_prefix(&it, t, SPACE_SHARE, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 4, SIZE_MAX));
		uint32_t owner = unpack_be32(&key);

		if (owner != last) /* several mailboxes of one owner are adjacent */
			e = access_changed(t, owner);
		last = owner;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

/* --- Mailboxes and accounts are made and deleted ---------------------------------------- */

enum err acl_inherit(const struct mail_txn *m, uint32_t parent, uint32_t mailbox)
{
	struct acl acl = { 0 };
	enum err e = parent ? entries_read(m, parent, txn_arena(m->t), &acl) : OK;

	for (size_t i = 0; i < acl.n && !e; i++)
		e = entry_put(m, mailbox, &acl.entries[i]);
	return e;
}

enum err acl_forget(const struct mail_txn *m, uint32_t mailbox)
{
	struct acl acl;
	enum err e = entries_read(m, mailbox, txn_arena(m->t), &acl);

	for (size_t i = 0; i < acl.n && !e; i++)
		e = entry_del(m, mailbox, acl.entries[i].who);
	return e;
}

/* Deletes the rows of one space that begin with m->account, and their counterparts in the other
 * space: both keys are three numbers, in a different order. */
static enum err pairs_erase(const struct mail_txn *m, enum space s)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, s, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 4, SIZE_MAX));
		struct mail_txn owner = *m;
		uint32_t second = unpack_be32(&key), third = unpack_be32(&key);

		if (s == SPACE_ACL) {
			e = entry_del(&owner, second, third);
			continue;
		}
		owner.account = second;
		e = entry_del(&owner, third, m->account);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err acl_erase(const struct mail_txn *m)
{
	enum err e = pairs_erase(m, SPACE_ACL);

	return e ? e : pairs_erase(m, SPACE_SHARE);
}

/* --- Owners of shared mailboxes --------------------------------------------------------- */

struct owners {
	struct arena *arena;
	uint32_t *ids;
	size_t n, room;
};

static void owner_add(struct owners *o, uint32_t id)
{
	uint32_t *old = o->ids;

	if (o->n && old[o->n - 1] == id) /* common case: several mailboxes of one owner */
		return;
	if (o->n == o->room) {
		o->room = 2 * o->room + 8;
		o->ids = arena_array(o->arena, uint32_t, o->room);
		for (size_t i = 0; i < o->n; i++)
			o->ids[i] = old[i];
	}
	o->ids[o->n++] = id;
}

static enum err owners_of(const struct mail_txn *m, uint32_t who, struct owners *o)
{
	struct kv_iter it;
	struct key k;

	key_init(&k, who);
	kv_iter_prefix(&it, m->t, SPACE_SHARE, key_str(&k));
	while (kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 4, SIZE_MAX));

		owner_add(o, unpack_be32(&key));
	}
	return kv_iter_end(&it);
}

static int id_order(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

enum err acl_owners(const struct mail_txn *m, struct arena *a, uint32_t **owners, size_t *n)
{
	struct owners o = { .arena = a };
	uint32_t *groups = NULL;
	size_t count = 0, kept = 0;
	enum err e = directory_groups_of(m->t, m->who, a, &groups, &count);

	for (size_t i = 0; i < count && !e; i++) {
		owner_add(&o, groups[i]);
		e = owners_of(m, groups[i], &o);
	}
	if (!e)
		e = owners_of(m, m->who, &o);
	if (!e)
		e = owners_of(m, ACL_ANYONE, &o);
	if (o.n)
		qsort(o.ids, o.n, sizeof(o.ids[0]), id_order);
	for (size_t i = 0; i < o.n; i++)
		if (o.ids[i] != m->account && (kept == 0 || o.ids[kept - 1] != o.ids[i]))
			o.ids[kept++] = o.ids[i];
	*owners = o.ids;
	*n = kept;
	return e;
}
