/* model/store/backend/journal_row.c: see journal_row.h. */
#include "model/store/backend/journal_row.h"

#include "foundation/base/pack.h"
#include "model/store/backend/journal.h"
#include "model/store/kv.h"
#include "model/store/backend/kv_ops.h"
#include "model/store/store.h"

static const struct kv_ops *const tree = &kv_lmdb_ops;

/* META "journal": form 1, epoch. */
static const char key_bytes[] = { SPACE_META, 'j', 'o', 'u', 'r', 'n', 'a', 'l' };
const struct str journal_row_key = { key_bytes, sizeof key_bytes };
const struct str journal_row_name = { key_bytes + 1, sizeof key_bytes - 1 };

/* META "recovered", without a value. */
static const char recovered_bytes[] = { SPACE_META, 'r', 'e', 'c', 'o', 'v', 'e', 'r', 'e', 'd' };
static const struct str recovered_key = { recovered_bytes, sizeof recovered_bytes };
static const struct str recovered_name = { recovered_bytes + 1, sizeof recovered_bytes - 1 };

enum err journal_row_put(struct kv_txn *t, uint64_t epoch)
{
	struct buf b;
	enum err e;

	buf_init(&b, 32);
	pack_u64(&b, 1);
	pack_u64(&b, epoch);
	e = tree->put(t, journal_row_key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err journal_row_del(struct kv_txn *t)
{
	enum err e = tree->del(t, journal_row_key);

	return e == ERR_MISSING ? OK : e;
}

/* ERR_MISSING when there is no row. */
static enum err journal_row_get(struct kv_txn *t, uint64_t *epoch)
{
	struct str row;
	struct unpack u;
	enum err e = tree->get(t, journal_row_key, &row);

	if (e != OK)
		return e;
	u = unpack_of(row);
	unpack_u64(&u);
	*epoch = unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err replay_put(void *arg, struct str k, struct str v)
{
	return tree->put(arg, k, v);
}

static enum err replay_del(void *arg, struct str k)
{
	enum err e = tree->del(arg, k);

	return e == ERR_MISSING ? OK : e;
}

static enum err recover_in(struct kv_txn *t, const struct journal *j, struct why *why)
{
	struct journal_target to = { .put = replay_put, .del = replay_del, .arg = t };
	uint64_t epoch;
	enum err e = journal_row_get(t, &epoch);

	if (e == ERR_MISSING)
		return OK; /* another process has done it */
	if (e == OK && journal_empty(j))
		return fail(why, ERR_MISSING,
		            "the store's journal (roost.journal) is missing; put it back, or give "
		            "roost.mdb to roost restore to go on without the last commits");
	if (e == OK)
		e = journal_replay(j, epoch, &to, why);
	else
		e = fail(why, e, "cannot read the store");
	if (e == OK)
		e = journal_row_del(t);
	return e == OK ? tree->put(t, recovered_key, STR_EMPTY) : e;
}

enum err journal_row_recover(struct kv_env *env, const struct journal *j, struct why *why)
{
	struct kv_txn *t;
	uint64_t epoch;
	enum err e = tree->begin(env, false, &t, why);

	if (e != OK)
		return e;
	e = journal_row_get(t, &epoch);
	tree->abort(&t);
	if (e == ERR_MISSING)
		return OK;
	e = tree->begin(env, true, &t, why);
	if (e != OK)
		return e;
	e = recover_in(t, j, why);
	if (e == OK)
		return tree->commit(&t, false, why);
	tree->abort(&t);
	return e;
}

enum err store_recovered_take(struct txn *t, bool *recovered)
{
	enum err e = kv_del(t, SPACE_META, recovered_name);

	*recovered = e == OK;
	return e == ERR_MISSING ? OK : e;
}
