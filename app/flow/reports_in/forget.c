/* flow/reports_in/forget.c: removes and lists reports; see store.h. */
#include "flow/reports_in/store.h"

#include "flow/reports_in/key.h"
#include "flow/reports_in/rows.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"
#include "model/store/store.h"

/* --- removal ------------------------------------------------------------------------------- */

static enum err sums_take_off(struct txn *t, const struct report_in *r)
{
	struct report_sums *s = arena_new(txn_arena(t), struct report_sums);
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	enum err e;

	report_sums_init(s, r);
	kv_iter_prefix(&it, t, SPACE_REPORT, report_key(room, 'c', r->id));
	while (kv_iter_next(&it) && report_sums_chunk(s, it.val))
		continue;
	e = kv_iter_end(&it);
	if (e == OK)
		e = report_sums_put(t, s, true);
	report_sums_deinit(s);
	return e;
}

static enum err chunks_rm(struct txn *t, uint64_t id)
{
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_REPORT, report_key(room, 'c', id));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_REPORT, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err rows_rm(struct txn *t, const struct report_in *r)
{
	char room[REPORT_KEY_MAX];
	uint8_t hash[REPORT_IN_HASH];
	enum err e = chunks_rm(t, r->id);

	report_in_hash(r, r->proven, hash);
	if (e == OK)
		e = kv_del(t, SPACE_REPORT,
		           report_key_hash(room, str_from((const char *)hash, sizeof hash)));
	if (e == OK || e == ERR_MISSING)
		e = kv_del(t, SPACE_REPORT, report_key(room, 'r', r->id));
	return e;
}

enum err report_in_rm(struct txn *t, uint64_t id)
{
	struct report_in r;
	enum err e = report_in_get(t, id, txn_arena(t), &r);

	if (e == OK && r.proven)
		e = sums_take_off(t, &r);
	return e == OK ? rows_rm(t, &r) : e;
}

/* Remove the day counters too. */
static enum err days_expire(struct txn *t, int64_t before_ms)
{
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	uint32_t day = (uint32_t)(before_ms / 86400000);
	enum err e = OK, walked;

	kv_iter_init(&it, t, SPACE_REPORT, STR("q"),
	             report_key_day(room, day, STR_EMPTY, STR_EMPTY));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_REPORT, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err report_in_expire(struct txn *t, int64_t before_ms, size_t max, bool *more)
{
	struct report_in r;
	struct kv_iter it;
	enum err e = days_expire(t, before_ms), walked;
	size_t n = 0;

	*more = false;
	kv_iter_prefix(&it, t, SPACE_REPORT, STR("r"));
	while (e == OK && kv_iter_next(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, 1, it.key.n));

		if (!report_in_head_parse(str_dup(txn_arena(t), it.val), &r))
			continue; /* fsck reports it */
		r.id = unpack_be64(&u);
		if (r.received_ms >= before_ms)
			break;
		*more = n++ == max;
		if (*more)
			break;
		e = rows_rm(t, &r);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* --- search -------------------------------------------------------------------------------- */

static bool expire_fits(const struct report_in_query *q, const struct report_in *r)
{
	return (q->kind < 0 || (int)r->kind == q->kind) && r->begin_ms >= q->begun_ms &&
	       (q->domain.n == 0 || str_eqi(r->domain, q->domain)) &&
	       (q->keep == NULL || q->keep(q->arg, r->domain));
}

/* Add a match; false: it is too old, and so are all after it. */
static bool expire_found(const struct report_in_query *q, struct kv_iter *it, struct arena *a,
                         struct report_in_list *out)
{
	struct unpack u = unpack_of(str_sub(it->key, 1, it->key.n));
	struct report_in r;

	if (!report_in_head_parse(it->val, &r) ||
	    (r.received_ms >= q->since_ms && !expire_fits(q, &r)))
		return true;
	if (r.received_ms < q->since_ms)
		return false;
	(void)report_in_head_parse(str_dup(a, it->val), &r);
	r.id = unpack_be64(&u);
	out->items[out->count++] = r;
	return true;
}

enum err report_in_find(struct txn *t, const struct report_in_query *q, struct arena *a,
                        struct report_in_list *out)
{
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	size_t looked = 0;

	*out = (struct report_in_list){ .items = arena_array(a, struct report_in, q->max) };
	kv_iter_init(&it, t, SPACE_REPORT, STR("r"),
	             report_key(room, 'r', q->before != 0 ? q->before : UINT64_MAX));
	while (kv_iter_prev(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, 1, it.key.n));

		if (out->count == q->max || looked++ == LIMIT_report_in_look) {
			out->next = unpack_be64(&u) + 1;
			break;
		}
		if (!expire_found(q, &it, a, out))
			break;
	}
	return kv_iter_end(&it);
}
