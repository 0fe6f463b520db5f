/* flow/policy/blocks/blocks.c: see blocks.h.
 *
 *	key:   "policy:k", kind, name
 *	value: term, since_ms, until_ms, reason */
#include "flow/policy/blocks/blocks.h"

#include "flow/policy/blocks/block_networks.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { KEY_MAX = 400, RECORD_MAX = 1024, EXPIRE_BATCH = 1000 };

/* Stored: the numbers do not change. */
enum term { TERM_DATE = 1, TERM_TIME = 2 };

struct block {
	char room[KEY_MAX];
	struct str key;
	enum term term;
	struct blocked b;
	bool moved; /* b differs from its row */
	struct arena *a;
	struct blocked *list;
	size_t count, cap;
};

static bool block_key_make(struct block *x, enum block_kind kind, struct str name)
{
	struct buf b;

	buf_init_in(&b, x->room, sizeof x->room);
	buf_put(&b, STR("policy:k"));
	buf_byte(&b, (char)kind);
	buf_put(&b, name);
	x->key = buf_str(&b);
	return buf_ok(&b);
}

/* --- rows ------------------------------------------------------------------------------------ */

/* A block that begins in the future was made before the clock was set back: its time
 * begins now. */
static bool time_move(struct blocked *b, int64_t now_ms)
{
	if (b->since_ms <= now_ms)
		return false;
	b->until_ms -= b->since_ms - now_ms;
	b->since_ms = now_ms;
	return true;
}

/* Into x->b, as it is in force now. */
static bool block_row_parse(struct block *x, struct str key, struct str record, int64_t now_ms)
{
	struct unpack u = unpack_of(record);
	struct blocked *b = &x->b;

	x->term = (enum term)unpack_u64(&u);
	*b = (struct blocked){ .since_ms = (int64_t)unpack_u64(&u) };
	b->until_ms = (int64_t)unpack_u64(&u);
	b->reason = str_dup(x->a, unpack_str(&u));
	b->network = key.n > 8 && key.p[8] != BLOCK_SENDING;
	if (key.n > 8 && key.p[8] == BLOCK_PREFIX)
		b->address = block_network_text(x->a, str_sub(key, 9, key.n));
	else
		b->address = str_dup(x->a, str_sub(key, 9, key.n));
	x->moved = x->term == TERM_TIME && time_move(b, now_ms);
	return unpack_ok(&u) && (x->term == TERM_DATE || x->term == TERM_TIME);
}

static enum err block_put(struct txn *t, void *arg)
{
	const struct block *x = arg;
	char room[RECORD_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, x->term);
	pack_u64(&b, (uint64_t)x->b.since_ms);
	pack_u64(&b, (uint64_t)x->b.until_ms);
	pack_str(&b, str_sub(x->b.reason, 0, RECORD_MAX / 2));
	return kv_put(t, SPACE_LOOKUP, x->key, buf_str(&b));
}

static enum err block_get(struct txn *t, void *arg)
{
	struct block *x = arg;
	int64_t now_ms = clock_real_ms();
	struct str record;
	enum err e = kv_get(t, SPACE_LOOKUP, x->key, &record);

	if (e)
		return e;
	if (!block_row_parse(x, x->key, record, now_ms))
		return ERR_CORRUPT;
	return x->b.until_ms > now_ms ? OK : ERR_MISSING;
}

/* An unreadable row does not prevent a block. */
static enum err block_add(struct txn *t, void *arg)
{
	struct block *x = arg, there = *x;
	enum err e;

	there.a = txn_arena(t);
	e = block_get(t, &there);
	if (e == OK)
		return ERR_CONFLICT;
	return e == ERR_MISSING || e == ERR_CORRUPT ? block_put(t, x) : e;
}

/* The block may have been ended or renewed meanwhile. */
static enum err block_row_move(struct txn *t, void *arg)
{
	struct block *x = arg;
	enum err e = block_get(t, x);

	return e == OK && x->moved ? block_put(t, x) : e;
}

static enum err block_list(struct txn *t, void *arg)
{
	struct block *x = arg;
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("policy:k"));
	while (kv_iter_next(&it)) {
		if (!block_row_parse(x, it.key, it.val, now_ms) || x->b.until_ms <= now_ms)
			continue;
		if (x->count == x->cap) {
			struct blocked *old = x->list;

			x->cap = MAX(x->cap * 2, (size_t)8);
			x->list = arena_array(x->a, struct blocked, x->cap);
			if (x->count != 0)
				memcpy(x->list, old, x->count * sizeof *old);
		}
		x->list[x->count++] = x->b;
	}
	return kv_iter_end(&it);
}

static enum err block_expire(struct txn *t, void *arg)
{
	struct block *x = arg;
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;
	enum err e = OK, walked;

	x->a = txn_arena(t);
	x->count = 0;
	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("policy:k"));
	while (e == OK && x->count < EXPIRE_BATCH && kv_iter_next(&it)) {
		if (!block_row_parse(x, it.key, it.val, now_ms) || x->b.until_ms > now_ms)
			continue;
		x->count++;
		e = kv_del(t, SPACE_LOOKUP, it.key);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err del(struct txn *t, void *arg)
{
	const struct block *x = arg;

	return kv_del(t, SPACE_LOOKUP, x->key);
}

/* --- functions ----------------------------------------------------------------------- */

static enum err block_write(struct store *s, txn_fn *how, struct block *x, enum block_kind kind,
                            struct str name, struct why *why)
{
	if (!block_key_make(x, kind, name))
		return fail(why, ERR_LIMIT, "a name this long cannot be blocked");
	return store_write(s, how, x, why);
}

/* From now on. */
static struct block block_for(struct str reason, int64_t for_ms)
{
	int64_t now_ms = clock_real_ms();

	return (struct block){ .term = for_ms == INT64_MAX ? TERM_DATE : TERM_TIME,
		               .b = { .reason = reason,
		                      .since_ms = now_ms,
		                      .until_ms = for_ms == INT64_MAX ? for_ms
		                                                      : now_ms + for_ms } };
}

enum err blocks_put(struct store *s, enum block_kind kind, struct str name, struct str reason,
                    int64_t until_ms, struct why *why)
{
	struct block x = { .term = TERM_DATE,
		           .b = { .reason = reason,
		                  .since_ms = clock_real_ms(),
		                  .until_ms = until_ms } };

	return block_write(s, block_put, &x, kind, name, why);
}

enum err blocks_put_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why)
{
	struct block x = block_for(reason, for_ms);

	return block_write(s, block_put, &x, kind, name, why);
}

enum err blocks_add_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why)
{
	struct block x = block_for(reason, for_ms);

	return block_write(s, block_add, &x, kind, name, why);
}

enum err blocks_get(struct store *s, enum block_kind kind, struct str name, struct arena *a,
                    struct blocked *out)
{
	struct block x = { .a = a };
	enum err e = block_key_make(&x, kind, name) ? store_read(s, block_get, &x) : ERR_MISSING;

	if (e == OK && x.moved)
		(void)!store_write(s, block_row_move, &x, NULL); /* else the next call does */
	*out = x.b;
	return e;
}

enum err blocks_list(struct store *s, struct arena *a, struct blocked **out, size_t *count)
{
	struct block x = { .a = a };
	enum err e = store_read(s, block_list, &x);

	*out = x.list;
	*count = e == OK ? x.count : 0;
	return e;
}

enum err blocks_expire(struct store *s, struct why *why)
{
	struct block x = { .a = NULL };
	enum err e;

	do
		e = store_write(s, block_expire, &x, why);
	while (e == OK && x.count == EXPIRE_BATCH);
	return e;
}

static enum err block_remove(struct store *s, enum block_kind kind, struct str name, bool *any,
                             struct why *why)
{
	struct block x = { .a = NULL };
	enum err e = block_key_make(&x, kind, name) ? store_write(s, del, &x, why) : ERR_MISSING;

	*any = *any || e == OK;
	return e == ERR_MISSING ? OK : e;
}

enum err blocks_remove(struct store *s, struct str name, struct why *why)
{
	static const enum block_kind kinds[] = { BLOCK_NETWORK, BLOCK_MX, BLOCK_SENDING };
	char room[BLOCK_NETWORK_NAME_MAX];
	struct network network;
	bool any = false;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(kinds); i++)
		e = block_remove(s, kinds[i], name, &any, why);
	if (e == OK && network_parse(name, &network))
		e = block_remove(s, BLOCK_PREFIX, block_network_name(&network, room), &any, why);
	return e == OK && !any ? ERR_MISSING : e;
}
