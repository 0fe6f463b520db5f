/* mailbox/fsck_owners.c: mail against the accounts of directory/; see fsck.h. */
#include "base/arena.h"
#include "base/pack.h"
#include "directory/group.h"
#include "mailbox/fsck_account.h"
#include "mailbox/keys.h"
#include "store/kv.h"
#include "store/store.h"

/* Accounts without mail. */
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

/* Mail without an account. */
static enum err mail_check(struct txn *t, struct arena *a, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_MAILBOX, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);
		uint32_t id = unpack_be32(&u);
		struct account account;
		struct group group;

		if (unpack_be32(&u) != 0) /* a mailbox; the account's state is number 0 */
			continue;
		e = account_get(t, id, a, &account);
		if (e == ERR_MISSING) /* a group's */
			e = group_get(t, id, a, &group);
		if (e == ERR_MISSING) {
			fsck_found(r, "there is mail of account %" PRIu32 ", which does not exist",
			           id);
			e = OK;
		}
		arena_reset(a);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err run(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	enum err e = accounts_check(t, &a, r);

	if (!e)
		e = mail_check(t, &a, r);
	if (!e)
		e = fsck_share_owners(t, &a, r);
	if (!e)
		e = fsck_own_seen_users(t, &a, r);
	if (!e)
		e = fsck_url_key_users(t, &a, r);
	if (!e)
		e = fsck_metadata_users(t, &a, r);
	arena_deinit(&a);
	return e == ERR_CORRUPT ? OK : e; /* directory/'s own check tells of that */
}

const struct fsck_check mail_owner_fsck = { .name = "owner", .run = run };
