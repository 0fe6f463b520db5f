/* model/queue/late.c: see late.h. */
#include "model/queue/late.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/queue/book.h"
#include "model/queue/entry.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/take.h"
#include "model/store/store.h"

enum {
	KEY = 8 + 8,
	AGAIN_MS = 60 * 1000, /* delay before an entry that cannot be returned is retried */
};

/* --- rows -------------------------------------------------------------------------------- */

static struct str row_key(char to[static KEY], int64_t by_ms, uint64_t id)
{
	struct buf b;

	buf_init_in(&b, to, KEY);
	pack_be64(&b, (uint64_t)by_ms);
	pack_be64(&b, id);
	return buf_str(&b);
}

static bool has_row(const struct queue_item *item)
{
	return item != NULL && item->envelope.by_mode == ENVELOPE_BY_RETURN && !item->held;
}

enum err late_change(struct txn *t, const struct queue_item *old, const struct queue_item *item)
{
	char key[KEY];
	enum err e = OK;

	if (has_row(old) && (!has_row(item) || old->envelope.by_ms != item->envelope.by_ms))
		e = book_del(t, BOOK_LATE, row_key(key, old->envelope.by_ms, old->id));
	if ((e == OK || e == ERR_MISSING) && has_row(item))
		return book_put(t, BOOK_LATE, row_key(key, item->envelope.by_ms, item->id),
		                STR_EMPTY);
	return e == ERR_MISSING ? OK : e; /* an entry from before such rows existed */
}

static bool late_row_read(const struct kv_iter *it, int64_t *by_ms, uint64_t *id)
{
	struct unpack u = unpack_of(book_iter_key(it));

	*by_ms = (int64_t)unpack_be64(&u);
	*id = unpack_be64(&u);
	return unpack_ok(&u);
}

enum err late_check(struct txn *t, uint64_t *bad)
{
	struct kv_iter it;

	*bad = 0;
	book_iter(&it, t, BOOK_LATE);
	while (kv_iter_next(&it)) {
		struct arena a = { 0 };
		struct queue_item item;
		int64_t by_ms;
		uint64_t id;

		*bad += !late_row_read(&it, &by_ms, &id) || record_get(t, id, &a, &item) != OK ||
		        !has_row(&item) || item.envelope.by_ms != by_ms;
		arena_deinit(&a);
	}
	return kv_iter_end(&it);
}

/* --- late entries ------------------------------------------------------------------------ */

struct look {
	int64_t now_ms;
	uint64_t ids[QUEUE_BATCH_MAX];
	size_t count;
	int64_t next_ms;
};

/* May it be returned? The report handles entries being tried. An entry due in a moment,
 * as after a failure, waits for that. */
static bool is_free(struct txn *t, uint64_t id, struct look *l)
{
	struct arena a = { 0 };
	struct queue_item item;
	bool free = record_get(t, id, &a, &item) == OK &&
	            queue_state_of(&item, l->now_ms) != QUEUE_STATE_ACTIVE;
	bool soon = free && item.due_ms > l->now_ms && item.due_ms <= l->now_ms + AGAIN_MS;

	if (soon)
		l->next_ms = MIN(l->next_ms, item.due_ms);
	arena_deinit(&a);
	return free && !soon;
}

static enum err look(struct txn *t, void *arg)
{
	struct look *l = arg;
	struct kv_iter it;
	int64_t by_ms;
	uint64_t id;
	bool more = true;

	l->count = 0;
	l->next_ms = INT64_MAX;
	book_iter(&it, t, BOOK_LATE);
	while (more && kv_iter_next(&it)) {
		if (!late_row_read(&it, &by_ms, &id)) /* fsck reports it */
			continue;
		more = by_ms <= l->now_ms;
		if (!more)
			l->next_ms = MIN(l->next_ms, by_ms);
		else if (is_free(t, id, l))
			l->ids[l->count++] = id;
		if (l->count == QUEUE_BATCH_MAX) {
			l->next_ms = l->now_ms;
			more = false;
		}
	}
	return kv_iter_end(&it);
}

enum err late_give_back(struct queue *q, int64_t now_ms, int64_t *next_ms, struct why *why)
{
	struct look l = { .now_ms = now_ms };
	enum err e = store_read(q->store, look, &l);
	size_t failed = 0;

	*next_ms = l.next_ms;
	if (e != OK)
		return fail(why, e, "the queue cannot be read");
	for (size_t i = 0; i < l.count; i++) {
		struct why one = { "" };

		e = queue_expire(q, l.ids[i], now_ms + AGAIN_MS, &one);
		/* changed meanwhile */
		if (e == OK || e == ERR_MISSING || e == ERR_CONFLICT)
			continue;
		*next_ms = MIN(*next_ms, now_ms + AGAIN_MS);
		if (failed++ == 0)
			event(store_failed, STR(""), ev_z(err_words(e, &one)));
	}
	return OK;
}
