/* operations/transfer/import_row.c: imports in the store; see import.h.
 *
 * Key: account, id. Record: import_record.c. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "operations/transfer/transfer_private.h"

enum { KEY_BYTES = 8 };

/* --- keys and rows ------------------------------------------------------------------------- */

static struct str import_key_of(char to[KEY_BYTES], uint32_t account, uint32_t id)
{
	for (int i = 0; i < 4; i++) {
		to[i] = (char)(account >> (24 - 8 * i));
		to[4 + i] = (char)(id >> (24 - 8 * i));
	}
	return str_from(to, KEY_BYTES);
}

static uint32_t import_id_of(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 4, key.n));

	return unpack_be32(&u);
}

static enum err import_row_put(struct txn *t, uint32_t account, const struct import *i)
{
	char p[KEY_BYTES];
	struct buf record;
	enum err e;

	buf_init(&record, IMPORT_RECORD_MAX);
	import_pack(&record, i);
	e = buf_ok(&record)
	            ? kv_put(t, SPACE_PULL, import_key_of(p, account, i->id), buf_str(&record))
	            : ERR_LIMIT;
	buf_deinit(&record);
	return e;
}

enum err import_get(struct txn *t, uint32_t account, uint32_t id, struct arena *a,
                    struct import *out)
{
	char p[KEY_BYTES];
	struct str val;
	enum err e = kv_get(t, SPACE_PULL, import_key_of(p, account, id), &val);

	if (e)
		return e;
	if (!import_unpack(val, a, out))
		return ERR_CORRUPT;
	out->id = id;
	return OK;
}

enum err import_list(struct txn *t, uint32_t account, struct arena *a, struct import_list *out)
{
	char p[KEY_BYTES];
	struct kv_iter it;
	size_t n = 0;
	enum err e = OK, end;

	out->items = arena_array(a, struct import, LIMIT_imports_kept);
	kv_iter_prefix(&it, t, SPACE_PULL, str_sub(import_key_of(p, account, 0), 0, 4));
	while (e == OK && n < LIMIT_imports_kept && kv_iter_next(&it)) {
		if (!import_unpack(it.val, a, &out->items[n]))
			e = ERR_CORRUPT;
		out->items[n++].id = import_id_of(it.key);
	}
	end = kv_iter_end(&it);
	out->count = n;
	for (size_t i = 0; i < n / 2; i++) {
		struct import swap = out->items[i];

		out->items[i] = out->items[n - 1 - i];
		out->items[n - 1 - i] = swap;
	}
	return e ? e : end;
}

enum err import_put(struct txn *t, uint32_t account, const struct import *i)
{
	char p[KEY_BYTES];
	enum err e = kv_get(t, SPACE_PULL, import_key_of(p, account, i->id), NULL);

	return e ? e : import_row_put(t, account, i);
}

/* --- one at a time ------------------------------------------------------------------------- */

/* The account's imports; ERR_CONFLICT if one is active. */
static enum err list_idle(struct txn *t, uint32_t account, struct import_list *out, struct why *why)
{
	enum err e = import_list(t, account, txn_arena(t), out);

	for (size_t i = 0; e == OK && i < out->count; i++)
		if (import_is_active(out->items[i].state))
			return fail(why, ERR_CONFLICT,
			            "an import into this account is running already: wait for its "
			            "end, or cancel it");
	return e;
}

enum err import_add(struct txn *t, uint32_t account, struct import *i, struct why *why)
{
	struct import_list list;
	char p[KEY_BYTES];
	enum err e = list_idle(t, account, &list, why);

	if (e)
		return e;
	i->id = list.count != 0 ? list.items[0].id + 1 : 1;
	i->state = IMPORT_WAITING;
	if (list.count == LIMIT_imports_kept)
		e = kv_del(t, SPACE_PULL, import_key_of(p, account, list.items[list.count - 1].id));
	return e ? e : import_row_put(t, account, i);
}

enum err import_again(struct txn *t, uint32_t account, struct import *i, struct why *why)
{
	struct import_list list;
	enum err e = list_idle(t, account, &list, why);

	if (e)
		return e;
	i->state = IMPORT_WAITING;
	i->started_ms = i->ended_ms = 0;
	i->problem = STR_EMPTY;
	i->imported = i->bytes = 0;
	i->folder_count = i->left_count = 0;
	return import_put(t, account, i);
}

enum err import_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why)
{
	struct import i;
	char p[KEY_BYTES];
	enum err e = import_get(t, account, id, txn_arena(t), &i);

	if (e == OK && import_is_active(i.state))
		return fail(why, ERR_CONFLICT, "it is under way: cancel it first");
	return e ? e : kv_del(t, SPACE_PULL, import_key_of(p, account, id));
}

/* --- all of them --------------------------------------------------------------------------- */

enum err import_erase(struct txn *t, uint32_t account)
{
	char p[KEY_BYTES];
	struct kv_iter it;
	enum err e = OK, end;

	kv_iter_prefix(&it, t, SPACE_PULL, str_sub(import_key_of(p, account, 0), 0, 4));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_PULL, it.key);
	end = kv_iter_end(&it);
	return e ? e : end;
}

/* An unreadable row stays: fsck reports it. */
static enum err row_sweep(struct txn *t, struct str key, struct str val)
{
	struct unpack u = unpack_of(key);
	uint32_t account = unpack_be32(&u);
	struct import i;

	if (key.n != KEY_BYTES || !import_unpack(val, txn_arena(t), &i) ||
	    !import_is_active(i.state))
		return OK;
	i.id = import_id_of(key);
	i.state = IMPORT_INTERRUPTED;
	i.problem = STR("the server was stopped meanwhile: run it again, and it goes on");
	return import_row_put(t, account, &i);
}

enum err import_sweep(struct txn *t, void *arg)
{
	struct kv_iter it;
	enum err e = OK, end;

	(void)arg;
	kv_iter_prefix(&it, t, SPACE_PULL, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = row_sweep(t, str_dup(txn_arena(t), it.key), it.val);
	end = kv_iter_end(&it);
	return e ? e : end;
}

enum err import_fsck(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct kv_iter it;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_PULL, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct unpack key = unpack_of(it.key);
		uint32_t account = unpack_be32(&key);
		struct account owner;
		struct import i;

		if (it.key.n != KEY_BYTES || !import_unpack(it.val, &a, &i))
			fsck_found(r, "an import of account %u is malformed", account);
		else if (account_get(t, account, &a, &owner) == ERR_MISSING)
			fsck_found(r, "account %u, which has an import, does not exist", account);
		arena_reset(&a);
	}
	e = kv_iter_end(&it);
	arena_deinit(&a);
	return e;
}
