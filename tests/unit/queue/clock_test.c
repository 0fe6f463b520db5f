/* The clock is set while the server runs: nothing waits for what it went back, nothing is sent
 * twice for what it went forward. */
#include "model/queue/add.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };
static const int64_t jumps[] = { -24LL * HOUR, -HOUR, -MINUTE, MINUTE, HOUR, 24LL * HOUR };

static void fresh(struct fixture *f)
{
	fixture_open(f, STORE_LMDB);
	assert_int_equal(fixture_take(f, 1).count, 0);
}

static struct queue_item one_taken(struct fixture *f)
{
	struct queue_batch batch = fixture_take(f, 1);

	assert_int_equal(batch.count, 1);
	return batch.items[0];
}

static void what_is_due_stays_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		clock_shift_real(jumps[i]);
		check_at(i, fixture_take(&f, 1).count == 1);
		fixture_close(&f);
	}
}

static void what_waits_waits_as_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct queue_item item;
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		item = one_taken(&f);
		/* for 5 minutes, give or take 10 % */
		assert_int_equal(fixture_report(&f, &item, "l"), OK);
		clock_shift_real(jumps[i]);
		if (jumps[i] < 0) {
			fixture_time_passes(4 * MINUTE);
			check_at(i, fixture_take(&f, 1).count == 0);
			fixture_time_passes(2 * MINUTE);
		} else {
			fixture_time_passes(6 * MINUTE);
		}
		check_at(i, fixture_take(&f, 1).count == 1);
		check_at(i, fixture_fsck(&f, true) == 0);
		fixture_close(&f);
	}
}

/* A machine without a clock of its own begins in the past: what came then is not old when it learns
 * the time. */
static void what_came_before_is_not_old(void **state)
{
	static const int64_t forward[] = { MINUTE, 24LL * HOUR, 7 * 24LL * HOUR,
		                           20000 * 24LL * HOUR };

	(void)state;
	for (size_t i = 0; i < COUNT(forward); i++) {
		struct queue_item item;
		int64_t age_ms;
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		item = one_taken(&f);
		assert_int_equal(fixture_report(&f, &item, "l"), OK);
		clock_shift_real(forward[i]);
		fixture_time_passes(6 * MINUTE);
		item = one_taken(&f);
		age_ms = clock_real_ms() - item.created_ms;
		check_at(i, age_ms >= 6 * MINUTE && age_ms < 8 * MINUTE);
		check_at(i, fixture_report(&f, &item, "l") == OK);
		check_at(i, fixture_letters(&f, "bounce", NULL) == 0);
		check_at(i, fixture_letters(&f, "notice", NULL) == 0);
		check_at(i, fixture_fsck(&f, true) == 0);
		fixture_close(&f);
	}
}

/* Nor is what is just being tried. */
static void what_is_being_tried_is_not_old(void **state)
{
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	fresh(&f);
	fixture_add(&f, "a@here.example", "x@one.example");
	fixture_add(&f, "a@here.example", "y@one.example");
	batch = fixture_take(&f, 1);
	clock_shift_real(10 * 24LL * HOUR);
	assert_int_equal(fixture_take(&f, 1).count, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 0);
	assert_true(fixture_entries(&f).items[0].expires_ms > clock_real_ms() + 4 * 24LL * HOUR);
	fixture_close(&f);
}

/* Nor is what comes between that and the next look at the clock. */
static void what_comes_then_is_new(void **state)
{
	struct queue_item item;
	struct fixture f;

	(void)state;
	fresh(&f);
	clock_shift_real(7 * 24LL * HOUR);
	fixture_add(&f, "a@here.example", "x@one.example");
	item = one_taken(&f);
	assert_true(item.created_ms <= clock_real_ms());
	assert_true(item.expires_ms <= clock_real_ms() + 5 * 24LL * HOUR);
	fixture_close(&f);
}

static void where_nobody_is(void **state)
{
	struct queue_path away = { .unreachable = true };
	struct queue_result result = { .outcome = QUEUE_DELAYED, .path = &away };

	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct queue_item item;
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		item = one_taken(&f);
		assert_int_equal(queue_report(f.queue, &item, &result, NULL), OK);
		clock_shift_real(jumps[i]);
		fixture_time_passes(6 * MINUTE);
		check_at(i, fixture_take(&f, 1).count == 1);
		fixture_close(&f);
	}
}

static void a_time_that_was_asked_for(void **state)
{
	struct fixture f;

	(void)state;
	fresh(&f);
	fixture_add_new(
		&f, (struct queue_new){ .envelope.sender = fixture_address(&f, "a@here.example"),
	                                .envelope.not_before_ms = clock_real_ms() + 3LL * HOUR });
	clock_shift_real(-HOUR);
	fixture_time_passes(3LL * HOUR + 30LL * MINUTE);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	fixture_time_passes(HOUR);
	assert_int_equal(fixture_take(&f, 1).count, 1);
	fixture_close(&f);
}

static void what_is_being_tried_is_tried_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct queue_item item;
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		item = one_taken(&f);
		for (int j = 0; j < 3; j++) {
			clock_shift_real(jumps[i]);
			fixture_time_passes(MINUTE);
			check_at(i, fixture_take(&f, 1).count == 0);
		}
		check_at(i, fixture_report(&f, &item, "d") == OK);
		check_at(i, fixture_entries(&f).count == 0);
		check_at(i, fixture_report(&f, &item, "d") == ERR_CONFLICT);
		fixture_close(&f);
	}
}

static void what_is_released_is_there_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct queue_item item;
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		item = one_taken(&f);
		clock_shift_real(jumps[i]);
		check_at(i, fixture_take(&f, 1).count == 0);
		assert_int_equal(queue_release(f.queue, &item, 1, 0, NULL), OK);
		check_at(i, fixture_take(&f, 1).count == 1);
		fixture_close(&f);
	}
}

/* A lease that nobody ends does end, by the time that passes. */
static void a_lease_still_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct fixture f;

		fresh(&f);
		fixture_add(&f, "a@here.example", "x@one.example");
		one_taken(&f);
		clock_shift_real(jumps[i]);
		fixture_time_passes(HOUR);
		check_at(i, fixture_take(&f, 1).count == 0);
		fixture_time_passes((jumps[i] < 0 ? -jumps[i] : 0) + HOUR + MINUTE);
		check_at(i, fixture_take(&f, 1).count == 1);
		fixture_close(&f);
	}
}

static void held_is_held(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct fixture f;

		fresh(&f);
		fixture_add_new(&f, (struct queue_new){ .envelope.sender = fixture_address(
								&f, "a@here.example"),
		                                        .held = true });
		clock_shift_real(jumps[i]);
		fixture_time_passes(HOUR);
		check_at(i, fixture_take(&f, 1).count == 0);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_stays_due),
		cmocka_unit_test(what_waits_waits_as_long),
		cmocka_unit_test(what_came_before_is_not_old),
		cmocka_unit_test(what_is_being_tried_is_not_old),
		cmocka_unit_test(what_comes_then_is_new),
		cmocka_unit_test(where_nobody_is),
		cmocka_unit_test(a_time_that_was_asked_for),
		cmocka_unit_test(what_is_being_tried_is_tried_once),
		cmocka_unit_test(what_is_released_is_there_at_once),
		cmocka_unit_test(a_lease_still_ends),
		cmocka_unit_test(held_is_held),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
