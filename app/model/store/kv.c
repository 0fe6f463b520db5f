/* model/store/kv.c: key spaces and iterators on top of a backend; see kv.h.
 *
 * A stored key is the space's number in one byte, then the key. */
#include "model/store/kv.h"

#include "foundation/base/fault.h"
#include "model/store/txn.h"

#include <string.h>

static const char *const space_names[] = {
#define SPACE(number, name, key, value) [number] = #name,
#include "model/store/spaces.def"
#undef SPACE
};

const char *space_name(unsigned number)
{
	return number < COUNT(space_names) ? space_names[number] : NULL;
}

struct full_key {
	char bytes[KV_KEY_MAX + 1];
};

static struct str full_key(struct full_key *k, enum space s, struct str key)
{
	assert(key.n >= 1 && key.n <= KV_KEY_MAX);
	k->bytes[0] = (char)s;
	memcpy(k->bytes + 1, key.p, key.n);
	return str_from(k->bytes, key.n + 1);
}

/* Make e stick to a write transaction. */
static enum err stick(struct txn *t, enum err e)
{
	if (t->write && t->failed == OK)
		t->failed = e;
	return e;
}

enum err kv_failed(const struct txn *t)
{
	return t->failed;
}

/* --- Rows ------------------------------------------------------------------------------- */

enum err kv_get(struct txn *t, enum space s, struct str key, struct str *val)
{
	struct full_key k;
	struct str unused;
	enum err e;

	if (val == NULL)
		val = &unused;
	*val = STR_EMPTY;
	if (fault("kv_get"))
		return stick(t, fail_errno(NULL, "store"));
	e = t->ops->get(t->kv, full_key(&k, s, key), val);
	return e == OK || e == ERR_MISSING ? e : stick(t, e);
}

/* The present size of the row, for the limit on a nearly full disk. */
static int64_t row_bytes(struct txn *t, struct str key)
{
	struct str old;

	if (t->ops->get(t->kv, key, &old) != OK)
		return 0;
	return (int64_t)(key.n + old.n);
}

enum err kv_get_many(struct txn *t, enum space s, const struct str *keys, size_t n,
                     struct str *vals)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = kv_get(t, s, keys[i], &vals[i]);

		if (e == ERR_MISSING)
			vals[i] = (struct str){ NULL, 0 };
		else if (e != OK)
			return e;
		else if (vals[i].p == NULL) /* there, and empty */
			vals[i].p = "";
	}
	return OK;
}

enum err kv_put(struct txn *t, enum space s, struct str key, struct str val)
{
	struct full_key k;
	struct str full = full_key(&k, s, key);
	enum err e;

	assert(t->write && val.n <= KV_VALUE_MAX);
	if (t->failed != OK)
		return t->failed;
	if (fault("kv_put"))
		return stick(t, fail_errno(NULL, "store"));
	if (t->tight)
		t->growth += (int64_t)(full.n + val.n) - row_bytes(t, full);
	t->writes++;
	t->bytes += full.n + val.n;
	e = t->ops->put(t->kv, full, val);
	return stick(t, e);
}

enum err kv_del(struct txn *t, enum space s, struct str key)
{
	struct full_key k;
	struct str full = full_key(&k, s, key);
	enum err e;

	assert(t->write);
	if (t->failed != OK)
		return t->failed;
	if (fault("kv_del"))
		return stick(t, fail_errno(NULL, "store"));
	if (t->tight)
		t->growth -= row_bytes(t, full);
	e = t->ops->del(t->kv, full);
	if (e == ERR_MISSING)
		return e;
	t->writes++;
	return stick(t, e);
}

/* --- Iterators -------------------------------------------------------------------------- */

enum { FRESH, BEFORE, ON, AFTER }; /* kv_iter.place */

static unsigned short bound_set(char *bound, enum space s, struct str key)
{
	assert(key.n <= KV_KEY_MAX);
	bound[0] = (char)s;
	if (key.n != 0)
		memcpy(bound + 1, key.p, key.n);
	return (unsigned short)(key.n + 1);
}

/* The first key after all that start with bound[0..n): increments the last byte below 255 and cuts
 * the rest. A space's number is below 255, so there always is one. */
static unsigned short bound_raise(char *bound, unsigned short n)
{
	while ((unsigned char)bound[n - 1] == 0xff)
		n--;
	bound[n - 1]++;
	return n;
}

static void iter_open(struct kv_iter *it, struct txn *t)
{
	it->key = it->val = STR_EMPTY;
	it->t = t;
	it->cursor = NULL;
	it->writes = t->writes;
	it->place = FRESH;
	it->at_n = 0;
	it->error = fault("kv_cursor") ? fail_errno(NULL, "store")
	                               : t->ops->cursor_open(t->kv, &it->cursor);
	if (it->error != OK)
		stick(t, it->error);
	else
		t->cursors++;
}

void kv_iter_init(struct kv_iter *it, struct txn *t, enum space s, struct str from, struct str to)
{
	it->from_n = bound_set(it->from, s, from);
	it->to_n = bound_set(it->to, s, to);
	if (to.n == 0)
		it->to_n = bound_raise(it->to, it->to_n);
	iter_open(it, t);
}

void kv_iter_prefix(struct kv_iter *it, struct txn *t, enum space s, struct str prefix)
{
	it->from_n = bound_set(it->from, s, prefix);
	it->to_n = bound_set(it->to, s, prefix);
	it->to_n = bound_raise(it->to, it->to_n);
	iter_open(it, t);
}

enum err kv_iter_end(struct kv_iter *it)
{
	if (it->cursor != NULL) {
		it->t->ops->cursor_close(&it->cursor);
		it->t->cursors--;
	}
	return it->error;
}

static enum err cursor_move(struct kv_iter *it, enum kv_move move, struct str at, struct str *key)
{
	if (fault("kv_step"))
		return fail_errno(NULL, "store");
	return it->t->ops->cursor_move(it->cursor, move, at, key, &it->val);
}

/* Rows changed since the cursor was placed: searches the neighbour of the last key again. */
static enum err step_again(struct kv_iter *it, bool forward, struct str *key)
{
	struct str at = str_from(it->at, it->at_n);
	enum err e;

	if (!forward)
		return cursor_move(it, KV_BELOW, at, key);
	e = cursor_move(it, KV_SEEK, at, key);
	if (e == OK && str_eq(*key, at))
		e = cursor_move(it, KV_NEXT, at, key);
	return e;
}

static enum err kv_iter_step(struct kv_iter *it, bool forward, struct str *key)
{
	if (it->place == ON && it->writes != it->t->writes)
		return step_again(it, forward, key);
	if (it->place == ON)
		return cursor_move(it, forward ? KV_NEXT : KV_PREV, STR_EMPTY, key);
	if (forward)
		return cursor_move(it, KV_SEEK, str_from(it->from, it->from_n), key);
	return cursor_move(it, KV_BELOW, str_from(it->to, it->to_n), key);
}

/* Only the bound in the direction of the walk can be passed. */
static bool in_range(const struct kv_iter *it, bool forward, struct str key)
{
	return forward ? str_cmp(key, str_from(it->to, it->to_n)) < 0
	               : str_cmp(key, str_from(it->from, it->from_n)) >= 0;
}

/* Returns the row. In a write transaction the key is kept, since the step after a write starts from
 * it. */
static void arrive(struct kv_iter *it, struct str key)
{
	if (it->t->write) {
		memcpy(it->at, key.p, key.n);
		it->at_n = (unsigned short)key.n;
		key.p = it->at;
	}
	it->key = str_sub(key, 1, key.n);
	it->place = ON;
}

static bool iter_step(struct kv_iter *it, bool forward)
{
	struct str key;
	enum err e;

	if (it->error != OK || it->place == (forward ? AFTER : BEFORE))
		return false;
	e = kv_iter_step(it, forward, &key);
	it->writes = it->t->writes;
	if (e == OK && key.n > sizeof it->at)
		e = ERR_CORRUPT;
	if (e == OK && in_range(it, forward, key)) {
		arrive(it, key);
		return true;
	}
	if (e != OK && e != ERR_MISSING)
		it->error = stick(it->t, e);
	it->place = forward ? AFTER : BEFORE;
	it->key = it->val = STR_EMPTY;
	return false;
}

bool kv_iter_next(struct kv_iter *it)
{
	return iter_step(it, true);
}

bool kv_iter_prev(struct kv_iter *it)
{
	return iter_step(it, false);
}
