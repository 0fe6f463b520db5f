/* flow/reports_in/tally.c: see tally.h. */
#include "flow/reports_in/tally.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"

enum { VERSION = 2, UNCOUNTED = 1, ROW_MAX = 64 << 10, LOOKED_AT = 20000 };

static ptrdiff_t name_find(const struct report_tally *t, unsigned list, struct str name)
{
	for (size_t i = 0; i < t->name_count[list]; i++)
		if (str_eqi(t->names[list][i], name))
			return (ptrdiff_t)i;
	return -1;
}

void report_tally_name(struct report_tally *to, unsigned list, struct str name, uint64_t times)
{
	struct str cut = str_sub(name, 0, REPORT_TALLY_NAME_MAX);
	ptrdiff_t at = name_find(to, list, cut);

	if (cut.n == 0)
		return;
	if (at < 0 && (to->name_count[list] == REPORT_NAMES_MAX || to->unnamed[list] != 0)) {
		to->unnamed[list] += times;
		return;
	}
	if (at < 0) {
		at = (ptrdiff_t)to->name_count[list]++;
		to->names[list][at] = cut;
		to->named[list][at] = 0;
	}
	to->named[list][at] += times;
}

void report_tally_add(struct report_tally *to, const struct report_tally *more)
{
	for (unsigned i = 0; i < REPORT_NS; i++)
		to->n[i] += more->n[i];
	for (unsigned list = 0; list < REPORT_NAMES; list++) {
		for (size_t i = 0; i < more->name_count[list]; i++)
			report_tally_name(to, list, more->names[list][i], more->named[list][i]);
		to->unnamed[list] += more->unnamed[list];
	}
}

static void less(uint64_t *from, uint64_t n)
{
	*from -= MIN(*from, n);
}

static void name_off(struct report_tally *from, unsigned list, struct str name, uint64_t times)
{
	ptrdiff_t at = name_find(from, list, name);
	uint64_t *named = from->named[list];

	less(at < 0 ? &from->unnamed[list] : &named[at], times);
	if (at < 0 || named[at] != 0)
		return;
	from->name_count[list]--;
	for (size_t i = (size_t)at; i < from->name_count[list]; i++) {
		from->names[list][i] = from->names[list][i + 1];
		named[i] = named[i + 1];
	}
}

bool report_tally_take_off(struct report_tally *from, const struct report_tally *more)
{
	bool any = false;

	for (unsigned i = 0; i < REPORT_NS; i++) {
		less(&from->n[i], more->n[i]);
		any = any || from->n[i] != 0;
	}
	for (unsigned list = 0; list < REPORT_NAMES; list++) {
		for (size_t i = 0; i < more->name_count[list]; i++)
			name_off(from, list, more->names[list][i], more->named[list][i]);
		less(&from->unnamed[list], more->unnamed[list]);
	}
	return any;
}

/* --- rows --------------------------------------------------------------------------------- */

static void prefix_put(struct buf *b, struct str domain, enum report_tally_what what, uint32_t day)
{
	buf_put(b, str_sub(domain, 0, 255));
	buf_byte(b, '\0');
	buf_byte(b, (char)what);
	pack_be32(b, day);
}

bool report_tally_key_parse(struct str key, struct report_tally_key *out)
{
	struct cur c = cur_of(key);
	struct unpack u;
	char what;

	if (!cur_until(&c, '\0', &out->domain) || !cur_byte(&c, '\0') || !cur_any(&c, &what))
		return false;
	u = unpack_of(cur_rest(&c));
	out->what = (enum report_tally_what)what;
	out->day = unpack_be32(&u);
	out->name = cur_rest(&u.c);
	return unpack_ok(&u) && out->domain.n != 0 && str_find_byte(STR("Ddtxfo"), what) >= 0;
}

static bool names_unpack(struct unpack *u, uint64_t version, struct report_tally *out,
                         unsigned list)
{
	uint64_t n = unpack_u64(u);

	if (u->bad || n > REPORT_NAMES_MAX)
		return false;
	for (; out->name_count[list] < n; out->name_count[list]++) {
		out->names[list][out->name_count[list]] = unpack_str(u);
		/* names of rows from before they were counted stay forever */
		out->named[list][out->name_count[list]] =
			version == UNCOUNTED ? UINT32_MAX : unpack_u64(u);
	}
	out->unnamed[list] = version == UNCOUNTED ? 0 : unpack_u64(u);
	return true;
}

bool report_tally_parse(struct str val, struct report_tally *out)
{
	struct unpack u = unpack_of(val);
	uint64_t version = unpack_u64(&u);

	*out = (struct report_tally){ .n = { 0 } };
	if (version != VERSION && version != UNCOUNTED)
		return false;
	for (unsigned i = 0; i < REPORT_NS; i++)
		out->n[i] = unpack_u64(&u);
	for (unsigned list = 0; list < REPORT_NAMES; list++)
		if (!names_unpack(&u, version, out, list))
			return false;
	return unpack_ok(&u);
}

static void row_pack(struct buf *b, const struct report_tally *tally)
{
	pack_u64(b, VERSION);
	for (unsigned i = 0; i < REPORT_NS; i++)
		pack_u64(b, tally->n[i]);
	for (unsigned list = 0; list < REPORT_NAMES; list++) {
		pack_u64(b, tally->name_count[list]);
		for (size_t i = 0; i < tally->name_count[list]; i++) {
			pack_str(b, tally->names[list][i]);
			pack_u64(b, tally->named[list][i]);
		}
		pack_u64(b, tally->unnamed[list]);
	}
}

static enum err tally_row_put(struct txn *t, struct str key, const struct report_tally *tally)
{
	struct buf b;
	enum err e;

	buf_init(&b, ROW_MAX);
	row_pack(&b, tally);
	e = kv_put(t, SPACE_REPORT_TALLY, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err report_tally_put(struct txn *t, const struct report_tally_key *key,
                          const struct report_tally *more, bool off)
{
	struct report_tally now = { .n = { 0 } };
	char room[KV_KEY_MAX];
	struct buf name;
	struct str val;
	enum err e;

	buf_init_in(&name, room, sizeof room);
	prefix_put(&name, key->domain, key->what, key->day);
	buf_put(&name, str_sub(key->name, 0, REPORT_TALLY_NAME_MAX));
	e = kv_get(t, SPACE_REPORT_TALLY, buf_str(&name), &val);
	if (e != OK && e != ERR_MISSING)
		return e;
	if (e == OK && !report_tally_parse(val, &now))
		now = (struct report_tally){ .n = { 0 } };
	if (off)
		return e == ERR_MISSING ? OK
		       : report_tally_take_off(&now, more)
		               ? tally_row_put(t, buf_str(&name), &now)
		               : kv_del(t, SPACE_REPORT_TALLY, buf_str(&name));
	report_tally_add(&now, more);
	return tally_row_put(t, buf_str(&name), &now);
}

enum err report_tally_each(struct txn *t, struct str domain, enum report_tally_what what,
                           uint32_t from_day, uint32_t to_day, report_tally_fn *fn, void *arg)
{
	char from_room[KV_KEY_MAX], to_room[KV_KEY_MAX];
	struct report_tally_key key;
	struct report_tally tally;
	struct buf from, to;
	struct kv_iter it;
	size_t n = 0;

	buf_init_in(&from, from_room, sizeof from_room);
	buf_init_in(&to, to_room, sizeof to_room);
	prefix_put(&from, domain, what, from_day);
	prefix_put(&to, domain, what, to_day + 1);
	kv_iter_init(&it, t, SPACE_REPORT_TALLY, buf_str(&from), buf_str(&to));
	while (n++ < LIMIT_report_in_look && kv_iter_next(&it))
		if (report_tally_key_parse(it.key, &key) && report_tally_parse(it.val, &tally) &&
		    !fn(arg, &key, &tally))
			break;
	return kv_iter_end(&it);
}

/* --- expiry ------------------------------------------------------------------------------- */

enum err report_tally_expire(struct txn *t, uint32_t before_day, size_t max, struct buf *after)
{
	struct report_tally_key key;
	struct kv_iter it;
	size_t looked = 0, gone = 0;
	enum err e = OK, walked;

	kv_iter_init(&it, t, SPACE_REPORT_TALLY, buf_str(after), STR_EMPTY);
	buf_reset(after);
	while (e == OK && kv_iter_next(&it)) {
		if (looked++ == LOOKED_AT || gone == max) {
			buf_put(after, it.key);
			break;
		}
		if (report_tally_key_parse(it.key, &key) && key.day >= before_day)
			continue;
		e = kv_del(t, SPACE_REPORT_TALLY, it.key);
		gone++;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
