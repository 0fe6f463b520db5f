/* model/mailbox/mailbox.c: finding mailboxes. */
#include "model/mailbox/mailbox.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/base/pack.h"
#include "foundation/text/fold.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/name.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"

static enum err mailbox_missing(const struct mail_txn *m)
{
	return fail(txn_why(m->t), ERR_MISSING, "there is no such mailbox");
}

enum err mailbox_get(const struct mail_txn *m, uint32_t id, struct mailbox *out)
{
	struct key k;
	struct str record;
	enum err e;

	if (id == 0) /* the account's state has that key */
		return mailbox_missing(m);
	key_mailbox(&k, m->account, id);
	if ((e = kv_get(m->t, SPACE_MAILBOX, key_str(&k), &record)))
		return e == ERR_MISSING ? mailbox_missing(m) : e;
	out->account = m->account;
	out->id = id;
	if (!mailbox_unpack(record, out))
		return fail(txn_why(m->t), ERR_CORRUPT,
		            "mailbox %" PRIu32 " of account %" PRIu32 " is damaged", id,
		            m->account);
	return OK;
}

static enum err child_get(const struct mail_txn *m, uint32_t parent, struct str leaf, uint32_t *id)
{
	struct key k;
	struct str val;
	struct unpack u;
	enum err e;

	if (leaf.n > MAILBOX_LEVEL_MAX)
		return ERR_MISSING;
	key_name(&k, m->account, parent, leaf);
	if ((e = kv_get(m->t, SPACE_MAILBOX_NAME, key_str(&k), &val)))
		return e;
	u = unpack_of(val);
	*id = unpack_u32(&u);
	return unpack_ok(&u) && *id != 0 ? OK : ERR_CORRUPT;
}

enum err mailbox_child(const struct mail_txn *m, uint32_t parent, struct str leaf, uint32_t *id)
{
	enum err e = child_get(m, parent, leaf, id);
	struct str normal;

	if (e != ERR_MISSING)
		return e;
	normal = fold_nfc(txn_arena(m->t), leaf);
	return normal.p == leaf.p ? e : child_get(m, parent, normal, id);
}

enum err mailbox_lookup(const struct mail_txn *m, struct str name, struct mailbox *out)
{
	struct cur rest = cur_of(name);
	struct str level;
	uint32_t id = 0;

	while (name_level(&rest, id == 0, &level)) {
		enum err e = mailbox_child(m, id, level, &id);

		if (e)
			return e == ERR_MISSING ? mailbox_missing(m) : e;
	}
	if (str_ends(name, STR("/"))) /* an empty last level */
		return mailbox_missing(m);
	return mailbox_get(m, id, out);
}

enum err mailbox_find_for(const struct mail_txn *m, struct str name, unsigned needed,
                          struct mailbox *out)
{
	enum err e = mailbox_lookup(m, name, out);

	return e ? e : rights_need(m, out->id, needed);
}

enum err mailbox_find(const struct mail_txn *m, struct str name, struct mailbox *out)
{
	return mailbox_find_for(m, name, RIGHT_READ, out);
}

enum err mailbox_find_role(const struct mail_txn *m, enum mailbox_role role, struct mailbox *out)
{
	struct mailbox_iter it;
	bool found = false;
	enum err e;

	mailbox_iter_init(&it, m);
	while (!found && mailbox_iter_next(&it, out))
		found = out->role == role;
	e = mailbox_iter_end(&it);
	return e ? e : found ? OK : mailbox_missing(m);
}

enum err mailbox_name(const struct mail_txn *m, uint32_t id, struct arena *a, struct str *out)
{
	struct mailbox box;
	enum err e;

	if ((e = mailbox_get(m, id, &box)))
		return e;
	*out = str_dup(a, box.leaf);
	for (unsigned depth = 1; box.parent; depth++) {
		if (depth == MAILBOX_DEPTH_MAX)
			return fail(txn_why(m->t), ERR_CORRUPT,
			            "mailbox %" PRIu32 " lies within itself", id);
		if ((e = mailbox_get(m, box.parent, &box)))
			return e == ERR_MISSING ? ERR_CORRUPT : e;
		*out = str_fmt(a, "%.*s/%.*s", STR_ARG(box.leaf), STR_ARG(*out));
	}
	return OK;
}

struct str mailbox_role_attribute(enum mailbox_role role)
{
	static const char *const attributes[ROLES] = {
		[ROLE_DRAFTS] = "\\Drafts", [ROLE_SENT] = "\\Sent",       [ROLE_TRASH] = "\\Trash",
		[ROLE_JUNK] = "\\Junk",     [ROLE_ARCHIVE] = "\\Archive",
	};

	return str_of(attributes[role]);
}

/* --- All mailboxes, in the order of their ids --- */

void mailbox_iter_init(struct mailbox_iter *it, const struct mail_txn *m)
{
	struct key from, to;

	key_mailbox(&from, m->account, 1);
	key_mailbox(&to, m->account, UINT32_MAX);
	kv_iter_init(&it->rows, m->t, SPACE_MAILBOX, key_str(&from), key_str(&to));
	it->bad = false;
}

bool mailbox_iter_next(struct mailbox_iter *it, struct mailbox *out)
{
	struct unpack key;

	if (it->bad || !kv_iter_next(&it->rows))
		return false;
	key = unpack_of(it->rows.key);
	out->account = unpack_be32(&key);
	out->id = unpack_be32(&key);
	it->bad = !mailbox_unpack(it->rows.val, out);
	return !it->bad;
}

enum err mailbox_iter_end(struct mailbox_iter *it)
{
	enum err e = kv_iter_end(&it->rows);

	return e ? e : it->bad ? ERR_CORRUPT : OK;
}
