/* flow/reports_out/fsck.c: see fsck.h. */
#include "flow/reports_out/fsck.h"

#include "flow/reports_out/due.h"
#include "flow/reports_out/failed.h"
#include "flow/reports_out/row.h"
#include "flow/reports_out/suppress.h"
#include "foundation/base/arena.h"

/* The actual rows, and the counts stored in day and head. */
struct counted {
	uint32_t day;
	struct out_day says, has;
	uint64_t head_says, head_has;
};

static void day_end(struct counted *c, struct fsck_report *r)
{
	if (c->head_says != c->head_has)
		fsck_found(r, "a domain in DMARC_SEEN of day %" PRIu32 " counts %" PRIu64
		              " rows, has %" PRIu64, c->day, c->head_says, c->head_has);
	c->head_says = c->head_has = 0;
}

static void days_end(struct counted *c, struct fsck_report *r)
{
	day_end(c, r);
	if (c->says.domains != c->has.domains || c->says.rows != c->has.rows)
		fsck_found(r, "day %" PRIu32 " of DMARC_SEEN counts wrongly", c->day);
	c->says = c->has = (struct out_day){ 0 };
}

static bool report_out_row_check(struct counted *c, struct fsck_report *r, const struct kv_iter *it,
                                 struct arena *a)
{
	struct report_dmarc_row row;
	struct out_head head;
	struct str domain;
	uint32_t day;

	switch (out_row_key_parse(it->key, &day, &domain)) {
	case OUT_KEY_DAY:
		days_end(c, r);
		c->day = day;
		return out_day_parse(it->val, &c->says);
	case OUT_KEY_HEAD:
		day_end(c, r);
		c->has.domains++;
		if (!out_head_parse(it->val, &head))
			return false;
		c->head_says = head.rows;
		return true;
	case OUT_KEY_ROW:
		c->head_has++;
		c->has.rows++;
		return out_row_parse(it->val, a, &row);
	case OUT_KEY_WRONG:
		break;
	}
	return false;
}

static enum err seen_check(struct txn *t, struct fsck_report *r)
{
	struct counted c = { .day = 0 };
	struct arena a = { 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_DMARC_SEEN, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a))
		if (!report_out_row_check(&c, r, &it, &a))
			fsck_found(r, "a row of DMARC_SEEN cannot be read");
	days_end(&c, r);
	arena_deinit(&a);
	return kv_iter_end(&it);
}

static enum err report_out_fsck_run(struct txn *t, struct fsck_report *r)
{
	enum err e = seen_check(t, r);

	if (e == OK)
		e = out_due_check(t, r);
	if (e == OK)
		e = out_failed_check(t, r);
	return e == OK ? out_suppress_check(t, r) : e;
}

const struct fsck_check report_out_fsck = { .name = "report", .run = report_out_fsck_run };
