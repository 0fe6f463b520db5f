/* model/mailbox/fsck/fsck_acl.c: the lists of rights (acl.h). */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/mailbox/acl_rows.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

/* Each right has a row in both spaces; both keys are three numbers, in a different order. */
static enum err twin_check(struct fsck_account *a, const struct key *twin, const char *what,
                           uint32_t mailbox, uint32_t who)
{
	enum space s = *what == 'n' ? SPACE_SHARE : SPACE_ACL;
	enum err e = kv_get(a->m.t, s, key_str(twin), NULL);

	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a, "the rights of %" PRIu32 " in mailbox %" PRIu32 " are %s", who,
		              mailbox, what);
	return e == ERR_MISSING ? OK : e;
}

static enum err acl_row(struct fsck_account *a, const struct kv_iter *it)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint32_t mailbox = unpack_be32(&key), who = unpack_be32(&key);
	struct acl_entry entry;
	struct key twin;

	if (!unpack_ok(&key) || unpack_more(&key) || !acl_unpack(it->val, &entry)) {
		ACCOUNT_FOUND(a, "a row of rights is %s", "damaged");
		return OK;
	}
	if (!fsck_box_find(a, mailbox))
		ACCOUNT_FOUND(a, "there are rights in mailbox %" PRIu32 ", which does not exist",
		              mailbox);
	key_share(&twin, who, a->m.account, mailbox);
	return twin_check(a, &twin, "not found by who has them", mailbox, who);
}

enum err fsck_acl(struct fsck_account *a)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_ACL, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = acl_row(a, &it);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

/* The other direction; a is the owner of the mailbox. */
static enum err share_row(struct fsck_account *a, const struct kv_iter *it)
{
	struct unpack key = unpack_of(it->key);
	uint32_t who = unpack_be32(&key), mailbox;
	struct key twin;

	a->m.account = unpack_be32(&key);
	mailbox = unpack_be32(&key);
	if (!unpack_ok(&key) || unpack_more(&key)) {
		ACCOUNT_FOUND(a, "a row of rights is %s", "damaged");
		return OK;
	}
	key_acl(&twin, a->m.account, mailbox, who);
	return twin_check(a, &twin, "those of no row", mailbox, who);
}

enum err fsck_shares(struct txn *t, struct fsck_report *r)
{
	struct fsck_account a = { .m = { .t = t }, .r = r };
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_SHARE, STR_EMPTY);
	while (!e && kv_iter_next(&it))
		e = share_row(&a, &it);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}
