/* model/mailbox/pending_deletion.c: see pending_deletion.h. */
#include "model/mailbox/pending_deletion.h"

#include "foundation/base/pack.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/lease.h"

enum err pending_deletion_put(const struct mail_txn *m, uint64_t email)
{
	struct key k;

	key_pending_deletion(&k, m->account, email);
	return kv_put(m->t, SPACE_UID, key_str(&k), STR_EMPTY);
}

enum err pending_deletion_find(const struct mail_txn *m, uint64_t email)
{
	struct key k;

	key_pending_deletion(&k, m->account, email);
	return kv_get(m->t, SPACE_UID, key_str(&k), NULL);
}

/* Uses an edit for the sums of the state. It is not committed, since nothing is to be logged. */
static enum err pending_deletion_remove(struct edit *ed, const struct mail_txn *m, struct str key,
                             uint64_t email)
{
	enum err e = edit_begin(ed, m);

	if (e || (e = kv_del(m->t, SPACE_UID, key)) || (e = edit_email_remove(ed, email)))
		return e;
	return state_put(m, &ed->state);
}

enum err pending_deletion_purge(const struct mail_txn *m)
{
	struct edit ed = { .m = m };
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_uids(&k, m->account, 0);
	kv_iter_prefix(&it, m->t, SPACE_UID, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, k.n, SIZE_MAX));
		uint64_t email = unpack_be64(&u);

		if (!leases_hold(m->mailboxes->leases, m->account, email))
			e = pending_deletion_remove(&ed, m, it.key, email);
	}
	walked = kv_iter_end(&it);
	edit_end(&ed);
	return e ? e : walked;
}
