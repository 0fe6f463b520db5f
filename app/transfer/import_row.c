/* transfer/import_row.c: imports in the store; see import.h.
 *
 * Key: account, id. Record: 1, then the members in the order of pack(). */
#include "base/arena.h"
#include "base/pack.h"
#include "config/limits.h"
#include "directory/directory.h"
#include "store/fsck.h"
#include "store/kv.h"
#include "store/store.h"
#include "transfer/import.h"

enum { VERSION = 1, KEY_BYTES = 8, RECORD_MAX = 16 << 20 };

/* --- records ------------------------------------------------------------------------------- */

static void folder_pack(struct buf *b, const struct import_folder *f)
{
	pack_str(b, f->from);
	pack_str(b, f->to);
	pack_u64(b, f->messages);
	pack_u64(b, f->done);
	pack_u64(b, f->counts.brought);
	pack_u64(b, f->counts.known);
	pack_u64(b, f->counts.skipped);
	pack_u64(b, f->counts.bytes);
	pack_u64(b, f->ended);
}

static void pack(struct buf *b, const struct import *i)
{
	pack_u64(b, VERSION);
	pack_str(b, i->host);
	pack_str(b, i->user);
	pack_u64(b, i->port);
	pack_u64(b, i->tls_first);
	pack_u64(b, i->public_only);
	pack_str(b, i->roots);
	pack_u64(b, i->rule_count);
	for (size_t n = 0; n < i->rule_count; n++) {
		pack_str(b, i->rules[n].from);
		pack_str(b, i->rules[n].to);
	}
	pack_str(b, i->by);
	pack_u64(b, (uint64_t)i->created_ms);
	pack_u64(b, (uint64_t)i->started_ms);
	pack_u64(b, (uint64_t)i->ended_ms);
	pack_u64(b, i->state);
	pack_str(b, i->problem);
	pack_u64(b, i->brought);
	pack_u64(b, i->bytes);
	pack_u64(b, i->folder_count);
	for (size_t n = 0; n < i->folder_count; n++)
		folder_pack(b, &i->folders[n]);
	pack_u64(b, i->left_count);
	for (size_t n = 0; n < i->left_count; n++) {
		pack_str(b, i->left[n].folder);
		pack_str(b, i->left[n].what);
		pack_str(b, i->left[n].why);
	}
}

/* How many of something follow; no more than there can be. */
static size_t count_unpack(struct unpack *u, size_t max)
{
	uint64_t n = unpack_u64(u);

	u->bad = u->bad || n > max;
	return u->bad ? 0 : (size_t)n;
}

static void rules_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_rules);
	struct transfer_rule *rules = arena_array(a, struct transfer_rule, n);

	for (size_t i = 0; i < n; i++) {
		rules[i].from = str_dup(a, unpack_str(u));
		rules[i].to = str_dup(a, unpack_str(u));
	}
	out->rules = rules;
	out->rule_count = n;
}

static void folders_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_folders);
	struct import_folder *folders = arena_array(a, struct import_folder, n);

	for (size_t i = 0; i < n; i++) {
		struct import_folder *f = &folders[i];

		f->from = str_dup(a, unpack_str(u));
		f->to = str_dup(a, unpack_str(u));
		f->messages = unpack_u64(u);
		f->done = unpack_u64(u);
		f->counts.brought = unpack_u64(u);
		f->counts.known = unpack_u64(u);
		f->counts.skipped = unpack_u64(u);
		f->counts.bytes = unpack_u64(u);
		f->ended = unpack_u64(u) != 0;
	}
	out->folders = folders;
	out->folder_count = n;
}

static void left_unpack(struct unpack *u, struct arena *a, struct import *out)
{
	size_t n = count_unpack(u, LIMIT_import_left);
	struct import_left *left = arena_array(a, struct import_left, n);

	for (size_t i = 0; i < n; i++) {
		left[i].folder = str_dup(a, unpack_str(u));
		left[i].what = str_dup(a, unpack_str(u));
		left[i].why = str_dup(a, unpack_str(u));
	}
	out->left = left;
	out->left_count = n;
}

static bool import_unpack(struct str record, struct arena *a, struct import *out)
{
	struct unpack u = unpack_of(record);
	uint64_t state;

	*out = (struct import){ 0 };
	if (unpack_u64(&u) != VERSION)
		return false;
	out->host = str_dup(a, unpack_str(&u));
	out->user = str_dup(a, unpack_str(&u));
	out->port = (uint16_t)unpack_u64(&u);
	out->tls_first = unpack_u64(&u) != 0;
	out->public_only = unpack_u64(&u) != 0;
	out->roots = str_dup(a, unpack_str(&u));
	rules_unpack(&u, a, out);
	out->by = str_dup(a, unpack_str(&u));
	out->created_ms = (int64_t)unpack_u64(&u);
	out->started_ms = (int64_t)unpack_u64(&u);
	out->ended_ms = (int64_t)unpack_u64(&u);
	state = unpack_u64(&u);
	out->state = (enum import_state)MIN(state, IMPORT_STATES);
	out->problem = str_dup(a, unpack_str(&u));
	out->brought = unpack_u64(&u);
	out->bytes = unpack_u64(&u);
	folders_unpack(&u, a, out);
	left_unpack(&u, a, out);
	return unpack_ok(&u) && out->state < IMPORT_STATES;
}

/* --- rows ---------------------------------------------------------------------------------- */

static struct str key_of(char to[KEY_BYTES], uint32_t account, uint32_t id)
{
	for (int i = 0; i < 4; i++) {
		to[i] = (char)(account >> (24 - 8 * i));
		to[4 + i] = (char)(id >> (24 - 8 * i));
	}
	return str_from(to, KEY_BYTES);
}

static uint32_t id_of(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 4, key.n));

	return unpack_be32(&u);
}

static enum err row_put(struct txn *t, uint32_t account, const struct import *i)
{
	char p[KEY_BYTES];
	struct buf record;
	enum err e;

	buf_init(&record, RECORD_MAX);
	pack(&record, i);
	e = buf_ok(&record) ? kv_put(t, SPACE_PULL, key_of(p, account, i->id), buf_str(&record))
	                    : ERR_LIMIT;
	buf_deinit(&record);
	return e;
}

enum err import_get(struct txn *t, uint32_t account, uint32_t id, struct arena *a,
                    struct import *out)
{
	char p[KEY_BYTES];
	struct str val;
	enum err e = kv_get(t, SPACE_PULL, key_of(p, account, id), &val);

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
	kv_iter_prefix(&it, t, SPACE_PULL, str_sub(key_of(p, account, 0), 0, 4));
	while (e == OK && n < LIMIT_imports_kept && kv_iter_next(&it)) {
		if (!import_unpack(it.val, a, &out->items[n]))
			e = ERR_CORRUPT;
		out->items[n++].id = id_of(it.key);
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

static enum err none_active(const struct import_list *list, struct why *why)
{
	for (size_t i = 0; i < list->count; i++)
		if (import_is_active(list->items[i].state))
			return fail(why, ERR_CONFLICT,
			            "mail is being brought to this account already: wait for its "
			            "end, or cancel it");
	return OK;
}

enum err import_add(struct txn *t, uint32_t account, struct import *i, struct why *why)
{
	struct import_list list;
	char p[KEY_BYTES];
	enum err e = import_list(t, account, txn_arena(t), &list);

	if (e == OK)
		e = none_active(&list, why);
	if (e)
		return e;
	i->id = list.count != 0 ? list.items[0].id + 1 : 1;
	i->state = IMPORT_WAITING;
	if (list.count == LIMIT_imports_kept)
		e = kv_del(t, SPACE_PULL, key_of(p, account, list.items[list.count - 1].id));
	return e ? e : row_put(t, account, i);
}

enum err import_again(struct txn *t, uint32_t account, struct import *i, struct why *why)
{
	struct import_list list;
	enum err e = import_list(t, account, txn_arena(t), &list);

	if (e == OK)
		e = none_active(&list, why);
	if (e)
		return e;
	i->state = IMPORT_WAITING;
	i->started_ms = i->ended_ms = 0;
	i->problem = STR_EMPTY;
	i->brought = i->bytes = 0;
	i->folder_count = i->left_count = 0;
	return import_put(t, account, i);
}

enum err import_put(struct txn *t, uint32_t account, const struct import *i)
{
	char p[KEY_BYTES];
	enum err e = kv_get(t, SPACE_PULL, key_of(p, account, i->id), NULL);

	return e ? e : row_put(t, account, i);
}

enum err import_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why)
{
	struct import i;
	char p[KEY_BYTES];
	enum err e = import_get(t, account, id, txn_arena(t), &i);

	if (e == OK && import_is_active(i.state))
		return fail(why, ERR_CONFLICT, "it is under way: cancel it first");
	return e ? e : kv_del(t, SPACE_PULL, key_of(p, account, id));
}

enum err import_erase(struct txn *t, uint32_t account)
{
	char p[KEY_BYTES];
	struct kv_iter it;
	enum err e = OK, end;

	kv_iter_prefix(&it, t, SPACE_PULL, str_sub(key_of(p, account, 0), 0, 4));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_PULL, it.key);
	end = kv_iter_end(&it);
	return e ? e : end;
}

/* A row that cannot be read stays as it is: fsck tells of it. */
static enum err row_sweep(struct txn *t, struct str key, struct str val)
{
	struct unpack u = unpack_of(key);
	uint32_t account = unpack_be32(&u);
	struct import i;

	if (key.n != KEY_BYTES || !import_unpack(val, txn_arena(t), &i) ||
	    !import_is_active(i.state))
		return OK;
	i.id = id_of(key);
	i.state = IMPORT_INTERRUPTED;
	i.problem = STR("the server was stopped meanwhile: run it again, and it goes on");
	return row_put(t, account, &i);
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
