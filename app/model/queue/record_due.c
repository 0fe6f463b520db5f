/* model/queue/record_due.c: iterates over queue_due; see record.h. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"
#include "model/store/store.h"

enum {
	TAIL = 1 + 8 + 8, /* priority, due ms, id; preceded by the destination queue */
	OLD = 16,         /* due ms, id: the keys from before 1.3                    */
};

void record_due_iter(struct kv_iter *it, struct txn *t)
{
	kv_iter_prefix(it, t, SPACE_QUEUE_DUE, STR_EMPTY);
}

void record_dest_iter(struct kv_iter *it, struct txn *t, struct str dest)
{
	kv_iter_prefix(it, t, SPACE_QUEUE_DUE, dest);
}

bool record_due_read(const struct kv_iter *it, struct record_due *out)
{
	struct unpack u;
	struct queue_destination name;
	unsigned level;

	if (it->key.n <= OLD || it->key.n > DEST_KEY_MAX + TAIL)
		return false;
	out->dest = str_sub(it->key, 0, it->key.n - TAIL);
	level = (unsigned char)it->key.p[out->dest.n];
	out->priority = ENVELOPE_PRIORITY_MAX - (int)level;
	u = unpack_of(str_sub(it->key, out->dest.n + 1, it->key.n));
	out->due_ms = (int64_t)unpack_be64(&u);
	out->id = unpack_be64(&u);
	return unpack_ok(&u) && level < ENVELOPE_PRIORITY_LEVELS && dest_of_key(out->dest, &name);
}

bool record_due_fits(const struct record_due *due, const struct queue_item *item)
{
	char key[DEST_KEY_MAX];

	return due->id == item->id && due->due_ms == item->due_ms &&
	       due->priority == item->envelope.priority &&
	       str_eq(due->dest, record_dest(key, item));
}

static struct str row_key(char to[static DEST_KEY_MAX + TAIL], const struct record_due *due)
{
	struct buf b;

	buf_init_in(&b, to, DEST_KEY_MAX + TAIL);
	buf_put(&b, due->dest);
	buf_byte(&b, (char)(ENVELOPE_PRIORITY_MAX - due->priority));
	pack_be64(&b, (uint64_t)due->due_ms);
	pack_be64(&b, due->id);
	return buf_str(&b);
}

enum err record_due_put_off(struct txn *t, const struct record_due *due, int64_t until_ms)
{
	char key[DEST_KEY_MAX + TAIL];
	struct record_due later = *due;
	struct queue_item item;
	enum err seen = record_get(t, due->id, txn_arena(t), &item);
	enum err e;

	if (seen == OK && record_due_fits(due, &item))
		return OK;
	e = kv_del(t, SPACE_QUEUE_DUE, row_key(key, due));
	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	later.due_ms = until_ms;
	return seen == ERR_CORRUPT ? kv_put(t, SPACE_QUEUE_DUE, row_key(key, &later), STR_EMPTY)
	                           : OK;
}

/* The key after all rows of that priority. */
static struct str past_level(char to[static DEST_KEY_MAX + 1], const struct record_due *due)
{
	struct buf b;

	buf_init_in(&b, to, DEST_KEY_MAX + 1);
	buf_put(&b, due->dest);
	buf_byte(&b, (char)(ENVELOPE_PRIORITY_MAX - due->priority + 1));
	return buf_str(&b);
}

/* Skips unreadable rows; fsck reports them. */
enum err record_heads(struct txn *t, struct str dest, record_head_fn *fn, void *arg)
{
	char at[DEST_KEY_MAX + 1];
	struct str from = dest;
	bool more = true;
	enum err e = OK;

	while (e == OK && more) {
		struct record_due due;
		struct kv_iter it;
		bool read = false;

		kv_iter_init(&it, t, SPACE_QUEUE_DUE, from, STR_EMPTY);
		while (!read && (more = kv_iter_next(&it)))
			read = record_due_read(&it, &due);
		more = more && (dest.n == 0 || str_eq(due.dest, dest));
		if (more) {
			fn(&due, arg);
			from = past_level(at, &due);
		}
		e = kv_iter_end(&it);
	}
	return e;
}

static enum err entry_renew(struct txn *t, const struct queue_item *item, void *arg)
{
	(void)arg;
	return record_change(t, item, item);
}

enum err record_due_renew(struct txn *t)
{
	struct kv_iter it;
	uint64_t old = 0;
	enum err e = OK;

	record_due_iter(&it, t);
	while (e == OK && kv_iter_next(&it)) {
		if (it.key.n != OLD)
			continue;
		old++;
		e = kv_del(t, SPACE_QUEUE_DUE, it.key);
	}
	if (e == OK)
		e = kv_iter_end(&it);
	else if (kv_iter_end(&it) != OK)
		return e;
	return e == OK && old != 0 ? record_each(t, entry_renew, NULL) : e;
}
