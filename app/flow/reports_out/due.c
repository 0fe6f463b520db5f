/* flow/reports_out/due.c: see due.h. */
#include "flow/reports_out/due.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/text/utf8.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

enum { VERSION = 1, KEY_MAX = 8 + 1 + OUT_DOMAIN_MAX, ROW_MAX = 32768, TEXT_MAX = 320 };

const char *out_state_name(enum out_state state)
{
	static const char *const names[OUT_STATES] = { "waiting", "sent", "unsent" };

	return names[state];
}

/* --- keys ---------------------------------------------------------------------------------- */

static struct str due_key(char to[static KEY_MAX], int64_t begin_s, enum report_kind kind,
                          struct str domain)
{
	struct buf b;

	buf_init_in(&b, to, KEY_MAX);
	pack_be64(&b, (uint64_t)begin_s);
	buf_byte(&b, (char)kind);
	buf_put(&b, str_sub(domain, 0, OUT_DOMAIN_MAX));
	return buf_str(&b);
}

static bool key_parse(struct str key, struct out_due *out)
{
	struct unpack u = unpack_of(key);
	struct str kind;

	out->begin_s = (int64_t)unpack_be64(&u);
	if (u.bad || !cur_take(&u.c, 1, &kind) ||
	    (unsigned char)kind.p[0] >= (unsigned)REPORT_KINDS)
		return false;
	out->kind = (enum report_kind)kind.p[0];
	out->domain = cur_rest(&u.c);
	return true;
}

struct str out_due_key_text(struct arena *a, const struct out_due *d)
{
	return str_fmt(a, "%" PRId64 "/%s/%.*s", d->begin_s, report_kind_name(d->kind),
	               STR_ARG(d->domain));
}

/* Parse the text of out_due_key_text; empty: invalid. */
static struct str key_of_text(char to[static KEY_MAX], struct str text)
{
	struct cur c = cur_of(text);
	uint64_t begin_s;

	if (!cur_u64(&c, &begin_s) || !cur_byte(&c, '/'))
		return STR_EMPTY;
	for (enum report_kind k = REPORT_DMARC; k < (enum report_kind)REPORT_KINDS; k++)
		if (cur_str(&c, str_of(report_kind_name(k))) && cur_byte(&c, '/'))
			return due_key(to, (int64_t)begin_s, k, cur_rest(&c));
	return STR_EMPTY;
}

/* --- values -------------------------------------------------------------------------------- */

static void due_text_put(struct buf *b, struct str s)
{
	pack_str(b, utf8_cut(s, TEXT_MAX));
}

enum err out_due_put(struct txn *t, const struct out_due *d)
{
	char key[KEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, ROW_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, d->state);
	pack_u64(&b, (uint64_t)d->end_s);
	pack_u64(&b, (uint64_t)d->when_ms);
	pack_u64(&b, d->attempts);
	pack_u64(&b, d->messages);
	pack_u64(&b, d->bytes);
	due_text_put(&b, d->id);
	due_text_put(&b, d->why);
	pack_u64(&b, d->to_count);
	for (size_t i = 0; i < d->to_count; i++) {
		due_text_put(&b, d->to[i].to);
		pack_u64(&b, d->to[i].sent);
		due_text_put(&b, d->to[i].why);
	}
	assert(buf_ok(&b));
	e = kv_put(t, SPACE_REPORT_DUE, due_key(key, d->begin_s, d->kind, d->domain), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* Strings are borrowed. */
static bool due_parse(struct str key, struct str value, struct out_due *out)
{
	struct unpack u = unpack_of(value);
	uint64_t state, count;

	*out = (struct out_due){ 0 };
	if (!key_parse(key, out) || unpack_u64(&u) != VERSION)
		return false;
	state = unpack_u64(&u);
	out->end_s = (int64_t)unpack_u64(&u);
	out->when_ms = (int64_t)unpack_u64(&u);
	out->attempts = unpack_u64(&u);
	out->messages = unpack_u64(&u);
	out->bytes = unpack_u64(&u);
	out->id = unpack_str(&u);
	out->why = unpack_str(&u);
	count = unpack_u64(&u);
	if (!unpack_ok(&u) || state >= OUT_STATES || count > OUT_TO_MAX)
		return false;
	out->state = (enum out_state)state;
	for (; out->to_count < count; out->to_count++) {
		out->to[out->to_count].to = unpack_str(&u);
		out->to[out->to_count].sent = unpack_u64(&u) != 0;
		out->to[out->to_count].why = unpack_str(&u);
	}
	return unpack_ok(&u);
}

/* --- rows ---------------------------------------------------------------------------------- */

enum err out_due_get(struct txn *t, int64_t begin_s, enum report_kind kind, struct str domain,
                     struct arena *a, struct out_due *out)
{
	char room[KEY_MAX];
	struct str key = due_key(room, begin_s, kind, domain), value;
	enum err e = kv_get(t, SPACE_REPORT_DUE, key, &value);

	if (e)
		return e;
	return due_parse(str_dup(a, key), str_dup(a, value), out) ? OK : ERR_MISSING;
}

enum err out_due_expire(struct txn *t, int64_t before_s, size_t max)
{
	char room[KEY_MAX];
	struct kv_iter it;
	enum err e = OK;

	kv_iter_init(&it, t, SPACE_REPORT_DUE, STR_EMPTY,
	             due_key(room, MAX(before_s, 0), REPORT_DMARC, STR_EMPTY));
	for (; e == OK && max != 0 && kv_iter_next(&it); max--)
		e = kv_del(t, SPACE_REPORT_DUE, it.key);
	return kv_iter_end(&it) != OK ? ERR_IO : e;
}

enum err out_due_each(struct txn *t, struct str below,
                      bool (*fn)(const struct out_due *d, void *arg), void *arg)
{
	char room[KEY_MAX];
	struct out_due d;
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_REPORT_DUE, STR_EMPTY, key_of_text(room, below));
	while (kv_iter_prev(&it))
		if (due_parse(it.key, it.val, &d) && !fn(&d, arg))
			break;
	return kv_iter_end(&it);
}

enum err out_due_check(struct txn *t, struct fsck_report *r)
{
	struct out_due d;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT_DUE, STR_EMPTY);
	while (kv_iter_next(&it))
		if (!due_parse(it.key, it.val, &d))
			fsck_found(r, "a row of REPORT_DUE cannot be read");
	return kv_iter_end(&it);
}
