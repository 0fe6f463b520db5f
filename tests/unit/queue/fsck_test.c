/* Each contradiction that can be made between the queue's rows is found. */
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"
#include "model/history/sent.h"
#include "model/queue/add.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"

static struct str key(struct txn *t, uint64_t n, uint64_t id)
{
	char *k = arena_alloc(txn_arena(t), 16);

	for (int i = 0; i < 8; i++) {
		k[i] = (char)(n >> (56 - 8 * i));
		k[8 + i] = (char)(id >> (56 - 8 * i));
	}
	return str_from(k, 16);
}

static struct str id_key(struct txn *t, uint64_t id)
{
	return str_sub(key(t, id, 0), 0, 8);
}

static enum err record_lost(struct txn *t, const struct queue_item *item)
{
	return kv_del(t, SPACE_QUEUE, id_key(t, item->id));
}

/* Of an entry at that time, in that destination queue's own place. */
static struct str due_key(struct txn *t, const struct queue_item *item, int64_t due_ms)
{
	struct buf b;
	char *dest = arena_alloc(txn_arena(t), DEST_KEY_MAX);
	struct str text;

	buf_init(&b, KV_KEY_MAX);
	buf_put(&b, record_dest(dest, item));
	buf_byte(&b, (char)(ENVELOPE_PRIORITY_MAX - item->envelope.priority));
	buf_put(&b, key(t, (uint64_t)due_ms, item->id));
	text = str_dup(txn_arena(t), buf_str(&b));
	buf_deinit(&b);
	return text;
}

static enum err due_lost(struct txn *t, const struct queue_item *item)
{
	return kv_del(t, SPACE_QUEUE_DUE, due_key(t, item, item->due_ms));
}

static enum err due_twice(struct txn *t, const struct queue_item *item)
{
	return kv_put(t, SPACE_QUEUE_DUE, due_key(t, item, 5), STR_EMPTY);
}

static enum err due_elsewhere(struct txn *t, const struct queue_item *item)
{
	struct queue_item other = *item;

	other.destination = STR("elsewhere.example");
	return kv_put(t, SPACE_QUEUE_DUE, due_key(t, &other, item->due_ms), STR_EMPTY);
}

static enum err due_garbage(struct txn *t, const struct queue_item *item)
{
	return kv_put(t, SPACE_QUEUE_DUE, STR("x"), item->destination);
}

static enum err record_garbage(struct txn *t, const struct queue_item *item)
{
	return kv_put(t, SPACE_QUEUE, id_key(t, item->id), STR("\x01\x02"));
}

static enum err wrong_destination(struct txn *t, const struct queue_item *item)
{
	struct queue_item other = *item;

	other.destination = STR("elsewhere.example");
	return record_change(t, item, &other);
}

static enum err id_of_the_future(struct txn *t, const struct queue_item *item)
{
	struct queue_item other = *item;

	other.id = 77;
	if (blob_ref(t, &item->blob) != OK)
		return ERR_IO;
	return record_add(t, &other);
}

static enum err blob_lost(struct txn *t, const struct queue_item *item)
{
	return blob_unref(t, &item->blob);
}

static enum err blob_too_often(struct txn *t, const struct queue_item *item)
{
	return blob_ref(t, &item->blob);
}

static enum err sent_unknown(struct txn *t, const struct queue_item *item)
{
	return sent_waits_del(t, item->envelope.submitter, item->envelope.sent_id, item->id);
}

static enum err sent_of_none(struct txn *t, const struct queue_item *item)
{
	return sent_waits_put(t, item->envelope.submitter, item->envelope.sent_id, item->id + 1);
}

static enum err (*const harms[])(struct txn *t, const struct queue_item *item) = {
	record_lost,    due_lost,          due_twice,        due_elsewhere, due_garbage,
	record_garbage, wrong_destination, id_of_the_future, blob_lost,     blob_too_often,
	sent_unknown,   sent_of_none,
};

static enum err harm(struct txn *t, void *arg)
{
	struct queue_item item;
	enum err e = record_get(t, 1, txn_arena(t), &item);

	return e != OK ? e : harms[*(size_t *)arg](t, &item);
}

static void finds_each(void **state)
{
	(void)state;
	event_fd_set(-1);
	for (size_t i = 0; i < COUNT(harms); i++) {
		struct fixture f;

		fixture_open(&f, STORE_MEMORY);
		fixture_add_new(
			&f, (struct queue_new){ .envelope.submitter = 7, .envelope.sent_id = 9 });
		check_at(i, fixture_fsck(&f, true) == 0);
		check_at(i, store_write(f.ts.store, harm, &i, NULL) == OK);
		check_at(i, fixture_fsck(&f, false) >= 1);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_each) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
