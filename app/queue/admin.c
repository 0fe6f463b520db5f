/* queue/admin.c: what an administrator sees and does; see queue.h. */
#include "queue/queue_body.h"
#include "queue/record.h"
#include "store/store.h"

enum err queue_list(struct txn *t, uint64_t from, size_t max, struct arena *a,
                    struct queue_list *out)
{
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	*out = (struct queue_list){ .items = arena_array(a, struct queue_item, max) };
	record_iter(&it, t, from);
	while (e == OK && kv_iter_next(&it)) {
		if (out->count == max) {
			out->more++;
			continue;
		}
		e = record_read(&it, a, &out->items[out->count]);
		if (e == ERR_CORRUPT)
			e = OK; /* fsck tells */
		else if (e == OK)
			out->count++;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err queue_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out)
{
	return record_get(t, id, a, out);
}

static enum err entry_retry(struct txn *t, const struct queue_item *old, int64_t now_ms,
                            uint64_t *count)
{
	struct queue_item item = *old;

	if (old->holder != 0)
		return OK;
	item.due_ms = now_ms;
	*count += 1;
	return record_change(t, old, &item);
}

static enum err all_retry(struct txn *t, int64_t now_ms, uint64_t *count)
{
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	record_iter(&it, t, 1);
	while (e == OK && kv_iter_next(&it)) {
		struct arena a = { 0 };
		struct queue_item item;

		e = record_read(&it, &a, &item);
		if (e == OK)
			e = entry_retry(t, &item, now_ms, count);
		else if (e == ERR_CORRUPT)
			e = OK;
		arena_deinit(&a);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count)
{
	struct queue_item item;
	uint64_t unused;
	enum err e;

	if (count == NULL)
		count = &unused;
	*count = 0;
	if (id == 0)
		return all_retry(t, now_ms, count);
	e = record_get(t, id, txn_arena(t), &item);
	return e != OK ? e : entry_retry(t, &item, now_ms, count);
}

enum err queue_drop(struct txn *t, uint64_t id)
{
	struct queue_item item;
	enum err e = record_get(t, id, txn_arena(t), &item);

	return e != OK ? e : record_del(t, &item);
}
