/* flow/reports_in/fsck.c: see fsck.h. */
#include "flow/reports_in/fsck.h"

#include "flow/reports_in/reports_in_private.h"
#include "flow/reports_in/key.h"
#include "flow/reports_in/store.h"
#include "flow/reports_in/waiting.h"
#include "foundation/base/arena.h"
#include "model/store/kv.h"

static bool count_row(void *arg, struct str record)
{
	uint64_t *n = arg;

	(void)record;
	++*n;
	return true;
}

static enum err report_check(struct txn *t, uint64_t id, const struct report_in *r,
                             struct fsck_report *to)
{
	char room[REPORT_KEY_MAX];
	uint8_t hash[REPORT_IN_HASH];
	uint64_t rows = 0;
	enum err e = report_in_rows_each(t, id, count_row, &rows);

	if (e == ERR_CORRUPT || (e == OK && rows != r->rows))
		fsck_found(to, "report %" PRIu64 " counts %" PRIu64 " rows, has %" PRIu64, id,
		           r->rows, rows);
	if (e != OK && e != ERR_CORRUPT)
		return e;
	report_in_hash(r, r->proven, hash);
	e = kv_get(t, SPACE_REPORT,
	           report_key_hash(room, str_from((const char *)hash, sizeof hash)), NULL);
	if (e == ERR_MISSING)
		fsck_found(to, "report %" PRIu64 " would not be known again", id);
	return e == ERR_MISSING ? OK : e;
}

static enum err owner_check(struct txn *t, uint64_t id, const char *what, struct fsck_report *to)
{
	char room[REPORT_KEY_MAX];
	enum err e = kv_get(t, SPACE_REPORT, report_key(room, 'r', id), NULL);

	if (e == ERR_MISSING)
		fsck_found(to, "%s is of report %" PRIu64 ", which does not exist", what, id);
	return e == ERR_MISSING ? OK : e;
}

static enum err report_in_row_check(struct txn *t, const struct kv_iter *it, struct fsck_report *to)
{
	struct unpack key = unpack_of(str_sub(it->key, 1, it->key.n)), val = unpack_of(it->val);
	char kind = it->key.p[0];
	struct report_in r;
	uint64_t id = kind == 'd' ? unpack_be64(&val) : kind == 'q' ? 0 : unpack_be64(&key);

	if (key.bad || val.bad || str_find_byte(STR("rcdqw"), kind) < 0 ||
	    (kind == 'w' && !report_waiting_ok(it->key, it->val)) ||
	    (kind == 'r' && !report_in_head_parse(it->val, &r)) ||
	    (kind == 'q' && !report_in_count_ok(it->key, it->val))) {
		fsck_found(to, "a row of REPORT cannot be read");
		return OK;
	}
	if (kind == 'r')
		return report_check(t, id, &r, to);
	if (kind == 'q' || kind == 'w')
		return OK;
	return owner_check(t, id, kind == 'c' ? "a chunk" : "a hash", to);
}

static enum err tallies_check(struct txn *t, struct fsck_report *to)
{
	struct report_tally_key key;
	struct report_tally tally;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT_TALLY, STR_EMPTY);
	while (kv_iter_next(&it))
		if (!report_tally_key_parse(it.key, &key) || !report_tally_parse(it.val, &tally))
			fsck_found(to, "a row of REPORT_TALLY cannot be read");
	return kv_iter_end(&it);
}

static enum err report_in_check(struct txn *t, struct fsck_report *to)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_REPORT, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = report_in_row_check(t, &it, to);
	walked = kv_iter_end(&it);
	e = e != OK ? e : walked;
	return e == OK ? tallies_check(t, to) : e;
}

const struct fsck_check report_in_fsck = { .name = "report",
	                                   .run = report_in_check,
	                                   .blob_refs = report_waiting_refs };
