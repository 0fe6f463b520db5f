/* flow/policy/memory/recall_flush.c: writes changed entries to the store in batches; see
 * recall.h. */
#include "flow/policy/memory/recall_body.h"
#include "foundation/base/arena.h"
#include "model/store/store.h"

#include <string.h>

/* One row being written. */
struct row {
	char key[RECALL_KEY_BYTES];
	struct recall_entry entry;
};

struct batch {
	struct row *rows;
	size_t count, cap;
	size_t fresh; /* number of rows new to the store */
};

static bool gather(struct str key, void *value, void *arg)
{
	struct recall_entry *x = value;
	struct batch *b = arg;

	if (!x->dirty || b->count == b->cap)
		return true;
	x->dirty = false;
	x->writing = true;
	memcpy(b->rows[b->count].key, key.p, RECALL_KEY_BYTES);
	b->rows[b->count++].entry = *x;
	b->fresh += !x->stored;
	return true;
}

static enum err put_all(struct txn *t, void *arg)
{
	const struct batch *batch = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < batch->count; i++)
		e = recall_row_put(t, str_from(batch->rows[i].key, RECALL_KEY_BYTES),
		                   &batch->rows[i].entry);
	return e;
}

/* Under the lock. An entry changed meanwhile is dirty again. */
static void recall_settle(struct recall *m, const struct batch *b, bool written)
{
	for (size_t i = 0; i < b->count; i++) {
		struct str key = str_from(b->rows[i].key, RECALL_KEY_BYTES);
		struct recall_entry *x = map_get(&m->entries, key);

		if (x == NULL)
			continue;
		x->writing = false;
		x->stored = x->stored || written;
		if (!written && !x->dirty) {
			x->dirty = true;
			m->dirty++;
		}
	}
}

enum err recall_flush(struct recall *m, struct why *why)
{
	struct batch b = { 0 };
	struct arena a = { 0 };
	enum err e = OK;

	pthread_mutex_lock(&m->flush);
	pthread_mutex_lock(&m->service.lock);
	b.cap = m->dirty;
	b.rows = arena_array(&a, struct row, b.cap);
	map_filter(&m->entries, gather, &b);
	m->dirty = 0;
	pthread_mutex_unlock(&m->service.lock);
	if (m->rows + b.fresh > m->rows_max)
		e = recall_rows_evict(m, b.fresh, why);
	if (e == OK && b.count != 0)
		e = store_write(m->store, put_all, &b, why);
	m->rows += e == OK ? b.fresh : 0;
	pthread_mutex_lock(&m->service.lock);
	recall_settle(m, &b, e == OK);
	m->failing = e != OK;
	pthread_mutex_unlock(&m->service.lock);
	pthread_mutex_unlock(&m->flush);
	arena_deinit(&a);
	return e;
}
