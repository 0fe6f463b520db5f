/* model/mailbox/own_seen_all.c: changing the sets of all who share a mailbox; see own_seen.h. */
#include "foundation/base/pack.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"

static void key_user(struct key *k, uint32_t account, uint32_t mailbox, uint32_t user)
{
	key_mailbox(k, account, mailbox);
	key_u32(k, user);
}

/* --- Each user -------------------------------------------------------------------------- */

/* The least user from first on with a row of the mailbox; *found is false when there is none. */
static enum err user_next(const struct mail_txn *m, uint32_t mailbox, uint32_t first,
                          uint32_t *user, bool *found)
{
	struct key from, to;
	struct unpack key;
	struct kv_iter it;

	key_user(&from, m->account, mailbox, first);
	key_mailbox(&to, m->account, mailbox + 1); /* no mailbox has the last number */
	kv_iter_init(&it, m->t, SPACE_SEEN, key_str(&from), key_str(&to));
	*found = kv_iter_next(&it);
	if (*found) {
		key = unpack_of(str_sub(it.key, 8, SIZE_MAX));
		*user = unpack_be32(&key);
	}
	return kv_iter_end(&it);
}

static enum err user_vanish(struct own_seen *set, const struct change_run *runs, size_t n)
{
	enum err e = OK;

	for (size_t r = 0; r < n && !e; r++)
		for (uint32_t i = 0; i < runs[r].count && !e; i++)
			e = own_seen_put(set, runs[r].uid + i, false);
	return e ? e : own_seen_flush(set);
}

enum err own_seen_vanish(const struct mail_txn *m, uint32_t mailbox, const struct change_run *runs,
                         size_t n)
{
	uint32_t user = SEEN_ALL;
	struct own_seen set;
	bool found;
	enum err e;

	/* The default set (SEEN_ALL) comes first, so that no other user gets a row because of
	 * it. */
	while (!(e = user_next(m, mailbox, user, &user, &found)) && found) {
		own_seen_init(&set, m, mailbox, user);
		if ((e = user_vanish(&set, runs, n)) || user == UINT32_MAX)
			break;
		user++;
	}
	return e;
}

/* The UID at place i of a set whose range *r begins at place *at. */
static uint32_t uid_at(const struct uids *u, size_t *r, uint32_t *at, uint32_t i)
{
	while (i - *at > u->ranges[*r].hi - u->ranges[*r].lo) {
		*at += u->ranges[*r].hi - u->ranges[*r].lo + 1;
		++*r;
	}
	return u->ranges[*r].lo + (i - *at);
}

static enum err user_copy(struct own_seen *from, const struct uids *uids, struct own_seen *to,
                          const struct uids *to_uids)
{
	size_t range = 0, to_range = 0;
	uint32_t at = 0, to_at = 0;
	bool yes;
	enum err e = OK;

	for (uint32_t i = 0; i < uids->count && !e; i++) {
		e = own_seen_has(from, uid_at(uids, &range, &at, i), &yes);
		if (!e)
			e = own_seen_put(to, uid_at(to_uids, &to_range, &to_at, i), yes);
	}
	return e ? e : own_seen_flush(to);
}

enum err own_seen_copy(const struct mail_txn *m, uint32_t from, const struct uids *uids,
                       uint32_t to, const struct uids *to_uids)
{
	uint32_t a, b, user = SEEN_ALL;
	struct own_seen have, give;
	bool in_from, in_to;
	enum err e;

	/* All users with rows in either mailbox: their sets may differ from the default set. */
	while (!(e = user_next(m, from, user, &a, &in_from)) &&
	       !(e = user_next(m, to, user, &b, &in_to)) && (in_from || in_to)) {
		user = !in_to || (in_from && a < b) ? a : b;
		own_seen_init(&have, m, from, user);
		own_seen_init(&give, m, to, user);
		if ((e = user_copy(&have, uids, &give, to_uids)) || user == UINT32_MAX)
			break;
		user++;
	}
	return e;
}

/* --- Deleting a mailbox or a user ------------------------------------------------------- */

enum err own_seen_forget(const struct mail_txn *m, uint32_t mailbox)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_mailbox(&k, m->account, mailbox);
	kv_iter_prefix(&it, m->t, SPACE_SEEN, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, SPACE_SEEN, it.key);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err own_seen_erase(const struct mail_txn *m)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, m->t, SPACE_SEEN, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 8, SIZE_MAX));

		if (unpack_be32(&key) == m->account)
			e = kv_del(m->t, SPACE_SEEN, it.key);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

/* --- Turning it on and off -------------------------------------------------------------- */

/* The \Seen flags of the rows become those of every user. */
static enum err own_seen_all_begin(const struct mail_txn *m, uint32_t mailbox)
{
	struct email_rows rows;
	struct email_row row;
	struct own_seen all;
	enum err e = OK, walked;

	own_seen_init(&all, m, mailbox, SEEN_ALL);
	email_rows_init(&rows, m, mailbox, 1, UINT32_MAX);
	while (!e && email_rows_next(&rows, &row))
		if (flags_has(row.flags, FLAG_SEEN))
			e = own_seen_put(&all, row.uid, true);
	walked = email_rows_end(&rows);
	if (!e)
		e = own_seen_flush(&all);
	return e ? e : walked;
}

/* From now on the flags of the rows are valid for all users, so every email may have changed for
 * them. */
static enum err own_seen_all_end(struct edit *ed, struct edit_box *b)
{
	struct email_rows rows;
	struct email_row row;
	enum err e = own_seen_forget(ed->m, b->box.id), walked;

	email_rows_init(&rows, ed->m, b->box.id, 1, UINT32_MAX);
	while (!e && email_rows_next(&rows, &row))
		e = edit_row_flags(ed, b, &row, row.flags);
	walked = email_rows_end(&rows);
	return e ? e : walked;
}

enum err mailbox_own_seen_set(const struct mail_txn *m, uint32_t id, bool on)
{
	struct edit ed;
	struct edit_box *b;
	enum err e = rights_need(m, id, RIGHT_ADMINISTER);

	if (e)
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, id, &b)) || b->box.own_seen == on)
		goto out;
	if ((e = on ? own_seen_all_begin(ed.m, id) : own_seen_all_end(&ed, b)))
		goto out;
	b->box.own_seen = on;
	edit_mailbox_changed(&ed, CHANGE_MAILBOX_EDITED, id);
	if ((e = mailbox_put(ed.m, &b->box)))
		goto out;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}
