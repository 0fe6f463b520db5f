/* report/in_kept.c: see in_kept.h. */
#include "report/in_kept.h"

#include "config/limits.h"
#include "report/in_key.h"
#include "store/kv.h"
#include "store/store.h"

enum { VERSION = 1, PIECE = 1 << 20, HEAD_MAX = 1 << 20, KEY_BYTES = 1 + 8 + 4 };

void report_kept_init(struct report_kept *k)
{
	*k = (struct report_kept){ .number = 0 };
	buf_init(&k->head, HEAD_MAX);
	buf_init(&k->raw, LIMIT_report_in_waiting);
}

void report_kept_deinit(struct report_kept *k)
{
	buf_deinit(&k->head);
	buf_deinit(&k->raw);
}

static struct str key_of(char room[static REPORT_KEY_MAX], uint64_t number, uint32_t piece)
{
	struct buf b;

	buf_init_in(&b, room, REPORT_KEY_MAX);
	buf_byte(&b, 'w');
	pack_be64(&b, number);
	pack_be32(&b, piece);
	return buf_str(&b);
}

bool report_kept_key_ok(struct str key)
{
	return key.n == KEY_BYTES && key.p[0] == 'w';
}

static uint64_t number_of(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 1, key.n));

	return unpack_be64(&u);
}

/* --- writing ------------------------------------------------------------------------------- */

static enum err number_new(struct txn *t, uint64_t *out)
{
	struct kv_iter it;

	*out = 1;
	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	if (kv_iter_prev(&it))
		*out = number_of(it.key) + 1;
	return kv_iter_end(&it);
}

static enum err head_put(struct txn *t, uint64_t number, const struct report_offer *o)
{
	char room[REPORT_KEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, HEAD_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, o->ours);
	pack_u64(&b, o->raw.n);
	pack_str(&b, o->id);
	pack_str(&b, o->results);
	e = buf_ok(&b) ? kv_put(t, SPACE_REPORT, key_of(room, number, 0), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err report_kept_put(struct txn *t, const struct report_offer *o)
{
	char room[REPORT_KEY_MAX];
	uint64_t number;
	enum err e = number_new(t, &number);
	uint32_t piece = 1;

	if (e == OK)
		e = head_put(t, number, o);
	for (size_t at = 0; e == OK && at < o->raw.n; at += PIECE)
		e = kv_put(t, SPACE_REPORT, key_of(room, number, piece++),
		           str_sub(o->raw, at, at + PIECE));
	return e;
}

/* --- reading ------------------------------------------------------------------------------- */

static bool head_parse(struct report_kept *k, uint64_t *bytes)
{
	struct unpack u = unpack_of(buf_str(&k->head));
	bool known = unpack_u64(&u) == VERSION;

	k->offer.ours = unpack_u64(&u) != 0;
	*bytes = unpack_u64(&u);
	k->offer.id = unpack_str(&u);
	k->offer.results = unpack_str(&u);
	return known && unpack_ok(&u);
}

enum err report_kept_get(struct txn *t, struct report_kept *k)
{
	uint64_t bytes = 0;
	struct kv_iter it;
	enum err e;

	buf_reset(&k->head);
	buf_reset(&k->raw);
	k->number = 0;
	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	while (kv_iter_next(&it)) {
		bool first = k->number == 0;

		if (!first && number_of(it.key) != k->number)
			break;
		k->number = number_of(it.key);
		buf_put(first ? &k->head : &k->raw, it.val);
	}
	e = kv_iter_end(&it);
	if (e != OK || k->number == 0)
		return e != OK ? e : ERR_MISSING;
	if (!head_parse(k, &bytes) || !buf_ok(&k->raw) || k->raw.n != bytes)
		return ERR_CORRUPT;
	k->offer.raw = buf_str(&k->raw);
	return OK;
}

enum err report_kept_rm(struct txn *t, uint64_t number)
{
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_REPORT, report_key(room, 'w', number));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_REPORT, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
