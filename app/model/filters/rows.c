/* model/filters/rows.c: see rows.h. */
#include "model/filters/rows.h"

#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"

void filters_key_init(struct filters_key *k, uint32_t account)
{
	buf_init_in(&k->b, k->room, sizeof(k->room));
	pack_be32(&k->b, account);
}

void filters_key_owner(struct filters_key *k, const struct script_owner *owner)
{
	filters_key_init(k, owner->account);
	if (owner->account == 0) {
		buf_put(&k->b, owner->domain);
		buf_byte(&k->b, '\0');
	}
}

void filters_key_hash(struct filters_key *k, struct str s)
{
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(s, hash);
	buf_bytes(&k->b, hash, FILTERS_HASH);
}

enum err filters_rows_del(struct txn *t, enum space space, struct str prefix)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, space, prefix);
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, space, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err filters_row_put(struct txn *t, enum space space, struct str key, struct buf *row)
{
	enum err e = buf_ok(row) ? kv_put(t, space, key, buf_str(row)) : ERR_LIMIT;

	buf_deinit(row);
	return e;
}

static struct unpack row_open(struct str row)
{
	struct unpack u = unpack_of(row);

	u.bad = unpack_u64(&u) != FILTERS_FORM || u.bad;
	return u;
}

/* The id of a script whose row is older than ids. */
static uint64_t name_id(struct str name)
{
	uint8_t hash[HASH_BYTES];
	uint64_t n = 0;

	hash_blake2b_256(name, hash);
	for (size_t i = 0; i < sizeof n; i++)
		n = n << 8 | hash[i];
	return n >> 1 | 1;
}

bool script_row_read(struct str row, struct script *out)
{
	struct unpack u = row_open(row);

	*out = (struct script){ .changed_ms = (int64_t)unpack_u64(&u) };
	out->name = unpack_str(&u);
	out->text = unpack_str(&u);
	out->program = unpack_str(&u);
	out->size = out->text.n;
	out->id = unpack_more(&u) ? unpack_u64(&u) : name_id(out->name);
	return unpack_ok(&u);
}

bool filter_row_read(struct str row, struct filter *out)
{
	struct unpack u = row_open(row);

	out->settings = unpack_str(&u);
	out->script = unpack_str(&u);
	out->program = unpack_str(&u);
	return unpack_ok(&u);
}
