/* model/directory/row_passkey.c: see row_passkey.h. */
#include "model/directory/row_passkey.h"

#include "foundation/base/arena.h"
#include "model/directory/row.h"
#include "model/directory/row_form.h"

static enum err row_passkey_parse(struct str key, struct str record, struct arena *a,
                                  struct passkey_row *out)
{
	struct unpack u = row_open(record);

	*out = (struct passkey_row){ .account = row_key_read(key, 0),
		                     .number = row_key_read(key, ROW_KEY) };
	out->label = str_dup(a, unpack_str(&u));
	out->site = str_dup(a, unpack_str(&u));
	out->credential_id = str_dup(a, unpack_str(&u));
	out->public_key = str_dup(a, unpack_str(&u));
	out->count = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->last_used_ms = (int64_t)unpack_u64(&u);
	return row_done(&u);
}

enum err row_passkey_get(struct txn *t, uint32_t account, uint32_t number, struct arena *a,
                         struct passkey_row *out)
{
	char to[2 * ROW_KEY];
	struct str key = row_key_two(to, account, number);
	struct str record;
	enum err e = kv_get(t, SPACE_PASSKEY, key, &record);

	return e != OK ? e : row_passkey_parse(key, record, a, out);
}

enum err row_passkey_put(struct txn *t, const struct passkey_row *row)
{
	char to[2 * ROW_KEY];
	struct buf b = row_new();

	pack_str(&b, row->label);
	pack_str(&b, row->site);
	pack_str(&b, row->credential_id);
	pack_str(&b, row->public_key);
	pack_u64(&b, row->count);
	pack_u64(&b, (uint64_t)row->created_ms);
	pack_u64(&b, (uint64_t)row->last_used_ms);
	return row_put(t, SPACE_PASSKEY, row_key_two(to, row->account, row->number), &b);
}

enum err row_passkey_add(struct txn *t, const struct passkey_row *row)
{
	enum err e = row_passkey_put(t, row);

	return e != OK ? e : row_login_moved(t);
}

enum err row_passkey_del(struct txn *t, uint32_t account, uint32_t number)
{
	char to[2 * ROW_KEY];

	return kv_del(t, SPACE_PASSKEY, row_key_two(to, account, number));
}

void row_passkey_iter(struct kv_iter *it, struct txn *t, uint32_t account)
{
	char key[ROW_KEY];

	kv_iter_prefix(it, t, SPACE_PASSKEY, row_key(key, account));
}

enum err row_passkey_count(struct txn *t, uint32_t account, unsigned *out)
{
	struct kv_iter it;

	*out = 0;
	row_passkey_iter(&it, t, account);
	while (kv_iter_next(&it))
		++*out;
	return kv_iter_end(&it);
}

enum err row_passkey_read(const struct kv_iter *it, struct arena *a, struct passkey_row *out)
{
	return row_passkey_parse(it->key, it->val, a, out);
}
