/* operations/transfer/memory.c: see memory.h.
 *
 * Key: account, hash of host, user and mailbox. Record: 1, UIDVALIDITY, UID, the UIDs of
 * skipped messages, which are missing in older records. */
#include "operations/transfer/memory.h"

#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "operations/transfer/import.h"

enum { VERSION = 1, KEY_BYTES = 4 + HASH_BYTES, RECORD_MAX = 30 + 5 * MEMORY_LEFT };

/* Each with its length before it, so that different parts never join to the same
 * bytes. */
static struct str memory_key_of(char to[KEY_BYTES], const struct memory_key *key)
{
	const struct str *parts[] = { &key->host, &key->user, &key->mailbox };
	struct hash_blake2b h;

	for (int i = 0; i < 4; i++)
		to[i] = (char)(key->account >> (24 - 8 * i));
	hash_blake2b_init(&h);
	for (size_t i = 0; i < COUNT(parts); i++) {
		hash_blake2b_update(&h, (struct str){ (const char *)&parts[i]->n, sizeof(size_t) });
		hash_blake2b_update(&h, *parts[i]);
	}
	hash_blake2b_final(&h, (uint8_t *)to + 4);
	return str_from(to, KEY_BYTES);
}

static bool memory_unpack(struct str record, struct memory *out)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != VERSION)
		return false;
	out->uidvalidity = unpack_u32(&u);
	out->uid = unpack_u32(&u);
	out->left_count = 0;
	while (unpack_more(&u) && out->left_count < MEMORY_LEFT)
		out->left[out->left_count++] = unpack_u32(&u);
	return unpack_ok(&u);
}

enum err memory_get(struct txn *t, const struct memory_key *key, struct memory *out)
{
	char p[KEY_BYTES];
	struct str val;
	enum err e = kv_get(t, SPACE_IMPORT, memory_key_of(p, key), &val);

	*out = (struct memory){ 0 };
	if (e)
		return e == ERR_MISSING ? OK : e;
	return memory_unpack(val, out) ? OK : ERR_CORRUPT;
}

enum err memory_put(struct txn *t, const struct memory_key *key, const struct memory *m)
{
	char p[KEY_BYTES];
	struct buf record;
	enum err e;

	buf_init(&record, RECORD_MAX);
	pack_u64(&record, VERSION);
	pack_u64(&record, m->uidvalidity);
	pack_u64(&record, m->uid);
	for (size_t i = 0; i < m->left_count; i++)
		pack_u64(&record, m->left[i]);
	e = kv_put(t, SPACE_IMPORT, memory_key_of(p, key), buf_str(&record));
	buf_deinit(&record);
	return e;
}

enum err memory_erase(struct txn *t, uint32_t account)
{
	char prefix[4];
	struct kv_iter it;
	enum err e = OK, end;

	for (int i = 0; i < 4; i++)
		prefix[i] = (char)(account >> (24 - 8 * i));
	kv_iter_prefix(&it, t, SPACE_IMPORT, str_from(prefix, sizeof prefix));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_IMPORT, it.key);
	end = kv_iter_end(&it);
	return e ? e : end;
}

/* Every row is well-formed, and of an account that exists. */
static enum err memory_check(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_IMPORT, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct unpack key = unpack_of(it.key);
		uint32_t account = unpack_be32(&key);
		struct account owner;
		struct memory m;

		if (it.key.n != KEY_BYTES || !memory_unpack(it.val, &m))
			fsck_found(r, "what account %u imported is malformed", account);
		else if (account_get(t, account, txn_arena(t), &owner) == ERR_MISSING)
			fsck_found(r, "account %u, which imported, does not exist", account);
	}
	e = kv_iter_end(&it);
	return e ? e : import_fsck(t, r);
}

const struct fsck_check transfer_fsck = { "transfer", memory_check, NULL };
