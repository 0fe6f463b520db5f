/* model/mailbox/fsck/fsck_owners.c: checks that the accounts and groups of all mailbox rows exist
 * in directory/; see fsck.h. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/directory/group.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/metadata_rows.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/url_key_rows.h"
#include "model/store/kv.h"
#include "model/store/store.h"

/* Reports accounts without mail. */
static enum err accounts_check(struct txn *t, struct arena *a, struct fsck_report *r)
{
	struct account_list list;
	enum err e = account_list(t, a, &list);

	for (size_t i = 0; i < list.count && !e; i++) {
		struct key k;

		key_mailbox(&k, list.items[i].id, 0);
		e = kv_get(t, SPACE_MAILBOX, key_str(&k), NULL);
		if (e == ERR_MISSING) {
			fsck_found(r, "account %" PRIu32 ", %.*s, has no mailboxes",
			           list.items[i].id, STR_ARG(list.items[i].address));
			e = OK;
		}
	}
	return e;
}

/* --- rows of users ---------------------------------------------------------------------- */

/* The account or group that the iterator's row belongs to; 0 when it belongs to no single user, or
 * is damaged, which the check of its space reports. */
typedef uint32_t row_user_fn(const struct kv_iter *it);

static uint32_t mail_user(const struct kv_iter *it)
{
	struct unpack key = unpack_of(it->key);
	uint32_t id = unpack_be32(&key);

	return unpack_be32(&key) == 0 ? id : 0; /* the account's state; other keys are mailboxes */
}

static uint32_t share_user(const struct kv_iter *it)
{
	struct unpack key = unpack_of(it->key);

	return unpack_be32(&key); /* 0 for ACL_ANYONE */
}

static uint32_t seen_user(const struct kv_iter *it)
{
	struct own_seen_row row;

	return own_seen_row_read(it, &row) ? row.user : 0; /* 0 for SEEN_ALL */
}

static uint32_t url_key_user(const struct kv_iter *it)
{
	struct url_key_row row;

	return url_key_row_read(it, &row) ? row.who : 0;
}

static uint32_t metadata_user(const struct kv_iter *it)
{
	struct metadata_row row;

	return metadata_row_read(it, &row) ? row.user : 0;
}

static const struct users {
	enum space space;
	row_user_fn *user;
	const char *there; /* in "there ... of account 7, which does not exist" */
} users[] = {
	{ SPACE_MAILBOX, mail_user, "is mail" },
	{ SPACE_SHARE, share_user, "are rights" },
	{ SPACE_SEEN, seen_user, "is a \\Seen" },
	{ SPACE_URLKEY, url_key_user, "is an access key" },
	{ SPACE_METADATA, metadata_user, "is an annotation" },
};

/* Does an account or group have this id? */
static enum err fsck_owners_known(struct txn *t, struct arena *a, uint32_t id, bool *yes)
{
	struct account account;
	struct group group;
	enum err e = account_get(t, id, a, &account);

	if (e == ERR_MISSING)
		e = group_get(t, id, a, &group);
	*yes = e != ERR_MISSING;
	return e == ERR_MISSING ? OK : e;
}

static enum err users_check(struct txn *t, struct arena *a, const struct users *u,
                            struct fsck_report *r)
{
	struct kv_iter it;
	uint32_t last = 0; /* rows of one user are often adjacent */
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, u->space, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		uint32_t id = u->user(&it);
		bool yes;

		if (id == 0 || id == last)
			continue;
		last = id;
		e = fsck_owners_known(t, a, id, &yes);
		if (!e && !yes)
			fsck_found(r, "there %s of account %" PRIu32 ", which does not exist",
			           u->there, id);
		arena_reset(a);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err fsck_owners_run(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	enum err e = accounts_check(t, &a, r);

	for (size_t i = 0; i < COUNT(users) && !e; i++)
		e = users_check(t, &a, &users[i], r);
	arena_deinit(&a);
	return e == ERR_CORRUPT ? OK : e; /* the check of directory/ reports it */
}

const struct fsck_check mail_owner_fsck = { .name = "owner", .run = fsck_owners_run };
