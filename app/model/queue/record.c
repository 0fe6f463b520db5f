/* model/queue/record.c: see record.h. */
#include "model/queue/record.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/text/utf8.h"
#include "model/history/sent.h"
#include "model/queue/count.h"
#include "model/queue/entry.h"
#include "model/queue/late.h"

enum {
	IDS_VERSION = 1, /* of row 0 */
	ID_KEY = 8,
	DUE_TAIL = 1 + 8 + 8, /* priority, due ms, id; preceded by the destination queue */
	DUE_KEY = DEST_KEY_MAX + DUE_TAIL,
};

/* --- Keys ------------------------------------------------------------------------------- */

static void key_u64(char *to, uint64_t n)
{
	for (int i = 0; i < ID_KEY; i++)
		to[i] = (char)(n >> (56 - 8 * i));
}

static struct str id_key(char to[static ID_KEY], uint64_t id)
{
	key_u64(to, id);
	return str_from(to, ID_KEY);
}

struct str record_dest(char to[static DEST_KEY_MAX], const struct queue_item *item)
{
	return dest_key(
		to, &(struct queue_destination){ item->queue, item->envelope.route,
		                                 item->destination });
}

static struct str due_key(char to[static DUE_KEY], const struct queue_item *item)
{
	size_t n = record_dest(to, item).n;

	to[n++] = (char)(ENVELOPE_PRIORITY_MAX - item->envelope.priority);
	key_u64(to + n, (uint64_t)item->due_ms);
	key_u64(to + n + ID_KEY, item->id);
	return str_from(to, n + 2 * ID_KEY);
}

/* --- Rows ------------------------------------------------------------------------------- */

enum err record_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out)
{
	char key[ID_KEY];
	struct str record;
	enum err e = id != 0 ? kv_get(t, SPACE_QUEUE, id_key(key, id), &record) : ERR_MISSING;

	return e != OK ? e : entry_parse(id, record, a, out);
}

static enum err rows_put(struct txn *t, const struct queue_item *item)
{
	char id[ID_KEY], due[DUE_KEY];
	struct buf b;
	enum err e;

	assert(item->id != 0 && item->envelope.rcpt_count != 0 && item->due_ms >= 0);
	buf_init(&b, KV_VALUE_MAX);
	entry_pack(&b, item);
	e = buf_ok(&b) ? kv_put(t, SPACE_QUEUE, id_key(id, item->id), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e != OK ? e : kv_put(t, SPACE_QUEUE_DUE, due_key(due, item), STR_EMPTY);
}

enum err record_sent_put(struct txn *t, const struct queue_item *item)
{
	return item->envelope.sent_id == 0 ? OK
	                                   : sent_waits_put(t, item->envelope.submitter,
	                                                    item->envelope.sent_id, item->id);
}

enum err record_add(struct txn *t, const struct queue_item *item)
{
	enum err e = late_change(t, NULL, item);

	if (e == OK)
		e = count_change(t, item, true);
	if (e == OK)
		e = record_sent_put(t, item);
	return e != OK ? e : rows_put(t, item);
}

enum err record_change(struct txn *t, const struct queue_item *old, const struct queue_item *item)
{
	char before[DUE_KEY], after[DUE_KEY];
	struct str due = due_key(before, old);
	enum err e = OK;

	assert(old->id == item->id && old->envelope.sent_id == item->envelope.sent_id);
	if (!str_eq(due, due_key(after, item)))
		e = kv_del(t, SPACE_QUEUE_DUE, due);
	if (e == OK || e == ERR_MISSING)
		e = late_change(t, old, item);
	return e != OK ? e : rows_put(t, item);
}

enum err record_del(struct txn *t, const struct queue_item *item)
{
	char id[ID_KEY], due[DUE_KEY];
	enum err e = kv_del(t, SPACE_QUEUE, id_key(id, item->id));

	if (e == OK)
		e = kv_del(t, SPACE_QUEUE_DUE, due_key(due, item));
	if (e == OK)
		e = late_change(t, item, NULL);
	if (e == OK)
		e = count_change(t, item, false);
	if (e == OK && item->envelope.sent_id != 0)
		e = sent_waits_del(t, item->envelope.submitter, item->envelope.sent_id, item->id);
	return e != OK ? e : blob_unref(t, &item->blob);
}

enum err record_id_next(struct txn *t, uint64_t *id)
{
	char key[ID_KEY];
	struct unpack u;
	struct str record;
	enum err e = kv_get(t, SPACE_QUEUE, id_key(key, 0), &record);

	*id = 1;
	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	u = unpack_of(record);
	if (unpack_u64(&u) != IDS_VERSION)
		return ERR_CORRUPT;
	*id = unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

enum err record_ids_take(struct txn *t, size_t count, uint64_t *first)
{
	char key[ID_KEY];
	struct buf b;
	enum err e = record_id_next(t, first);

	if (e != OK)
		return e;
	buf_init(&b, 32);
	pack_u64(&b, IDS_VERSION);
	pack_u64(&b, *first + count);
	e = kv_put(t, SPACE_QUEUE, id_key(key, 0), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- Walks ------------------------------------------------------------------------------ */

void record_iter(struct kv_iter *it, struct txn *t, uint64_t from)
{
	char key[ID_KEY];

	kv_iter_init(it, t, SPACE_QUEUE, id_key(key, MAX(from, 1u)), STR_EMPTY);
}

uint64_t record_iter_id(const struct kv_iter *it)
{
	struct unpack u = unpack_of(it->key);

	return unpack_be64(&u);
}

enum err record_read(const struct kv_iter *it, struct arena *a, struct queue_item *out)
{
	return entry_parse(record_iter_id(it), it->val, a, out);
}

enum err record_glance(const struct kv_iter *it, struct queue_item *out)
{
	return entry_parse(record_iter_id(it), it->val, NULL, out);
}

enum err record_each(struct txn *t, record_fn *fn, void *arg)
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
			e = fn(t, &item, arg);
		else if (e == ERR_CORRUPT)
			e = OK;
		arena_deinit(&a);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

struct str record_line(struct arena *a, struct str text, size_t max)
{
	struct buf b;
	struct str line;

	buf_init(&b, MAX(3 * text.n, 1u));
	utf8_put_clean(&b, text);
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < ' ' || b.p[i] == 0x7f)
			b.p[i] = ' ';
	line = str_dup(a, str_trim(utf8_cut(buf_str(&b), max)));
	buf_deinit(&b);
	return line;
}
