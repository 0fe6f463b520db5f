/* model/mailbox/url_key.c: see url_key.h.
 *
 *	URLKEY   who account mailbox -> form 1, the key */
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/url_key.h"
#include "model/mailbox/url_key_rows.h"
#include "model/mailbox/watch.h"
#include <string.h>

enum { URL_KEY_FORM = 1 };

static void url_key_of(struct key *k, const struct mail_txn *m, uint32_t mailbox)
{
	key_init(k, m->who);
	key_u32(k, m->account);
	key_u32(k, mailbox);
}

/* The value of a row; NULL when it is damaged. Borrowed. */
static const char *url_key_read(struct str row)
{
	struct unpack u = unpack_of(row);
	bool known = unpack_u64(&u) == URL_KEY_FORM;
	struct str bytes = unpack_str(&u);

	return known && unpack_ok(&u) && !unpack_more(&u) && bytes.n == URL_KEY_BYTES ? bytes.p
	                                                                              : NULL;
}

enum err url_key_get(const struct mail_txn *m, uint32_t mailbox, uint8_t key[URL_KEY_BYTES])
{
	struct key k;
	const char *bytes;
	struct str row;
	enum err e;

	url_key_of(&k, m, mailbox);
	e = kv_get(m->t, SPACE_URLKEY, key_str(&k), &row);
	if (e)
		return e;
	bytes = url_key_read(row);
	if (!bytes)
		return ERR_CORRUPT;
	memcpy(key, bytes, URL_KEY_BYTES);
	return OK;
}

enum err url_key_set(const struct mail_txn *m, uint32_t mailbox, const uint8_t key[URL_KEY_BYTES])
{
	struct key k;
	struct buf b;
	enum err e;

	url_key_of(&k, m, mailbox);
	buf_init(&b, URL_KEY_BYTES + 16);
	pack_u64(&b, URL_KEY_FORM);
	pack_str(&b, str_from((const char *)key, URL_KEY_BYTES));
	e = kv_put(m->t, SPACE_URLKEY, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err url_key_reset(const struct mail_txn *m, uint32_t mailbox, const uint8_t key[URL_KEY_BYTES])
{
	enum err e = url_key_set(m, mailbox, key);

	if (!e)
		watches_notify_keys_after(m, m->account, mailbox);
	return e;
}

enum err url_keys_erase(const struct mail_txn *m)
{
	struct url_key_row row;
	struct kv_iter it;
	struct key who;
	enum err e = OK, walk;

	key_init(&who, m->who);
	kv_iter_prefix(&it, m->t, SPACE_URLKEY, key_str(&who));
	while (!e && kv_iter_next(&it)) {
		(void)url_key_row_read(&it, &row); /* a damaged row is deleted too */
		watches_notify_keys_after(m, row.account, row.mailbox);
		e = kv_del(m->t, SPACE_URLKEY, it.key);
	}
	walk = kv_iter_end(&it);
	return e ? e : walk;
}

/* --- Rows ------------------------------------------------------------------------------- */

bool url_key_row_read(const struct kv_iter *it, struct url_key_row *out)
{
	struct unpack key = unpack_of(it->key);

	out->who = unpack_be32(&key);
	out->account = unpack_be32(&key);
	out->mailbox = unpack_be32(&key);
	out->key = url_key_read(it->val);
	return unpack_ok(&key) && !unpack_more(&key) && out->key != NULL;
}

/* Deletes the keys for a mailbox of m->account; with 0 those for all its mailboxes, and the
 * account's keys for other accounts' mailboxes. Also deletes damaged rows, whose key is still
 * readable. */
static enum err forget(const struct mail_txn *m, uint32_t mailbox)
{
	struct url_key_row row;
	struct kv_iter it;
	enum err e = OK, walk;

	kv_iter_prefix(&it, m->t, SPACE_URLKEY, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		(void)url_key_row_read(&it, &row);
		if (mailbox ? row.account == m->account && row.mailbox == mailbox
		            : row.account == m->account || row.who == m->account)
			e = kv_del(m->t, SPACE_URLKEY, it.key);
	}
	walk = kv_iter_end(&it);
	return e ? e : walk;
}

enum err url_keys_forget(const struct mail_txn *m, uint32_t mailbox)
{
	assert(mailbox);
	return forget(m, mailbox);
}

enum err url_keys_forget_account(const struct mail_txn *m)
{
	return forget(m, 0);
}
