/* flow/policy/access/access_rows.c: see access_rows.h.
 *
 *	key:   id, 8 bytes, big-endian
 *	value: version, since_ms, until_ms, verdict, of, match, on, note; since version 2 also
 *	       code, status */
#include "flow/policy/access/access_rows.h"

#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { KEY_BYTES = 8, RECORD_MAX = 2048, MATCH_MAX = 500, NOTE_MAX = 200, VERSION = 2 };
enum { WORDS_MAX = 6 };

/* --- a row --------------------------------------------------------------------------------- */

static void access_row_key_put(char to[static KEY_BYTES], uint64_t id)
{
	for (int i = KEY_BYTES; i-- != 0; id >>= 8)
		to[i] = (char)(id & 0xff);
}

static uint64_t key_id(struct str key)
{
	uint64_t id = 0;

	for (size_t i = 0; i < key.n; i++)
		id = id << 8 | (unsigned char)key.p[i];
	return id;
}

static bool access_row_parse(struct str key, struct str record, struct arena *a,
                             struct access_row *out)
{
	struct unpack u = unpack_of(record);
	uint64_t version = unpack_u64(&u);

	*out = (struct access_row){ .id = key_id(key) };
	out->since_ms = (int64_t)unpack_u64(&u);
	out->until_ms = (int64_t)unpack_u64(&u);
	out->verdict = str_dup(a, unpack_str(&u));
	out->of = str_dup(a, unpack_str(&u));
	out->match = str_dup(a, unpack_str(&u));
	out->on = str_dup(a, unpack_str(&u));
	out->note = str_dup(a, unpack_str(&u));
	if (version >= 2) {
		out->code = (unsigned)unpack_u64(&u);
		out->status = str_dup(a, unpack_str(&u));
	}
	return unpack_ok(&u) && version >= 1 && version <= VERSION && key.n == KEY_BYTES;
}

bool access_row_read(const struct kv_iter *it, struct arena *a, struct access_row *out)
{
	return access_row_parse(it->key, it->val, a, out);
}

enum err access_row_rule(const struct access_row *row, struct arena *a, struct access_rule *out,
                         struct why *why)
{
	static const char *const ofs[] = { "peer", "name", "helo", "login", "from", "to" };
	struct rule_word *words = arena_array(a, struct rule_word, WORDS_MAX);
	struct rule rule = { .line = 1, .words = words };
	bool known = false;
	enum err e;

	for (size_t i = 0; i < COUNT(ofs); i++)
		known = known || str_eq(row->of, str_of(ofs[i]));
	if (!known)
		return fail(why, ERR_SYNTAX, "of is peer, name, helo, login, from or to");
	if (row->match.n == 0 || row->match.n > MATCH_MAX || row->note.n > NOTE_MAX)
		return fail(why, ERR_SYNTAX, "match has 1 to %d bytes, note at most %d", MATCH_MAX,
		            NOTE_MAX);
	words[rule.count++] = (struct rule_word){ .key = STR_EMPTY, .value = row->verdict };
	words[rule.count++] = (struct rule_word){ .key = row->of, .value = row->match };
	words[rule.count++] = (struct rule_word){ .key = STR("on"), .value = row->on };
	words[rule.count++] = (struct rule_word){ .key = STR("text"), .value = row->note };
	if (row->code != 0)
		words[rule.count++] = (struct rule_word){ .key = STR("code"),
			                                  .value = str_fmt(a, "%u", row->code) };
	if (row->status.n != 0)
		words[rule.count++] =
			(struct rule_word){ .key = STR("status"), .value = row->status };
	e = access_rule_take(&rule, a, out, why);
	out->until_ms = row->until_ms;
	return e;
}

/* --- all of them --------------------------------------------------------------------------- */

enum err access_rows_list(struct txn *t, struct arena *a, struct access_rows *out)
{
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;
	size_t cap = 0;

	*out = (struct access_rows){ 0 };
	kv_iter_prefix(&it, t, SPACE_ACCESS, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct access_row row;

		if (!access_row_read(&it, a, &row) || row.until_ms <= now_ms)
			continue;
		if (out->count == cap) {
			struct access_row *old = out->items;

			cap = MAX(cap * 2, (size_t)8);
			out->items = arena_array(a, struct access_row, cap);
			if (out->count != 0)
				memcpy(out->items, old, out->count * sizeof *old);
		}
		out->items[out->count++] = row;
	}
	return kv_iter_end(&it);
}

/* Remove expired rows; returns the number of the others and the highest id. */
static enum err tidy(struct txn *t, size_t *count, uint64_t *last)
{
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;
	enum err e = OK, walked;

	*count = 0;
	*last = 0;
	kv_iter_prefix(&it, t, SPACE_ACCESS, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		struct access_row row;

		*last = key_id(it.key);
		if (access_row_read(&it, txn_arena(t), &row) && row.until_ms > now_ms)
			++*count;
		else
			e = kv_del(t, SPACE_ACCESS, it.key);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

/* Ids grow with time even after the last row was removed. */
enum err access_row_add(struct txn *t, struct access_row *row, struct why *why)
{
	char key[KEY_BYTES], room[RECORD_MAX];
	struct access_rule unused;
	uint64_t last;
	struct buf b;
	size_t count;
	enum err e = access_row_rule(row, txn_arena(t), &unused, why);

	if (e || (e = tidy(t, &count, &last)))
		return e;
	if (count >= LIMIT_access_rows)
		return fail(why, ERR_LIMIT, "there are as many rows as there may be, %d",
		            LIMIT_access_rows);
	row->since_ms = clock_real_ms();
	row->id = MAX(last + 1, (uint64_t)row->since_ms);
	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, VERSION);
	pack_u64(&b, (uint64_t)row->since_ms);
	pack_u64(&b, (uint64_t)row->until_ms);
	pack_str(&b, row->verdict);
	pack_str(&b, row->of);
	pack_str(&b, row->match);
	pack_str(&b, row->on);
	pack_str(&b, row->note);
	pack_u64(&b, row->code);
	pack_str(&b, row->status);
	if (!buf_ok(&b))
		return fail(why, ERR_SYNTAX, "that is too long for a row");
	access_row_key_put(key, row->id);
	return kv_put(t, SPACE_ACCESS, str_from(key, KEY_BYTES), buf_str(&b));
}

enum err access_row_remove(struct txn *t, uint64_t id, struct arena *a, struct access_row *was)
{
	char key[KEY_BYTES];
	struct str record;
	enum err e;

	access_row_key_put(key, id);
	e = kv_get(t, SPACE_ACCESS, str_from(key, KEY_BYTES), &record);
	if (e)
		return e;
	if (!access_row_parse(str_from(key, KEY_BYTES), record, a, was))
		*was = (struct access_row){ .id = id };
	return kv_del(t, SPACE_ACCESS, str_from(key, KEY_BYTES));
}
