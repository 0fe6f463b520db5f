/* model/webhook/row.c: see row.h. */
#include "model/webhook/row.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"

#include <string.h>

enum { FORM = 1, KEY = WEBHOOK_ENDPOINT + 8 + 8, RECORD_MAX = 1 << 20 };

void webhook_endpoint(char out[static WEBHOOK_ENDPOINT], struct str url)
{
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(url, hash);
	memcpy(out, hash, WEBHOOK_ENDPOINT);
}

struct str webhook_event_id(struct arena *a, uint64_t id)
{
	return str_fmt(a, "evt_%016" PRIx64, id);
}

int64_t webhook_row_due(const struct webhook_row *row, int64_t now_ms)
{
	return row->due_ms > now_ms + WEBHOOK_WAIT_MOST_MS ? now_ms : row->due_ms;
}

/* --- keys and records ---------------------------------------------------------------------- */

struct row_key {
	struct buf b;
	char room[KEY];
};

static struct str webhook_row_key(struct row_key *k, const struct webhook_row *row)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	buf_bytes(&k->b, row->endpoint, WEBHOOK_ENDPOINT);
	pack_be64(&k->b, (uint64_t)row->due_ms);
	pack_be64(&k->b, row->id);
	return buf_str(&k->b);
}

/* The key of the endpoint's row count: time 0 and id 0, which is before all its events. */
static struct str count_key(struct row_key *k, const char endpoint[WEBHOOK_ENDPOINT])
{
	struct webhook_row none = { .due_ms = 0 };

	memcpy(none.endpoint, endpoint, WEBHOOK_ENDPOINT);
	return webhook_row_key(k, &none);
}

static bool is_count(struct str key)
{
	static const char zero[KEY - WEBHOOK_ENDPOINT];

	return str_eq(str_sub(key, WEBHOOK_ENDPOINT, key.n), str_from(zero, sizeof zero));
}

static enum err webhook_row_put(struct txn *t, const struct webhook_row *row)
{
	struct row_key k;
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, FORM);
	pack_u64(&b, (uint64_t)row->created_ms);
	pack_u64(&b, row->attempts);
	pack_str(&b, row->body);
	e = buf_ok(&b) ? kv_put(t, SPACE_WEBHOOK, webhook_row_key(&k, row), buf_str(&b))
	               : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

/* Borrowed. */
static bool webhook_row_read(const struct kv_iter *it, struct webhook_row *out)
{
	struct unpack key = unpack_of(it->key), u = unpack_of(it->val);

	if (it->key.n != KEY || is_count(it->key))
		return false;
	memcpy(out->endpoint, it->key.p, WEBHOOK_ENDPOINT);
	cur_skip(&key.c, WEBHOOK_ENDPOINT);
	out->due_ms = (int64_t)unpack_be64(&key);
	out->id = unpack_be64(&key);
	u.bad = unpack_u64(&u) != FORM;
	out->created_ms = (int64_t)unpack_u64(&u);
	out->attempts = unpack_u32(&u);
	out->body = unpack_str(&u);
	return unpack_ok(&u) && unpack_ok(&key);
}

/* --- how many ------------------------------------------------------------------------------ */

static enum err walk_count(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT], uint64_t *count)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_WEBHOOK, str_from(endpoint, WEBHOOK_ENDPOINT));
	while (kv_iter_next(&it))
		*count += !is_count(it.key);
	return kv_iter_end(&it);
}

static bool count_read(struct str record, uint64_t *count)
{
	struct unpack u = unpack_of(record);

	u.bad = unpack_u64(&u) != FORM;
	*count = unpack_u64(&u);
	return unpack_ok(&u);
}

enum err webhook_rows_count(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT], uint64_t *count)
{
	struct row_key k;
	struct str record;
	enum err e = kv_get(t, SPACE_WEBHOOK, count_key(&k, endpoint), &record);

	*count = 0;
	if (e == ERR_MISSING) /* usually none; or not counted yet */
		return walk_count(t, endpoint, count);
	if (e)
		return e;
	return count_read(record, count) ? OK : ERR_CORRUPT;
}

static enum err count_put(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT], uint64_t count)
{
	struct row_key k;
	struct buf b;
	enum err e;

	buf_init(&b, 32);
	pack_u64(&b, FORM);
	pack_u64(&b, count);
	e = kv_put(t, SPACE_WEBHOOK, count_key(&k, endpoint), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- rows ------------------------------------------------------------------------------------- */

enum err webhook_row_add(struct txn *t, const struct webhook_row *row)
{
	uint64_t count;
	enum err e = webhook_rows_count(t, row->endpoint, &count);

	if (e == OK && count >= LIMIT_webhook_rows)
		return ERR_LIMIT;
	if (e == OK)
		e = webhook_row_put(t, row);
	return e == OK ? count_put(t, row->endpoint, count + 1) : e;
}

enum err webhook_row_first(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT], struct arena *a,
                           struct webhook_row *out)
{
	struct kv_iter it;
	enum err e = ERR_MISSING, walked;

	kv_iter_prefix(&it, t, SPACE_WEBHOOK, str_from(endpoint, WEBHOOK_ENDPOINT));
	while (e == ERR_MISSING && kv_iter_next(&it))
		if (webhook_row_read(&it, out)) { /* fsck reports others */
			out->body = str_dup(a, out->body);
			e = OK;
		}
	walked = kv_iter_end(&it);
	return walked != OK ? walked : e;
}

enum err webhook_row_del(struct txn *t, const struct webhook_row *row)
{
	struct row_key k;
	uint64_t count;
	enum err e = webhook_rows_count(t, row->endpoint, &count);

	if (e == OK)
		e = kv_del(t, SPACE_WEBHOOK, webhook_row_key(&k, row));
	return e == OK ? count_put(t, row->endpoint, count - MIN(count, (uint64_t)1)) : e;
}

enum err webhook_rows_expire(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT],
                             int64_t before_ms, size_t max, uint64_t *count)
{
	struct webhook_row row;
	uint64_t before;
	enum err e = webhook_rows_count(t, endpoint, &before), walked;
	bool more = true;
	struct kv_iter it;

	*count = 0;
	kv_iter_prefix(&it, t, SPACE_WEBHOOK, str_from(endpoint, WEBHOOK_ENDPOINT));
	while (e == OK && more && *count < max && kv_iter_next(&it)) {
		if (!webhook_row_read(&it, &row))
			continue;
		more = row.created_ms < before_ms;
		if (more)
			e = kv_del(t, SPACE_WEBHOOK, it.key);
		*count += more && e == OK;
	}
	walked = kv_iter_end(&it);
	e = e != OK ? e : walked;
	return e == OK && *count != 0 ? count_put(t, endpoint, before - MIN(before, *count)) : e;
}

enum err webhook_row_delay(struct txn *t, const struct webhook_row *row, int64_t due_ms)
{
	struct webhook_row later = *row;
	struct row_key k;
	enum err e = kv_del(t, SPACE_WEBHOOK, webhook_row_key(&k, row));

	later.due_ms = due_ms;
	later.attempts++;
	return e == OK ? webhook_row_put(t, &later) : e;
}

static bool webhook_row_is_kept(struct str key, const char (*keep)[WEBHOOK_ENDPOINT], size_t count)
{
	struct str endpoint = str_sub(key, 0, WEBHOOK_ENDPOINT);

	for (size_t i = 0; i < count; i++)
		if (str_eq(endpoint, str_from(keep[i], WEBHOOK_ENDPOINT)))
			return true;
	return false;
}

enum err webhook_rows_clear(struct txn *t, const char (*keep)[WEBHOOK_ENDPOINT], size_t keep_count,
                            size_t max, uint64_t *count)
{
	enum err e = OK, walked;
	struct kv_iter it;

	*count = 0;
	kv_iter_prefix(&it, t, SPACE_WEBHOOK, STR_EMPTY);
	while (e == OK && *count < max && kv_iter_next(&it)) {
		if (webhook_row_is_kept(it.key, keep, keep_count))
			continue;
		*count += !is_count(it.key);
		e = kv_del(t, SPACE_WEBHOOK, it.key);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* --- fsck ------------------------------------------------------------------------------------- */

/* Rows of an endpoint come after its row count. */
struct tally {
	char endpoint[WEBHOOK_ENDPOINT];
	bool counted;
	uint64_t count, found;
};

static void tally_end(const struct tally *n, struct fsck_report *r)
{
	if (n->counted && n->found != n->count)
		fsck_found(r, "WEBHOOK has %" PRIu64 " rows and counts %" PRIu64, n->found,
		           n->count);
}

static void tally_row(struct tally *n, const struct kv_iter *it, struct fsck_report *r)
{
	struct str endpoint = str_sub(it->key, 0, WEBHOOK_ENDPOINT);
	struct webhook_row row;
	bool ok = it->key.n == KEY;

	if (ok && !str_eq(endpoint, str_from(n->endpoint, WEBHOOK_ENDPOINT))) {
		tally_end(n, r);
		*n = (struct tally){ .counted = false };
		memcpy(n->endpoint, endpoint.p, WEBHOOK_ENDPOINT);
	}
	if (ok && is_count(it->key)) {
		n->counted = true;
		ok = count_read(it->val, &n->count);
	} else {
		n->found++;
		ok = webhook_row_read(it, &row);
	}
	if (!ok)
		fsck_found(r, "a row of WEBHOOK cannot be read");
}

static enum err webhook_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct tally n = { .counted = false };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_WEBHOOK, STR_EMPTY);
	while (kv_iter_next(&it))
		tally_row(&n, &it, r);
	tally_end(&n, r);
	return kv_iter_end(&it);
}

const struct fsck_check webhook_fsck = { .name = "webhook", .run = webhook_fsck_run };
