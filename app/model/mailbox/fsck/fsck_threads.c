/* model/mailbox/fsck/fsck_threads.c: threads and their keys (thread.h). fsck_rows.c checks that
 * each row is in its thread. */
#include "foundation/base/pack.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/thread.h"

static enum err kept_check(struct fsck_account *a, uint64_t thread, uint64_t email, struct str kept)
{
	struct str record;
	struct key k;
	enum err e = OK;

	for (size_t i = 0; i < kept.n && !e; i += THREAD_KEY_BYTES) {
		struct unpack u;

		key_thread_key(&k, a->m.account, (const uint8_t *)kept.p + i);
		e = kv_get(a->m.t, SPACE_THREAD_KEY, key_str(&k), &record);
		u = unpack_of(record);
		if (e == ERR_MISSING || (!e && unpack_u64(&u) != thread))
			ACCOUNT_FOUND(a,
			              "email %" PRIu64 " keeps a key of thread %" PRIu64
			              ", which does not lead there",
			              email, thread);
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

/* *keys: those that emails keep. */
static enum err member_check(struct fsck_account *a, const struct kv_iter *it, uint64_t *keys)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint64_t thread = unpack_be64(&key), email = unpack_be64(&key);
	struct str kept = it->val;
	struct placement any;
	enum err e;

	if (!unpack_ok(&key) || thread == 0 || thread > email || kept.n % THREAD_KEY_BYTES ||
	    kept.n > THREAD_KEPT_MAX * THREAD_KEY_BYTES) {
		ACCOUNT_FOUND(a, "the row of email %" PRIu64 " in thread %" PRIu64 " is damaged",
		              email, thread);
		return OK;
	}
	*keys += kept.n / THREAD_KEY_BYTES;
	e = placement_first(&a->m, email, &any);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a, "thread %" PRIu64 " has email %" PRIu64 ", which is in no mailbox",
		              thread, email);
	return e == ERR_MISSING ? OK : e ? e : kept_check(a, thread, email, kept);
}

enum err fsck_threads(struct fsck_account *a)
{
	uint64_t kept = 0, keys = 0;
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_THREAD, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = member_check(a, &it, &kept);
	walked = kv_iter_end(&it);
	if (e || walked)
		return e ? e : walked;
	kv_iter_prefix(&it, a->m.t, SPACE_THREAD_KEY, key_str(&k));
	while (kv_iter_next(&it))
		keys++;
	if (keys != kept)
		ACCOUNT_FOUND(a, "emails keep %" PRIu64 " keys of threads, there are %" PRIu64,
		              kept, keys);
	return kv_iter_end(&it);
}
