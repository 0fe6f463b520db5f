/* What a start mends: leases of the process before, a smarthost that came or went, times
 * from a clock that was wrong. */
#include "model/queue/admin.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"
#include "unit/queue/each.h"

#include "foundation/config/limits.h"

static void killed_while_sending(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	queue_close(&f.queue);
	temp_store_reopen(&f.ts);
	fixture_reopen(&f);
	assert_int_equal(fixture_report(&f, &batch.items[0], "dd"), ERR_CONFLICT);
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(batch.items[0].attempts, 0);
	assert_int_equal(batch.items[0].envelope.rcpt_count, 2);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* Another node's lease is not ours to free. */
static void other_nodes_keep_their_leases(void **state)
{
	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	assert_int_equal(fixture_take(&f, 1).count, 1);
	f.config.node = 2;
	fixture_reopen(&f);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	f.config.node = 0;
	fixture_reopen(&f);
	assert_int_equal(fixture_take(&f, 1).count, 1);
}

static void smarthost_comes_and_goes(void **state)
{
	struct queue_list list;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@two.example z@one.example");
	fixture_smarthost(&f, true);
	fixture_reopen(&f);
	fixture_place(&f);
	list = fixture_entries(&f);
	assert_int_equal(list.count, 2);
	check_str(list.items[0].destination, STR(""));
	check_str(list.items[1].destination, STR(""));
	fixture_add(&f, "a@here.example", "x@one.example y@two.example z@one.example");
	assert_int_equal(fixture_entries(&f).count, 3);
	assert_int_equal(fixture_take(&f, 10).count, 3);
	assert_int_equal(fixture_fsck(&f, true), 0);

	fixture_smarthost(&f, false);
	fixture_reopen(&f);
	fixture_place(&f);
	list = fixture_entries(&f);
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < list.count; i++)
		for (size_t j = 0; j < list.items[i].envelope.rcpt_count; j++)
			check_str_at(i, list.items[i].envelope.rcpts[j].address.domain,
			             list.items[i].destination);
	assert_int_equal(fixture_fsck(&f, true), 0); /* the blob's references too */
}

static uint64_t writes(void)
{
	struct store_stats stats;

	store_stats(f.ts.store, &stats);
	return stats.functions;
}

/* The same rules as last time cost a start nothing; others are followed some entries at a time, a
 * kill in between notwithstanding. */
static void rules_are_followed_in_slices(void **state)
{
	enum { ENTRIES = 1100 };
	struct queue_list list;
	uint64_t before;
	bool more;

	(void)state;
	fixture_routes(&f, "to=one.example via=isp");
	fixture_reopen(&f);
	for (int i = 0; i < ENTRIES; i++)
		fixture_add(&f, "a@here.example", "x@one.example");
	fixture_place(&f);
	before = writes();
	fixture_reopen(&f);
	assert_int_equal(queue_place(f.queue, &more, NULL), OK);
	assert_false(more);
	assert_true(writes() <= before + 1); /* one that looks for rows of before 1.3 */

	fixture_routes(&f, "to=one.example via=other");
	fixture_reopen(&f);
	assert_int_equal(queue_place(f.queue, &more, NULL), OK);
	assert_true(more);
	fixture_reopen(&f);
	assert_int_equal(fixture_take(&f, 1).count, 0); /* the next slice comes first */
	fixture_place(&f);
	list = fixture_entries(&f);
	for (size_t i = 0; i < list.count; i++)
		check_str_at(i, list.items[i].destination, STR("@other"));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* What is being tried while the rules change goes by the new ones when it comes back. */
static void what_is_being_tried_follows_later(void **state)
{
	struct settings s = { .routes = STR("to=one.example via=isp") };
	struct queue_batch batch;
	struct live *live;
	unsigned rules;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	fixture_add(&f, "a@here.example", "y@one.example");
	batch = fixture_take(&f, 2);
	rules = batch.rules;
	assert_int_equal(rules, queue_rules_now(f.queue));
	s.hostname = STR("mx.here.example");
	live = f.queue->live;
	f.queue->live = live_of(&s);
	assert_int_equal(queue_reroute(f.queue, NULL), OK);
	assert_int_not_equal(rules, queue_rules_now(f.queue));
	fixture_place(&f);
	check_str(fixture_entries(&f).items[0].destination, STR("one.example"));
	assert_int_equal(queue_release(f.queue, &batch.items[0], 1, 0, NULL), OK);
	assert_int_equal(fixture_report(&f, &batch.items[1], "l"), OK);
	for (size_t i = 0; i < 2; i++)
		check_str_at(i, fixture_entries(&f).items[i].destination, STR("@isp"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	live_free(&f.queue->live);
	f.queue->live = live;
}

/* The clock was a year ahead when they were written, and is right now. */
static void clock_was_wrong(void **state)
{
	const int64_t year_ms = 365 * 86400000LL;
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "early@one.example");
	clock_shift_real(year_ms);
	fixture_add(&f, "a@here.example", "late@one.example");
	batch = fixture_take(&f, 2);
	assert_int_equal(batch.count, 2);
	assert_int_equal(queue_release(f.queue, batch.items, 1, 0, NULL), OK);
	assert_int_equal(fixture_report(&f, &batch.items[1], "l"), OK);
	clock_shift_real(-year_ms);
	fixture_reopen(&f);
	batch = fixture_take(&f, 2);
	assert_int_equal(batch.count, 2);
	for (size_t i = 0; i < batch.count; i++)
		check_at(i, batch.items[i].expires_ms <= clock_real_ms() + 5 * 86400000LL);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(killed_while_sending),
		TEST(other_nodes_keep_their_leases),
		TEST(smarthost_comes_and_goes),
		TEST(rules_are_followed_in_slices),
		TEST(what_is_being_tried_follows_later),
		TEST(clock_was_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
