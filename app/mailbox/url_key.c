/* mailbox/url_key.c: see url_key.h.
 *
 *	URLKEY   who account mailbox -> form 1, the key */
#include "mailbox/url_key.h"
#include "base/pack.h"
#include "mailbox/keys.h"
#include <string.h>

static void key_of(struct key *k, const struct mail_txn *m, uint32_t mailbox)
{
	key_init(k, m->who);
	key_u32(k, m->account);
	key_u32(k, mailbox);
}

enum err url_key_get(const struct mail_txn *m, uint32_t mailbox, uint8_t key[URL_KEY_BYTES])
{
	struct key k;
	struct unpack u;
	struct str row, bytes;
	enum err e;

	key_of(&k, m, mailbox);
	e = kv_get(m->t, SPACE_URLKEY, key_str(&k), &row);
	if (e)
		return e;
	u = unpack_of(row);
	(void)unpack_u64(&u);
	bytes = unpack_str(&u);
	if (!unpack_ok(&u) || bytes.n != URL_KEY_BYTES)
		return ERR_CORRUPT;
	memcpy(key, bytes.p, URL_KEY_BYTES);
	return OK;
}

enum err url_key_set(const struct mail_txn *m, uint32_t mailbox, const uint8_t key[URL_KEY_BYTES])
{
	struct key k;
	struct buf b;
	enum err e;

	key_of(&k, m, mailbox);
	buf_init(&b, URL_KEY_BYTES + 16);
	pack_u64(&b, 1);
	pack_str(&b, str_from((const char *)key, URL_KEY_BYTES));
	e = kv_put(m->t, SPACE_URLKEY, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err url_keys_erase(const struct mail_txn *m)
{
	struct kv_iter it;
	struct key who;
	enum err e = OK, walk;

	key_init(&who, m->who);
	kv_iter_prefix(&it, m->t, SPACE_URLKEY, key_str(&who));
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, SPACE_URLKEY, it.key);
	walk = kv_iter_end(&it);
	return e ? e : walk;
}
