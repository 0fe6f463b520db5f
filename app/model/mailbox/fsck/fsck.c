/* model/mailbox/fsck/fsck.c: see fsck.h. Goes account by account through all spaces. */
#include "model/mailbox/fsck/fsck.h"

#include "foundation/base/pack.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

/* The least account from first on that has a row in the space; false when none has. */
static enum err account_next_in(struct txn *t, enum space s, uint32_t first, uint32_t *account,
                                bool *found)
{
	struct kv_iter it;
	struct unpack u;
	struct key k;

	key_init(&k, first);
	kv_iter_init(&it, t, s, key_str(&k), STR_EMPTY);
	*found = kv_iter_next(&it);
	if (*found) {
		u = unpack_of(it.key);
		*account = unpack_be32(&u);
		*found = unpack_ok(&u);
	}
	return kv_iter_end(&it);
}

/* The same over all spaces: also finds rows of an account without a state. */
static enum err account_next(struct txn *t, uint32_t first, uint32_t *account, bool *found)
{
	static const enum space spaces[] = { SPACE_MAILBOX,      SPACE_MAILBOX_NAME, SPACE_EMAIL,
		                             SPACE_UID,          SPACE_CHANGE,       SPACE_KEYWORD,
		                             SPACE_SUBSCRIPTION, SPACE_ACL,          SPACE_SEEN,
		                             SPACE_THREAD,       SPACE_THREAD_KEY,   SPACE_DATED,
		                             SPACE_THREAD_BOX };
	enum err e = OK;

	*found = false;
	for (size_t i = 0; i < COUNT(spaces) && !e; i++) {
		uint32_t one;
		bool any;

		e = account_next_in(t, spaces[i], first, &one, &any);
		if (!e && any) {
			*account = *found ? MIN(*account, one) : one;
			*found = true;
		}
	}
	return e;
}

static enum err check_account(struct fsck_account *a)
{
	enum err e = state_get(&a->m, &a->state);

	if (e == ERR_MISSING || e == ERR_CORRUPT) {
		ACCOUNT_FOUND(a, "%s",
		              e == ERR_MISSING ? "there is mail, but no state of it"
		                               : "its state is damaged");
		return OK;
	}
	if (e || (e = fsck_mailboxes(a)) || (e = fsck_names(a)) || (e = fsck_keywords(a)) ||
	    (e = fsck_subscriptions(a)) || (e = fsck_acl(a)) || (e = fsck_metadata(a)) ||
	    (e = fsck_rows(a)) || (e = fsck_own_seen(a)) || (e = fsck_emails(a)) ||
	    (e = fsck_threads(a)))
		return e;
	return fsck_changes(a);
}

static enum err check_all(struct txn *t, struct fsck_report *r)
{
	struct arena arena = { 0 };
	struct fsck_account server = { .m = { .t = t }, .r = r, .arena = &arena };
	uint32_t account = 0;
	bool found;
	enum err e = fsck_metadata(&server);

	while (!e && !(e = account_next(t, account, &account, &found)) && found) {
		struct fsck_account a = { .m = { .t = t, .account = account },
			                  .r = r,
			                  .arena = &arena };

		if ((e = check_account(&a)) || account == UINT32_MAX)
			break;
		arena_reset(&arena);
		account++;
	}
	arena_deinit(&arena);
	if (!e)
		e = fsck_url_keys(t, r);
	return e ? e : fsck_shares(t, r);
}

static enum err blob_refs(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	struct email email;

	kv_iter_prefix(&it, t, SPACE_EMAIL, STR_EMPTY);
	while (kv_iter_next(&it))
		if (it.key.n == EMAIL_KEY_BYTES && email_unpack(it.val, &email))
			fsck_blob_ref(r, &email.blob);
	return kv_iter_end(&it);
}

const struct fsck_check mailbox_fsck = {
	.name = "mailbox",
	.run = check_all,
	.blob_refs = blob_refs,
};
