/* model/filters/memory.c: see memory.h; the rows are in rows.h. */
#include "model/filters/memory.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/filters/rows.h"
#include "model/store/store.h"

enum { SWEEP = 4 /* rows past their time that a write removes */ };

/* The row of a hash. */
static void key_hash(struct filters_key *k, uint32_t account, struct str hash)
{
	filters_key_init(k, account);
	buf_byte(&k->b, 'k');
	buf_put(&k->b, hash);
}

static void key_until(struct filters_key *k, uint32_t account, uint64_t until, struct str hash)
{
	filters_key_init(k, account);
	buf_byte(&k->b, 'u');
	pack_be64(&k->b, until);
	buf_put(&k->b, hash);
}

static enum err number_get(struct txn *t, struct str key, uint64_t *out)
{
	struct unpack u;
	struct str row;
	enum err e = kv_get(t, SPACE_FILTER_MEMORY, key, &row);

	*out = 0;
	if (e != OK)
		return e;
	u = unpack_of(row);
	*out = unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err number_put(struct txn *t, struct str key, uint64_t n)
{
	struct buf row;

	buf_init(&row, 16);
	pack_u64(&row, n);
	return filters_row_put(t, SPACE_FILTER_MEMORY, key, &row);
}

bool filter_memory_row_read(struct str key, struct filter_memory_row *out)
{
	struct unpack u = unpack_of(key);
	struct str kind;

	*out = (struct filter_memory_row){ .account = unpack_be32(&u) };
	if (cur_take(&u.c, 1, &kind))
		out->kind = kind.p[0];
	if (out->kind == 'u')
		out->until = unpack_be64(&u);
	out->hash = cur_rest(&u.c);
	return unpack_ok(&u) && (out->kind == '\0' || out->kind == 'k' || out->kind == 'u') &&
	       out->hash.n == (out->kind ? FILTERS_HASH : 0);
}

enum err filter_memory_known(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                         bool *known)
{
	struct filters_key k;
	uint64_t until;
	enum err e;

	key_hash(&k, account, STR_EMPTY);
	filters_key_hash(&k, key);
	e = number_get(t, buf_str(&k.b), &until);
	*known = e == OK && until > (uint64_t)now_ms;
	return e == ERR_MISSING ? OK : e;
}

/* Removes the row of the hash. */
static enum err memory_forget(struct txn *t, uint32_t account, struct str hash, uint64_t until)
{
	struct filters_key k, order;
	enum err e;

	key_hash(&k, account, hash);
	key_until(&order, account, until, hash);
	e = kv_del(t, SPACE_FILTER_MEMORY, buf_str(&order.b));
	if (e == OK || e == ERR_MISSING)
		e = kv_del(t, SPACE_FILTER_MEMORY, buf_str(&k.b));
	return e == ERR_MISSING ? OK : e;
}

/* Removes some rows past their time, and one more where there are too many. */
static enum err sweep(struct txn *t, uint32_t account, int64_t now_ms, uint64_t *count)
{
	struct filter_memory_row row;
	struct filters_key k;
	struct kv_iter it;
	enum err e = OK, walked;

	filters_key_init(&k, account);
	buf_byte(&k.b, 'u');
	kv_iter_prefix(&it, t, SPACE_FILTER_MEMORY, buf_str(&k.b));
	for (int i = 0; e == OK && i < SWEEP && kv_iter_next(&it); i++) {
		if (!filter_memory_row_read(it.key, &row))
			e = ERR_CORRUPT;
		if (e != OK || (row.until > (uint64_t)now_ms && *count < LIMIT_filter_memory))
			break;
		e = memory_forget(t, account, row.hash, row.until);
		*count -= *count != 0;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err filter_memory_put(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                    int64_t until_ms)
{
	struct filters_key k, order, total;
	uint64_t count, until;
	struct str hash;
	enum err e;

	filters_key_init(&total, account);
	key_hash(&k, account, STR_EMPTY);
	filters_key_hash(&k, key);
	hash = str_sub(buf_str(&k.b), k.b.n - FILTERS_HASH, k.b.n);
	if ((e = number_get(t, buf_str(&total.b), &count)) != OK && e != ERR_MISSING)
		return e;
	e = number_get(t, buf_str(&k.b), &until);
	if (e == OK) {
		e = memory_forget(t, account, hash, until);
		count -= count != 0;
	} else if (e == ERR_MISSING) {
		e = sweep(t, account, now_ms, &count);
	}
	key_until(&order, account, (uint64_t)until_ms, hash);
	if (e == OK)
		e = number_put(t, buf_str(&k.b), (uint64_t)until_ms);
	if (e == OK)
		e = kv_put(t, SPACE_FILTER_MEMORY, buf_str(&order.b), STR_EMPTY);
	return e != OK ? e : number_put(t, buf_str(&total.b), count + 1);
}

enum err filter_memory_once(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                            uint32_t seconds, bool *known)
{
	enum err e;

	*known = false;
	if (key.n == 0)
		return OK;
	e = filter_memory_known(t, account, key, now_ms, known);
	if (e || *known)
		return e;
	return filter_memory_put(t, account, key, now_ms, now_ms + (int64_t)seconds * 1000);
}

enum err filter_memory_clear(struct txn *t, uint32_t account)
{
	struct filters_key k;

	filters_key_init(&k, account);
	return filters_rows_del(t, SPACE_FILTER_MEMORY, buf_str(&k.b));
}
