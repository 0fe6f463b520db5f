/* flow/reports_out/suppress.c: see suppress.h. */
#include "flow/reports_out/suppress.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { VERSION = 1, KEY_MAX = 400, ROW_MAX = 1024, REPLY_MAX = 300, DOUBLINGS = 6 };
#define DAY_MS ((int64_t)86400 * 1000)

/* Empty: too long for a key. */
static struct str suppress_key_of(struct txn *t, struct str address)
{
	struct str key = str_lower(txn_arena(t), address);

	return key.n <= KEY_MAX ? key : STR_EMPTY;
}

static bool suppress_row_parse(struct str key, struct str value, struct out_suppressed *out)
{
	struct unpack u = unpack_of(value);

	*out = (struct out_suppressed){ .address = key };
	if (unpack_u64(&u) != VERSION)
		return false;
	out->since_ms = (int64_t)unpack_u64(&u);
	out->until_ms = (int64_t)unpack_u64(&u);
	out->refusals = unpack_u64(&u);
	out->reply = unpack_str(&u);
	return unpack_ok(&u);
}

static enum err suppress_row_put(struct txn *t, const struct out_suppressed *s)
{
	char room[ROW_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, VERSION);
	pack_u64(&b, (uint64_t)s->since_ms);
	pack_u64(&b, (uint64_t)s->until_ms);
	pack_u64(&b, s->refusals);
	pack_str(&b, utf8_cut(s->reply, REPLY_MAX));
	assert(buf_ok(&b));
	return kv_put(t, SPACE_REPORT_SUPPRESSED, s->address, buf_str(&b));
}

static enum err suppress_row_get(struct txn *t, struct str key, struct out_suppressed *out)
{
	struct str value;
	enum err e = key.n != 0 ? kv_get(t, SPACE_REPORT_SUPPRESSED, key, &value) : ERR_MISSING;

	if (e)
		return e;
	return suppress_row_parse(key, value, out) ? OK : ERR_MISSING;
}

/* Is there room for another row? */
static enum err room_look(struct txn *t, bool *room)
{
	struct kv_iter it;
	size_t n = 0;

	kv_iter_prefix(&it, t, SPACE_REPORT_SUPPRESSED, STR_EMPTY);
	while (n < LIMIT_report_suppressed && kv_iter_next(&it))
		n++;
	*room = n < LIMIT_report_suppressed;
	return kv_iter_end(&it);
}

enum err out_suppress(struct txn *t, const struct mailaddr *to, struct str reply, int64_t now_ms)
{
	struct str key = suppress_key_of(t, mailaddr_text(txn_arena(t), to));
	struct out_suppressed s = { .address = key };
	bool room = true;
	enum err e = suppress_row_get(t, key, &s);

	if (e == ERR_MISSING)
		e = room_look(t, &room);
	if (e != OK || !room || key.n == 0)
		return e;
	s.since_ms = now_ms;
	s.until_ms = now_ms + (DAY_MS << MIN(s.refusals, (uint64_t)DOUBLINGS));
	s.refusals++;
	s.reply = reply;
	return suppress_row_put(t, &s);
}

enum err out_unsuppress(struct txn *t, struct str address)
{
	struct str key = suppress_key_of(t, address);

	return key.n != 0 ? kv_del(t, SPACE_REPORT_SUPPRESSED, key) : ERR_MISSING;
}

enum err out_suppress_find(struct txn *t, const struct mailaddr *to, int64_t now_ms,
                           struct arena *a, struct out_suppressed *out)
{
	enum err e = suppress_row_get(t, suppress_key_of(t, mailaddr_text(a, to)), out);

	if (e)
		return e;
	out->address = str_dup(a, out->address);
	out->reply = str_dup(a, out->reply);
	return out->until_ms > now_ms ? OK : ERR_MISSING;
}

enum err out_suppressed_each(struct txn *t,
                             bool (*fn)(const struct out_suppressed *s, void *arg), void *arg)
{
	struct out_suppressed s;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT_SUPPRESSED, STR_EMPTY);
	while (kv_iter_next(&it))
		if (suppress_row_parse(it.key, it.val, &s) && !fn(&s, arg))
			break;
	return kv_iter_end(&it);
}

enum err out_suppress_expire(struct txn *t, int64_t now_ms, size_t max)
{
	int64_t before_ms = now_ms - (DAY_MS << DOUBLINGS);
	struct out_suppressed s;
	struct kv_iter it;
	enum err e = OK, end;

	kv_iter_prefix(&it, t, SPACE_REPORT_SUPPRESSED, STR_EMPTY);
	while (e == OK && max != 0 && kv_iter_next(&it)) {
		if (!suppress_row_parse(it.key, it.val, &s) || s.until_ms >= before_ms)
			continue;
		e = kv_del(t, SPACE_REPORT_SUPPRESSED, it.key);
		max--;
	}
	end = kv_iter_end(&it);
	return e != OK ? e : end;
}

enum err out_suppress_check(struct txn *t, struct fsck_report *r)
{
	struct out_suppressed s;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT_SUPPRESSED, STR_EMPTY);
	while (kv_iter_next(&it))
		if (!suppress_row_parse(it.key, it.val, &s))
			fsck_found(r, "a row of REPORT_SUPPRESSED cannot be read");
	return kv_iter_end(&it);
}
