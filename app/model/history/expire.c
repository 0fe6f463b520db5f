/* model/history/expire.c: deleting old traces; see trace.h. */
#include "foundation/base/clock.h"
#include "model/history/record.h"
#include "model/store/store.h"

enum { DAY_MS = 86400 * 1000, ROWS_AT_ONCE = 500 };

struct cut {
	uint64_t rows; /* the maximum that is kept */
	uint64_t id;   /* lower ids are deleted    */
	uint64_t gone; /* deleted by the last transaction */
	bool more;
};

/* Raises the cut so that at most `rows` of the newest rows are kept. */
static enum err rows_count(struct txn *t, void *arg)
{
	struct cut *c = arg;
	char from[TRACE_KEY_BYTES];
	uint64_t n = 0, id;
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_TRACE, record_key(from, c->id), STR_EMPTY);
	while (n <= c->rows && kv_iter_prev(&it))
		if (record_key_parse(it.key, &id) && ++n > c->rows)
			c->id = id + 1;
	return kv_iter_end(&it);
}

static enum err space_cut(struct txn *t, enum space space, struct cut *c, uint64_t *gone)
{
	char to[TRACE_KEY_BYTES];
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_init(&it, t, space, STR_EMPTY, record_key(to, c->id));
	while (e == OK && *gone < ROWS_AT_ONCE && kv_iter_next(&it)) {
		e = kv_del(t, space, it.key);
		*gone += 1;
	}
	walked = kv_iter_end(&it);
	c->more = c->more || *gone == ROWS_AT_ONCE;
	return e != OK ? e : walked;
}

/* Deletes steps first, so that no step is without its trace. */
static enum err rows_cut(struct txn *t, void *arg)
{
	struct cut *c = arg;
	uint64_t steps = 0;
	enum err e;

	c->gone = 0;
	c->more = false;
	e = space_cut(t, SPACE_TRACE_STEP, c, &steps);
	return e == OK && !c->more ? space_cut(t, SPACE_TRACE, c, &c->gone) : e;
}

/* Is there any row below the cut? Reading needs no commit. */
static enum err rows_look(struct txn *t, void *arg)
{
	struct cut *c = arg;
	char to[TRACE_KEY_BYTES];
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_TRACE, STR_EMPTY, record_key(to, c->id));
	c->more = kv_iter_next(&it);
	return kv_iter_end(&it);
}

enum err traces_expire(struct store *s, uint64_t days, uint64_t rows, uint64_t *count,
                       struct why *why)
{
	int64_t oldest_ms = clock_real_ms() - (int64_t)(MIN(days, 36500u) * DAY_MS);
	struct cut c = { .rows = rows, .id = (uint64_t)MAX(oldest_ms, 0) << 16 };
	uint64_t gone = 0;
	enum err e = store_read(s, rows_count, &c);

	if (e == OK)
		e = store_read(s, rows_look, &c);
	if (e != OK)
		return fail(why, e, "traces cannot be read");
	while (e == OK && c.more) {
		e = store_write(s, rows_cut, &c, why);
		gone += e == OK ? c.gone : 0;
	}
	if (count != NULL)
		*count = gone;
	return e;
}
