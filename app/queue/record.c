/* queue/record.c: see record.h. */
#include "queue/record.h"

#include "base/arena.h"
#include "base/pack.h"
#include "config/limits.h"
#include "text/utf8.h"

enum {
	RECORD_VERSION = 1,
	RECORD_STATUS_MAX = 16, /* "5.123.123" */
	ID_KEY = 8,
	DUE_KEY = 16,
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

static struct str due_key(char to[static DUE_KEY], const struct queue_item *item)
{
	key_u64(to, (uint64_t)item->due_ms);
	key_u64(to + ID_KEY, item->id);
	return str_from(to, DUE_KEY);
}

/* --- Records ---------------------------------------------------------------------------- */

static void pack_address(struct buf *b, const struct mailaddr *address)
{
	pack_str(b, address->local);
	pack_str(b, address->domain);
}

static void pack_rcpt(struct buf *b, const struct queue_rcpt *r)
{
	pack_address(b, &r->address);
	pack_str(b, r->orcpt);
	pack_u64(b, r->notify);
	pack_u64(b, r->reply.code);
	pack_str(b, str_sub(r->reply.status, 0, RECORD_STATUS_MAX));
	pack_str(b, str_sub(r->reply.text, 0, LIMIT_queue_reply));
	pack_str(b, str_sub(r->reply.remote, 0, MAILADDR_DOMAIN_MAX));
}

static void pack_item(struct buf *b, const struct queue_item *item)
{
	pack_u64(b, RECORD_VERSION);
	pack_u64(b, item->message);
	pack_str(b, item->destination);
	pack_str(b, blob_id_str(&item->blob));
	pack_u64(b, item->size_bytes);
	pack_u64(b, item->flags);
	pack_u64(b, item->submitter);
	pack_address(b, &item->sender);
	pack_str(b, item->envid);
	pack_u64(b, (uint64_t)item->created_ms);
	pack_u64(b, (uint64_t)item->expires_ms);
	pack_u64(b, (uint64_t)item->due_ms);
	pack_u64(b, item->attempts);
	pack_u64(b, item->holder);
	pack_u64(b, item->rcpt_count);
	for (size_t i = 0; i < item->rcpt_count; i++)
		pack_rcpt(b, &item->rcpts[i]);
	pack_u64(b, item->held); /* records of before 1.1 end here */
	pack_u64(b, item->trace);
}

static struct mailaddr unpack_address(struct unpack *u, struct arena *a)
{
	struct mailaddr address;

	address.local = str_dup(a, unpack_str(u));
	address.domain = str_dup(a, unpack_str(u));
	return address;
}

static void unpack_rcpt(struct unpack *u, struct arena *a, struct queue_rcpt *out)
{
	out->address = unpack_address(u, a);
	out->orcpt = str_dup(a, unpack_str(u));
	out->notify = unpack_u32(u);
	out->reply.code = (uint16_t)unpack_u32(u);
	out->reply.status = str_dup(a, unpack_str(u));
	out->reply.text = str_dup(a, unpack_str(u));
	out->reply.remote = str_dup(a, unpack_str(u));
}

static enum err item_parse(uint64_t id, struct str record, struct arena *a, struct queue_item *out)
{
	struct unpack u = unpack_of(record);

	*out = (struct queue_item){ .id = id };
	if (unpack_u64(&u) != RECORD_VERSION)
		return ERR_CORRUPT;
	out->message = unpack_u64(&u);
	out->destination = str_dup(a, unpack_str(&u));
	if (!blob_id_of(unpack_str(&u), &out->blob))
		return ERR_CORRUPT;
	out->size_bytes = unpack_u64(&u);
	out->flags = unpack_u32(&u);
	out->submitter = unpack_u32(&u);
	out->sender = unpack_address(&u, a);
	out->envid = str_dup(a, unpack_str(&u));
	out->created_ms = (int64_t)unpack_u64(&u);
	out->expires_ms = (int64_t)unpack_u64(&u);
	out->due_ms = (int64_t)unpack_u64(&u);
	out->attempts = unpack_u32(&u);
	out->holder = unpack_u64(&u);
	out->rcpt_count = unpack_u32(&u);
	if (!unpack_ok(&u) || out->rcpt_count == 0 || out->rcpt_count > record.n)
		return ERR_CORRUPT;
	out->rcpts = arena_array(a, struct queue_rcpt, out->rcpt_count);
	for (size_t i = 0; i < out->rcpt_count; i++)
		unpack_rcpt(&u, a, &out->rcpts[i]);
	if (unpack_more(&u)) {
		out->held = unpack_u64(&u) != 0;
		out->trace = unpack_u64(&u);
	}
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

/* --- Rows ------------------------------------------------------------------------------- */

enum err record_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out)
{
	char key[ID_KEY];
	struct str record;
	enum err e = id != 0 ? kv_get(t, SPACE_QUEUE, id_key(key, id), &record) : ERR_MISSING;

	return e != OK ? e : item_parse(id, record, a, out);
}

enum err record_add(struct txn *t, const struct queue_item *item)
{
	char id[ID_KEY], due[DUE_KEY];
	struct buf b;
	enum err e;

	assert(item->id != 0 && item->rcpt_count != 0 && item->due_ms >= 0);
	buf_init(&b, KV_VALUE_MAX);
	pack_item(&b, item);
	e = buf_ok(&b) ? kv_put(t, SPACE_QUEUE, id_key(id, item->id), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e != OK ? e : kv_put(t, SPACE_QUEUE_DUE, due_key(due, item), item->destination);
}

enum err record_change(struct txn *t, const struct queue_item *old, const struct queue_item *item)
{
	char due[DUE_KEY];
	enum err e = OK;

	assert(old->id == item->id);
	if (old->due_ms != item->due_ms)
		e = kv_del(t, SPACE_QUEUE_DUE, due_key(due, old));
	return e != OK && e != ERR_MISSING ? e : record_add(t, item);
}

enum err record_del(struct txn *t, const struct queue_item *item)
{
	char id[ID_KEY], due[DUE_KEY];
	enum err e = kv_del(t, SPACE_QUEUE, id_key(id, item->id));

	if (e == OK)
		e = kv_del(t, SPACE_QUEUE_DUE, due_key(due, item));
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
	if (unpack_u64(&u) != RECORD_VERSION)
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
	pack_u64(&b, RECORD_VERSION);
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
	return item_parse(record_iter_id(it), it->val, a, out);
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

void record_due_iter(struct kv_iter *it, struct txn *t)
{
	kv_iter_prefix(it, t, SPACE_QUEUE_DUE, STR_EMPTY);
}

bool record_due_read(const struct kv_iter *it, struct record_due *out)
{
	struct unpack u = unpack_of(it->key);

	out->due_ms = (int64_t)unpack_be64(&u);
	out->id = unpack_be64(&u);
	out->destination = it->val;
	return unpack_ok(&u) && it->key.n == DUE_KEY;
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
