/* model/store/backend/kv_journal_view.c: the rows of the table over the rows of the tree; see
 * kv_journal.h. */
#include "foundation/base/mem.h"
#include "model/store/backend/kv_journal.h"

static const struct kv_ops *const tree = &kv_lmdb_ops;

enum err journaled_get(struct kv_txn *t, struct str key, struct str *val)
{
	if (t->table != NULL) {
		switch (memtable_get(t->table, t->at, key, val)) {
		case MEMTABLE_VALUE:
			return OK;
		case MEMTABLE_GONE:
			*val = STR_EMPTY;
			return ERR_MISSING;
		case MEMTABLE_NOTHING:
			break;
		}
	}
	return tree->get(t->tree, key, val);
}

enum err journaled_put(struct kv_txn *t, struct str key, struct str val)
{
	if (t->table == NULL)
		return tree->put(t->tree, key, val);
	memtable_put(t->table, key, val);
	return OK;
}

enum err journaled_del(struct kv_txn *t, struct str key)
{
	struct str val;
	enum err e;

	if (t->table == NULL)
		return tree->del(t->tree, key);
	e = journaled_get(t, key, &val);
	if (e == OK)
		memtable_del(t->table, key);
	return e;
}

/* --- Cursors ---------------------------------------------------------------------------- */

/* Two positions, one in the table and one in the tree: each on the next row in the direction of the
 * walk, or on the row returned last, if its side has that row. */
struct kv_cursor {
	struct kv_txn *txn;
	struct memtable_iter rows;
	bool has_row;
	struct kv_cursor *tree;
	bool has_leaf;
	struct str leaf_key, leaf_val;
	bool forward;
	bool on_row, on_leaf; /* the sides that are on the row returned last */
	struct str at;        /* its key                                         */
};

enum err journaled_cursor_open(struct kv_txn *t, struct kv_cursor **out)
{
	struct kv_cursor *c = NEW(struct kv_cursor);
	enum err e = tree->cursor_open(t->tree, &c->tree);

	c->txn = t;
	if (t->table != NULL)
		memtable_iter_init(&c->rows, t->table, t->at);
	if (e != OK)
		mem_clear(&c);
	*out = c;
	return e;
}

void journaled_cursor_close(struct kv_cursor **cp)
{
	if (*cp == NULL)
		return;
	tree->cursor_close(&(*cp)->tree);
	mem_clear(cp);
}

static enum err leaf_move(struct kv_cursor *c, enum kv_move move, struct str at)
{
	enum err e = tree->cursor_move(c->tree, move, at, &c->leaf_key, &c->leaf_val);

	c->has_leaf = e == OK;
	return e == ERR_MISSING ? OK : e;
}

static enum err kv_journal_view_place(struct kv_cursor *c, bool forward, struct str at)
{
	c->forward = forward;
	c->has_row = forward ? memtable_seek(&c->rows, at) : memtable_below(&c->rows, at);
	return leaf_move(c, forward ? KV_SEEK : KV_BELOW, at);
}

/* Reverses the direction at the row returned last. */
static enum err turn(struct kv_cursor *c, bool forward)
{
	enum err e = kv_journal_view_place(c, forward, c->at);

	c->on_row = c->has_row && str_eq(c->rows.key, c->at);
	c->on_leaf = c->has_leaf && str_eq(c->leaf_key, c->at);
	return e;
}

/* Moves on from the row returned last, on the sides that are on it. */
static enum err kv_journal_view_leave(struct kv_cursor *c)
{
	if (c->on_row)
		c->has_row = c->forward ? memtable_next(&c->rows) : memtable_prev(&c->rows);
	if (c->on_leaf)
		return leaf_move(c, c->forward ? KV_NEXT : KV_PREV, STR_EMPTY);
	return OK;
}

/* Finds the sides that are on the nearest row. For the same key, the table's row hides the
 * tree's. */
static void nearest(struct kv_cursor *c)
{
	int order;

	c->on_row = c->has_row;
	c->on_leaf = c->has_leaf;
	if (!c->has_row || !c->has_leaf)
		return;
	order = str_cmp(c->rows.key, c->leaf_key);
	c->on_row = c->forward ? order <= 0 : order >= 0;
	c->on_leaf = c->forward ? order >= 0 : order <= 0;
}

/* Returns the nearest row, skipping deleted ones. */
static enum err arrive(struct kv_cursor *c, struct str *key, struct str *val)
{
	enum err e = OK;

	nearest(c);
	while (e == OK && c->on_row && c->rows.gone) {
		e = kv_journal_view_leave(c);
		nearest(c);
	}
	if (e != OK)
		return e;
	if (!c->on_row && !c->on_leaf)
		return ERR_MISSING;
	*key = c->on_row ? c->rows.key : c->leaf_key;
	*val = c->on_row ? c->rows.val : c->leaf_val;
	c->at = *key;
	return OK;
}

enum err journaled_cursor_move(struct kv_cursor *c, enum kv_move move, struct str at,
                               struct str *key, struct str *val)
{
	bool forward = move == KV_SEEK || move == KV_NEXT;
	enum err e;

	if (c->txn->table == NULL)
		return tree->cursor_move(c->tree, move, at, key, val);
	if (move == KV_SEEK || move == KV_BELOW)
		e = kv_journal_view_place(c, forward, at);
	else if (c->forward != forward)
		e = turn(c, forward);
	else
		e = OK;
	if (e == OK && (move == KV_NEXT || move == KV_PREV))
		e = kv_journal_view_leave(c);
	return e == OK ? arrive(c, key, val) : e;
}
