/* model/queue/past.c: see past.h. */
#include "model/queue/past.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/queue/entry.h"
#include "model/queue/find.h"
#include "model/queue/queue_body.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { PAST_VERSION = 1, PAST_KEY = 8, CLEAR_EACH = 2, STATUS_MAX = 16, SECOND = 1000000 };

static struct str past_key(char to[static PAST_KEY], uint64_t id)
{
	for (int i = 0; i < PAST_KEY; i++)
		to[i] = (char)(id >> (56 - 8 * i));
	return str_from(to, PAST_KEY);
}

static uint64_t id_of_time(int64_t time_ms)
{
	return time_ms > 0 ? (uint64_t)time_ms * 1000 : 0;
}

/* --- records ----------------------------------------------------------------------------- */

static void past_pack(struct buf *b, const struct queue_past *p)
{
	pack_u64(b, PAST_VERSION);
	pack_u64(b, (uint64_t)p->time_ms);
	pack_u64(b, p->entry);
	pack_u64(b, p->message);
	pack_u64(b, p->delivered);
	pack_str(b, p->sender.local);
	pack_str(b, p->sender.domain);
	pack_str(b, p->rcpt.local);
	pack_str(b, p->rcpt.domain);
	pack_u64(b, p->submitter);
	pack_u64(b, p->size_bytes);
	pack_u64(b, p->attempts);
	pack_u64(b, (uint64_t)p->created_ms);
	pack_u64(b, p->reply.code);
	pack_str(b, str_sub(p->reply.status, 0, STATUS_MAX));
	pack_str(b, str_sub(p->reply.text, 0, LIMIT_queue_reply));
	pack_str(b, str_sub(p->reply.remote, 0, MAILADDR_DOMAIN_MAX));
	pack_str(b, str_sub(p->queue, 0, QUEUE_NAME_MAX));
	pack_str(b, str_sub(p->route, 0, QUEUE_NAME_MAX));
	pack_str(b, str_sub(p->host, 0, MAILADDR_DOMAIN_MAX));
	pack_str(b, str_sub(p->tls, 0, MAILADDR_DOMAIN_MAX));
	pack_str(b, p->address); /* records from before 1.4 end before this */
}

/* Borrows from the row. */
static bool past_read(const struct kv_iter *it, struct queue_past *out)
{
	struct unpack key = unpack_of(it->key), u = unpack_of(it->val);

	*out = (struct queue_past){ .id = unpack_be64(&key) };
	if (unpack_u64(&u) != PAST_VERSION)
		return false;
	out->time_ms = (int64_t)unpack_u64(&u);
	out->entry = unpack_u64(&u);
	out->message = unpack_u64(&u);
	out->delivered = unpack_u64(&u) != 0;
	out->sender.local = unpack_str(&u);
	out->sender.domain = unpack_str(&u);
	out->rcpt.local = unpack_str(&u);
	out->rcpt.domain = unpack_str(&u);
	out->submitter = unpack_u32(&u);
	out->size_bytes = unpack_u64(&u);
	out->attempts = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->reply.code = (uint16_t)unpack_u32(&u);
	out->reply.status = unpack_str(&u);
	out->reply.text = unpack_str(&u);
	out->reply.remote = unpack_str(&u);
	out->queue = unpack_str(&u);
	out->route = unpack_str(&u);
	out->host = unpack_str(&u);
	out->tls = unpack_str(&u);
	if (unpack_more(&u))
		out->address = unpack_str(&u);
	return unpack_ok(&u) && unpack_ok(&key);
}

/* --- writing ----------------------------------------------------------------------------- */

static enum err past_clear(struct txn *t, int64_t before_ms)
{
	char key[PAST_KEY];
	struct kv_iter it;
	enum err e = OK, walked;
	unsigned n = 0;

	kv_iter_init(&it, t, SPACE_QUEUE_PAST, STR_EMPTY, past_key(key, id_of_time(before_ms)));
	while (e == OK && n++ < CLEAR_EACH && kv_iter_next(&it))
		e = kv_del(t, SPACE_QUEUE_PAST, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* The first free id from *id on within its second: two seeks for any number of rows. */
static enum err id_free(struct txn *t, uint64_t *id)
{
	char from[PAST_KEY], to[PAST_KEY];
	bool full = true;
	enum err e = OK;

	while (e == OK && full) {
		struct str end = past_key(to, *id + SECOND);
		struct kv_iter it;

		kv_iter_init(&it, t, SPACE_QUEUE_PAST, past_key(from, *id), end);
		full = kv_iter_prev(&it);
		if (full) {
			struct unpack key = unpack_of(it.key);
			uint64_t last = unpack_be64(&key);

			full = last == *id + SECOND - 1;
			*id = last + 1;
		}
		e = kv_iter_end(&it);
	}
	return e;
}

static enum err past_put(struct txn *t, const struct queue_past *past)
{
	uint64_t id = id_of_time(past->time_ms);
	char key[PAST_KEY];
	struct buf b;
	enum err e;

	if ((e = id_free(t, &id)))
		return e;
	buf_init(&b, KV_VALUE_MAX);
	past_pack(&b, past);
	e = buf_ok(&b) ? kv_put(t, SPACE_QUEUE_PAST, past_key(key, id), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err past_add(struct txn *t, const struct queue_past *past, uint64_t days)
{
	enum err e = days != 0 ? past_put(t, past) : OK;

	return e != OK ? e : past_clear(t, past->time_ms - (int64_t)days * 86400000);
}

/* --- reading ----------------------------------------------------------------------------- */

static bool matches(const struct queue_past *p, const struct queue_past_query *q, struct arena *a)
{
	struct find_text text;

	if (q->keep != NULL && !q->keep(p, q->arg))
		return false;
	text = find_text(q->text, a);
	return q->text.n == 0 || find_in(queue_address_text(a, &p->sender), &text) ||
	       find_in(queue_address_text(a, &p->rcpt), &text) || find_in(p->host, &text) ||
	       find_in(p->address, &text) || find_in(p->reply.remote, &text) ||
	       find_in(p->reply.text, &text);
}

static struct mailaddr address_dup(struct arena *a, const struct mailaddr *address)
{
	return (struct mailaddr){ .local = str_dup(a, address->local),
		                  .domain = str_dup(a, address->domain) };
}

static struct queue_past past_dup(struct arena *a, const struct queue_past *p)
{
	struct queue_past copy = *p;

	copy.sender = address_dup(a, &p->sender);
	copy.rcpt = address_dup(a, &p->rcpt);
	copy.reply.status = str_dup(a, p->reply.status);
	copy.reply.text = str_dup(a, p->reply.text);
	copy.reply.remote = str_dup(a, p->reply.remote);
	copy.queue = str_dup(a, p->queue);
	copy.route = str_dup(a, p->route);
	copy.host = str_dup(a, p->host);
	copy.tls = str_dup(a, p->tls);
	copy.address = str_dup(a, p->address);
	return copy;
}

/* Skips unreadable rows; fsck reports them. */
enum err queue_past_find(struct txn *t, const struct queue_past_query *q, struct arena *a,
                         struct queue_past_list *out)
{
	uint64_t to = q->before != 0 ? q->before : UINT64_MAX;
	char from_key[PAST_KEY], to_key[PAST_KEY];
	struct arena look = { 0 };
	struct kv_iter it;
	uint64_t looked = 0;

	if (q->until_ms != 0)
		to = MIN(to, id_of_time(q->until_ms));
	*out = (struct queue_past_list){ .items = arena_array(a, struct queue_past, q->max) };
	kv_iter_init(&it, t, SPACE_QUEUE_PAST, past_key(from_key, id_of_time(q->since_ms)),
	             past_key(to_key, to));
	while (out->next == 0 && kv_iter_prev(&it)) {
		struct queue_past past;

		arena_reset(&look);
		if (!past_read(&it, &past))
			continue;
		if (out->count == q->max || looked++ == LIMIT_queue_past_look)
			out->next = past.id + 1;
		else if (matches(&past, q, &look))
			out->items[out->count++] = past_dup(a, &past);
	}
	arena_deinit(&look);
	return kv_iter_end(&it);
}

enum err past_check(struct txn *t, uint64_t *bad)
{
	struct queue_past past;
	struct kv_iter it;

	*bad = 0;
	kv_iter_prefix(&it, t, SPACE_QUEUE_PAST, STR_EMPTY);
	while (kv_iter_next(&it))
		*bad += !past_read(&it, &past);
	return kv_iter_end(&it);
}
