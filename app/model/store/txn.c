/* model/store/txn.c: see txn.h and the txn_ functions of store.h. */
#include "model/store/txn.h"

#include "foundation/base/fault.h"
#include "model/store/store_body.h"

/* An announcement in the arena of its transaction. */
struct txn_note {
	struct txn_note *before;
	void (*fn)(void *arg);
	void *arg;
};

static _Thread_local unsigned open_count;
static _Thread_local bool announcing;

unsigned txns_open(void)
{
	return open_count;
}

bool txn_announcing(void)
{
	return announcing;
}

/* The numbers of the last commit are still valid, unless another process may have committed
 * since. */
static void numbers_begin(struct txn *t)
{
	uint64_t epoch = t->ops->epoch != NULL ? t->ops->epoch(t->kv) : 0;

	t->numbers = t->store->commit.numbers;
	t->numbers.known = t->numbers.known && epoch != 0 && epoch == t->numbers.epoch;
	t->numbers.epoch = epoch;
}

enum err txn_begin(struct txn *t, struct store *s, bool write, struct arena *arena, struct why *why)
{
	enum err e;

	*t = (struct txn){ .store = s, .ops = s->ops, .write = write, .arena = arena };
	if (fault("store_begin"))
		return fail_errno(why, "cannot begin a transaction");
	e = s->ops->begin(s->env, write, &t->kv, why);
	if (e == OK)
		open_count++;
	if (e == OK && write)
		numbers_begin(t);
	return e;
}

enum err txn_commit(struct txn *t, bool soon, struct why *why)
{
	enum err e;

	assert(t->failed == OK && t->cursors == 0);
	if (fault("store_commit")) {
		e = fail_errno(why, "cannot commit");
		txn_abort(t);
		return e;
	}
	open_count--;
	e = t->ops->commit(&t->kv, soon, why);
	if (e == OK)
		t->store->commit.numbers = t->numbers;
	return e;
}

void txn_abort(struct txn *t)
{
	assert(t->cursors == 0);
	if (t->kv == NULL)
		return;
	open_count--;
	t->ops->abort(&t->kv);
}

void txn_after(struct txn *t, void (*fn)(void *arg), void *arg)
{
	struct txn_note *note = arena_new(t->arena, struct txn_note);

	assert(t->write);
	*note = (struct txn_note){ .before = t->notes, .fn = fn, .arg = arg };
	t->notes = note;
}

void txn_announce(struct txn *t)
{
	struct txn_note *first = NULL;

	for (struct txn_note *n = t->notes, *before; n != NULL; n = before) {
		before = n->before;
		n->before = first;
		first = n;
	}
	announcing = true;
	for (struct txn_note *n = first; n != NULL; n = n->before)
		n->fn(n->arg);
	announcing = false;
	t->notes = NULL;
}

struct arena *txn_arena(struct txn *t)
{
	return t->arena;
}

struct why *txn_why(struct txn *t)
{
	return t->why;
}

bool txn_is_write(const struct txn *t)
{
	return t->write;
}

struct store *txn_store(const struct txn *t)
{
	return t->store;
}
