/* tests/unit/queue/parts_test.c: an entry of which some recipients were told to the queue while
 * others were still tried (queue_report_part). */
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/each.h"

/* As fixture_report's; and (h)ere, which happens with the report of all. */
static struct queue_result *results_of(const char *letters)
{
	size_t n = strlen(letters);
	struct queue_result *results = arena_array(&f.arena, struct queue_result, n);

	for (size_t i = 0; i < n; i++) {
		results[i].outcome = letters[i] == 'l'   ? QUEUE_DELAYED
		                     : letters[i] == 'f' ? QUEUE_FAILED
		                                         : QUEUE_DELIVERED;
		results[i].here = letters[i] == 'h';
	}
	return results;
}

/* The local parts of the recipients that the only entry has, as it is now. */
static void check_left(const char *want)
{
	struct queue_list list = fixture_entries(&f);
	struct buf got;

	buf_init(&got, 100);
	assert_int_equal(list.count, *want == '\0' ? 0 : 1);
	for (size_t i = 0; *want != '\0' && i < list.items[0].envelope.rcpt_count; i++)
		buf_put(&got, list.items[0].envelope.rcpts[i].address.local);
	check_str(buf_str(&got), str_of(want));
	buf_deinit(&got);
}

static struct queue_item *taken(const char *rcpts)
{
	struct queue_batch batch;

	fixture_add(&f, "a@here.example", rcpts);
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.count, 1);
	return &batch.items[0];
}

static void they_leave_and_the_lease_begins_anew(void **state)
{
	struct queue_item *item = taken("x@one.example y@one.example z@one.example");
	struct queue_result *results = results_of("dll");
	int64_t due_ms = item->due_ms;

	(void)state;
	clock_shift_real(1000);
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), OK);
	check_left("yz");
	assert_true(results[0].recorded && !results[1].recorded);
	assert_in_range(item->due_ms, due_ms + 1000, due_ms + 10000);
	assert_int_equal(fixture_take(&f, 10).count, 0); /* still ours */
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), OK); /* nothing new */
	results[1].outcome = QUEUE_DELIVERED;
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), OK);
	check_left("z");
	assert_int_equal(queue_report(f.queue, item, results, NULL), OK);
	check_left("z"); /* by the schedule now */
	assert_int_equal(fixture_entries(&f).items[0].attempts, 1);
	assert_int_equal(fixture_entries(&f).items[0].holder, 0);
	assert_int_equal(fixture_fsck(&f, true), 0);
	clock_shift_real(-1000);
}

/* Those who failed, and those whose delivery is part of the report, wait for it. */
static void others_wait_for_the_report_of_all(void **state)
{
	struct queue_item *item = taken("x@one.example y@one.example z@one.example");
	struct queue_result *results = results_of("fhd");
	struct str bounce;

	(void)state;
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), OK);
	check_left("xy");
	assert_int_equal(fixture_letters(&f, "bounce", &bounce), 0);
	assert_int_equal(queue_report(f.queue, item, results, NULL), OK);
	check_left("");
	assert_int_equal(fixture_letters(&f, "bounce", &bounce), 1);
}

/* RFC 3464: one report of each; who failed here was told of by the delivery that others had. */
static void told_by_others(void **state)
{
	struct queue_item *item = taken("x@one.example y@one.example z@one.example");
	struct queue_result *results = results_of("fhl");
	struct str bounce;

	(void)state;
	results[0].here = true;
	assert_int_equal(queue_report(f.queue, item, results, NULL), OK);
	check_left("z");
	assert_int_equal(fixture_letters(&f, "bounce", &bounce), 0);
}

static enum err hold(struct txn *t, void *arg)
{
	return queue_hold(t, *(const uint64_t *)arg);
}

/* Held meanwhile: it stays so when the report of all comes. */
static void held_meanwhile(void **state)
{
	struct queue_item *item = taken("x@one.example y@one.example");
	struct queue_result *results = results_of("dl");

	(void)state;
	assert_int_equal(store_write(f.ts.store, hold, &item->id, NULL), OK);
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), OK);
	assert_int_equal(queue_report(f.queue, item, results, NULL), OK);
	check_left("y");
	assert_true(fixture_entries(&f).items[0].held);
}

static void not_ours_any_more(void **state)
{
	struct queue_item *item = taken("x@one.example y@one.example");
	struct queue_result *results = results_of("dl");
	struct queue_want want = { .now_ms = item->due_ms + 1, .max = 10 };
	struct queue_batch again;

	(void)state;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &again, NULL), OK);
	assert_int_equal(queue_report_part(f.queue, item, results, NULL), ERR_CONFLICT);
	assert_false(results[0].recorded);
	check_left("xy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_leave_and_the_lease_begins_anew),
		TEST(others_wait_for_the_report_of_all),
		TEST(told_by_others),
		TEST(held_meanwhile),
		TEST(not_ours_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
