/* flow/reports_out/failed.c: see failed.h. */
#include "flow/reports_out/failed.h"

#include "flow/reports_out/gather.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"

enum { VERSION = 1, SMALL_MAX = 64, RECORD_MAX = 4096 };

/* --- the message's part --------------------------------------------------------------------- */

enum { BY_DKIM = BIT(0), BY_SPF = BIT(1) };

void out_failure_pack(struct buf *out, const struct out_failure *f)
{
	const struct str *const texts[] = { &f->author, &f->ip, &f->mail_from, &f->envelope_id,
		                            &f->results, &f->dkim_failure, &f->dkim_domain,
		                            &f->dkim_identity, &f->dkim_selector, &f->spf_domain,
		                            &f->subject, &f->header };

	pack_u64(out, f->kind);
	pack_u64(out, f->fate);
	pack_u64(out, (f->by_dkim ? BY_DKIM : 0) | (f->by_spf ? BY_SPF : 0));
	pack_u64(out, (uint64_t)f->arrived_ms);
	for (size_t i = 0; i < COUNT(texts); i++)
		pack_str(out, *texts[i]);
	pack_u64(out, f->to_count);
	for (size_t i = 0; i < f->to_count; i++)
		pack_str(out, f->to[i]);
}

bool out_failure_unpack(struct str packed, struct out_failure *f)
{
	struct unpack u = unpack_of(packed);
	struct str *const texts[] = { &f->author, &f->ip, &f->mail_from, &f->envelope_id,
		                      &f->results, &f->dkim_failure, &f->dkim_domain,
		                      &f->dkim_identity, &f->dkim_selector, &f->spf_domain,
		                      &f->subject, &f->header };
	uint64_t kind = unpack_u64(&u), fate = unpack_u64(&u), by = unpack_u64(&u), count;

	*f = (struct out_failure){ .by_dkim = by & BY_DKIM, .by_spf = by & BY_SPF };
	f->arrived_ms = (int64_t)unpack_u64(&u);
	for (size_t i = 0; i < COUNT(texts); i++)
		*texts[i] = unpack_str(&u);
	count = unpack_u64(&u);
	if (!unpack_ok(&u) || kind >= OUT_FAILURE_KINDS || fate >= REPORT_FATES ||
	    count > OUT_FAILURE_TO_MAX)
		return false;
	f->kind = (enum out_failure_kind)kind;
	f->fate = (enum report_failure_fate)fate;
	for (; f->to_count < count; f->to_count++)
		f->to[f->to_count] = unpack_str(&u);
	return unpack_ok(&u);
}

/* --- values --------------------------------------------------------------------------------- */

/* A day has reports; a head also has the begin of the last report. */
struct counts {
	uint64_t reports;
	int64_t last_s;
};

static bool counts_parse(struct str value, struct counts *out)
{
	struct unpack u = unpack_of(value);

	if (unpack_u64(&u) != VERSION)
		return false;
	out->reports = unpack_u64(&u);
	out->last_s = (int64_t)unpack_u64(&u);
	return unpack_ok(&u);
}

bool out_failed_count(struct str value, uint64_t *reports)
{
	struct counts c;

	if (!counts_parse(value, &c))
		return false;
	*reports = c.reports;
	return true;
}

static enum err counts_get(struct txn *t, struct str key, struct counts *out)
{
	struct str value;
	enum err e = kv_get(t, SPACE_REPORT_FAILED, key, &value);

	*out = (struct counts){ 0 };
	if (e == OK && !counts_parse(value, out))
		*out = (struct counts){ 0 };
	return e == ERR_MISSING ? OK : e;
}

static enum err counts_put(struct txn *t, struct str key, const struct counts *c)
{
	char room[SMALL_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, VERSION);
	pack_u64(&b, c->reports);
	pack_u64(&b, (uint64_t)c->last_s);
	return kv_put(t, SPACE_REPORT_FAILED, key, buf_str(&b));
}

bool out_failed_parse(struct str key, struct str value, struct out_failed *out)
{
	struct unpack u = unpack_of(value);
	struct str packed;
	uint32_t day;

	*out = (struct out_failed){ .waits = false };
	if (out_row_key_parse(key, &day, &out->domain) != OUT_KEY_ROW ||
	    unpack_u64(&u) != VERSION)
		return false;
	out->incidents = unpack_u64(&u);
	out->begin_s = (int64_t)unpack_u64(&u);
	out->record = unpack_str(&u);
	packed = unpack_str(&u);
	out->waits = packed.n != 0;
	return unpack_ok(&u) && (!out->waits || out_failure_unpack(packed, &out->failure));
}

/* packed is empty: it was sent. */
static enum err failed_row_put(struct txn *t, struct str key, const struct out_failed *row,
                               struct str packed)
{
	struct buf b;
	enum err e;

	buf_init(&b, SMALL_MAX + RECORD_MAX + OUT_FAILURE_PACKED_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, row->incidents);
	pack_u64(&b, (uint64_t)row->begin_s);
	pack_str(&b, packed.n != 0 ? row->record : STR_EMPTY);
	pack_str(&b, packed);
	assert(buf_ok(&b)); /* callers limit the length of a record */
	e = kv_put(t, SPACE_REPORT_FAILED, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- adding --------------------------------------------------------------------------------- */

struct str out_failed_same(char to[static OUT_FAILED_SAME_MAX], enum out_failure_kind kind,
                           const struct addr *ip)
{
	char room[ADDR_NETWORK_KEY_MAX];
	struct buf b;

	buf_init_in(&b, to, OUT_FAILED_SAME_MAX);
	buf_byte(&b, (char)kind);
	buf_put(&b, addr_network_key(ip, room));
	return buf_str(&b);
}

static enum err first_add(struct txn *t, struct str key, const struct out_gathered *n)
{
	char day_room[OUT_ROW_KEY_MAX], head_room[OUT_ROW_KEY_MAX];
	struct str day_key = out_day_key(day_room, n->day);
	struct str head_key = out_head_key(head_room, n->day, n->domain);
	struct out_failed row = { .incidents = n->count, .record = n->record };
	struct counts day, head;
	enum err e;

	if ((e = counts_get(t, day_key, &day)) || (e = counts_get(t, head_key, &head)))
		return e;
	if (day.reports >= LIMIT_report_failures || head.reports >= LIMIT_report_failures_domain)
		return ERR_LIMIT;
	day.reports++;
	head.reports++;
	row.begin_s = head.last_s = MAX(n->begin_s, head.last_s + 1);
	if ((e = counts_put(t, day_key, &day)) || (e = counts_put(t, head_key, &head)))
		return e;
	return failed_row_put(t, key, &row, n->packed);
}

enum err out_failed_add(struct txn *t, const struct out_gathered *n, bool *fresh)
{
	char room[OUT_ROW_KEY_MAX];
	struct str key = out_row_key(room, n->day, n->domain, n->same), value;
	enum err e = kv_get(t, SPACE_REPORT_FAILED, key, &value);
	struct out_failed row;
	struct buf packed;

	*fresh = false;
	if (e == OK && !out_failed_parse(key, value, &row))
		e = ERR_MISSING;
	if (e == ERR_MISSING) {
		e = first_add(t, key, n);
		*fresh = e == OK;
		return e;
	}
	if (e)
		return e;
	row.incidents += n->count;
	row.record = str_dup(txn_arena(t), row.record);
	buf_init(&packed, OUT_FAILURE_PACKED_MAX);
	if (row.waits)
		out_failure_pack(&packed, &row.failure);
	e = failed_row_put(t, key, &row, buf_str(&packed));
	buf_deinit(&packed);
	return e;
}

/* --- reading and removal -------------------------------------------------------------------- */

enum err out_failed_next(struct txn *t, struct str behind, struct arena *a, struct str *key,
                         struct out_failed *out)
{
	enum err found = ERR_MISSING, e;
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_REPORT_FAILED, behind, STR_EMPTY);
	while (found != OK && kv_iter_next(&it)) {
		if (str_cmp(it.key, behind) <= 0 || !out_failed_parse(it.key, it.val, out) ||
		    !out->waits)
			continue;
		*key = str_dup(a, it.key);
		found = out_failed_parse(*key, str_dup(a, it.val), out) ? OK : ERR_CORRUPT;
	}
	e = kv_iter_end(&it);
	return e != OK ? e : found;
}

enum err out_failed_done(struct txn *t, struct str key)
{
	struct out_failed row;
	struct str value;
	enum err e = kv_get(t, SPACE_REPORT_FAILED, key, &value);

	if (e)
		return e;
	if (!out_failed_parse(key, value, &row) || !row.waits)
		return ERR_MISSING;
	return failed_row_put(t, key, &row, STR_EMPTY);
}

enum err out_failed_expire(struct txn *t, uint32_t before)
{
	char room[OUT_ROW_KEY_MAX];
	struct kv_iter it;
	enum err e = OK, end;

	kv_iter_init(&it, t, SPACE_REPORT_FAILED, STR_EMPTY, out_day_key(room, before));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_REPORT_FAILED, it.key);
	end = kv_iter_end(&it);
	return e != OK ? e : end;
}
