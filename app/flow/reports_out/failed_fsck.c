/* flow/reports_out/failed_fsck.c: is each row of report_failed readable, and are the
 * counts right? */
#include "flow/reports_out/failed.h"

#include "model/store/fsck.h"

struct counted {
	uint64_t day_says, day_has, head_says, head_has;
};

static void head_end(struct counted *c, struct fsck_report *r)
{
	if (c->head_says != c->head_has)
		fsck_found(r, "a domain in REPORT_FAILED counts %" PRIu64 " rows, has %" PRIu64,
		           c->head_says, c->head_has);
	c->head_says = c->head_has = 0;
}

static void day_end(struct counted *c, struct fsck_report *r)
{
	head_end(c, r);
	if (c->day_says != c->day_has)
		fsck_found(r, "a day of REPORT_FAILED counts %" PRIu64 " rows, has %" PRIu64,
		           c->day_says, c->day_has);
	c->day_says = c->day_has = 0;
}

static bool failed_row_check(struct counted *c, struct fsck_report *r, const struct kv_iter *it)
{
	struct out_failed row;
	struct str domain;
	uint32_t day;

	switch (out_row_key_parse(it->key, &day, &domain)) {
	case OUT_KEY_DAY:
		day_end(c, r);
		return out_failed_count(it->val, &c->day_says);
	case OUT_KEY_HEAD:
		head_end(c, r);
		return out_failed_count(it->val, &c->head_says);
	case OUT_KEY_ROW:
		c->head_has++;
		c->day_has++;
		return out_failed_parse(it->key, it->val, &row);
	case OUT_KEY_WRONG:
		break;
	}
	return false;
}

enum err out_failed_check(struct txn *t, struct fsck_report *r)
{
	struct counted c = { .day_says = 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT_FAILED, STR_EMPTY);
	while (kv_iter_next(&it))
		if (!failed_row_check(&c, r, &it))
			fsck_found(r, "a row of REPORT_FAILED cannot be read");
	day_end(&c, r);
	return kv_iter_end(&it);
}
