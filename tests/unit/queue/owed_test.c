/* Where nobody answers one batch is tried, and all others wait: what they are owed comes all the
 * same, at its time. */
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/fixture.h"

#include <stdio.h>

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, EACH = 4 };

static void report_away(struct fixture *f, const struct queue_batch *batch, const char *route)
{
	struct queue_path away = { .unreachable = true, .route = str_of(route) };

	for (size_t i = 0; i < batch->count; i++) {
		struct queue_result result = { .outcome = QUEUE_DELAYED,
			                       .path = &away,
			                       .reply = { .code = 451, .text = STR("nobody") } };

		assert_int_equal(queue_report(f->queue, &batch->items[i], &result, NULL), OK);
	}
}

/* As a session does that finds nobody: one batch, then what is owed besides. Returns how many of
 * the latter there were. */
static size_t round_in_vain(struct fixture *f, const char *route)
{
	struct queue_batch batch = fixture_take(f, EACH);
	struct queue_want want = { .now_ms = clock_real_ms(), .owed = true, .max = 100 };
	struct queue_destination dest = batch.dest;
	size_t owed = 0;

	if (batch.count == 0)
		return 0;
	report_away(f, &batch, route);
	want.only = &dest;
	do {
		assert_int_equal(queue_take(f->queue, &want, &f->arena, &batch, NULL), OK);
		report_away(f, &batch, route);
		owed += batch.count;
	} while (batch.count != 0);
	return owed;
}

/* Until the next visit of the destination queue, which may be now: a round takes a little time. */
static void sleep_until_next(struct fixture *f)
{
	struct queue_want want = { .now_ms = clock_real_ms(), .max = 1 };
	struct queue_batch batch;

	assert_int_equal(queue_take(f->queue, &want, &f->arena, &batch, NULL), OK);
	if (batch.count != 0)
		assert_int_equal(queue_release(f->queue, batch.items, 1, 0, NULL), OK);
	else
		fixture_time_passes(batch.next_ms - want.now_ms);
}

static void fill(struct fixture *f, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fixture_add(f, "a@here.example", "x@one.example");
}

/* ROOST_QUEUE_NOTICE: each sender is told once, whoever was tried. */
static void notices(void **state)
{
	struct fixture f;
	size_t rounds = 0;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fill(&f, 30);
	assert_int_equal(round_in_vain(&f, ""), 0);
	assert_int_equal(fixture_letters(&f, "notice", NULL), 0);
	fixture_time_passes(4LL * HOUR);
	assert_int_equal(round_in_vain(&f, ""), 30 - EACH);
	assert_int_equal(fixture_letters(&f, "notice", NULL), 30);
	for (; rounds < 5; rounds++) {
		sleep_until_next(&f);
		assert_int_equal(round_in_vain(&f, ""), 0);
	}
	assert_int_equal(fixture_letters(&f, "notice", NULL), 30);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* RFC 2852 4.1.3: with N a notice at that time; it is not among those that are tried first. */
static void time_of_the_sender(void **state)
{
	struct fixture f;
	int64_t by_ms;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fill(&f, 30);
	by_ms = clock_real_ms() + 20LL * MINUTE;
	fixture_add_new(
		&f, (struct queue_new){ .envelope.sender = fixture_address(&f, "a@here.example"),
	                                .envelope.by_mode = ENVELOPE_BY_NOTIFY,
	                                .envelope.by_ms = by_ms });
	while (fixture_letters(&f, "notice", NULL) == 0) {
		(void)round_in_vain(&f, "");
		if (fixture_letters(&f, "notice", NULL) == 0)
			sleep_until_next(&f);
		assert_true(clock_real_ms() < by_ms + 10LL * MINUTE);
	}
	assert_true(clock_real_ms() >= by_ms);
	assert_int_equal(fixture_letters(&f, "notice", NULL), 1);
	fixture_close(&f);
}

/* What expires goes back soon after, however long the destination is left alone. */
static void expiry(void **state)
{
	struct fixture f;
	int64_t began_ms;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_queues(&f, STR("define=quick expire=10m retry=1h\nto=* queue=quick"));
	fixture_reopen(&f);
	fill(&f, 10);
	began_ms = clock_real_ms();
	assert_int_equal(round_in_vain(&f, ""), 0);
	while (fixture_entries(&f).count != 0) {
		sleep_until_next(&f);
		(void)round_in_vain(&f, "");
		assert_true(clock_real_ms() - began_ms < 20LL * MINUTE);
	}
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 10);
	fixture_close(&f);
}

/* docs/how-to/routing.md: after so many attempts in vain all that waits takes the other way. */
static void fallback(void **state)
{
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_routes(&f, "to=* name=isp via=relay.example fallback=mx after=2");
	fixture_reopen(&f);
	fill(&f, 60);
	assert_int_equal(round_in_vain(&f, "isp"), 0);
	fixture_time_passes(6LL * MINUTE);
	assert_int_equal(round_in_vain(&f, "isp"), 60 - EACH);
	fixture_time_passes(15LL * MINUTE); /* after the wait of a second attempt */
	batch = fixture_take(&f, 100);
	check_str(batch.dest.destination, STR("one.example"));
	assert_int_equal(batch.count, 60);
	fixture_close(&f);
}

/* What is to be sent later is owed nothing before. */
static void later(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fill(&f, 1);
	fixture_add_new(
		&f, (struct queue_new){ .envelope.sender = fixture_address(&f, "a@here.example"),
	                                .envelope.not_before_ms = clock_real_ms() + 20LL * HOUR });
	fixture_time_passes(5LL * HOUR);
	assert_int_equal(round_in_vain(&f, ""), 0);
	assert_int_equal(fixture_letters(&f, "notice", NULL), 1);
	fixture_close(&f);
}

static enum err hold(struct txn *t, void *arg)
{
	return queue_hold(t, *(uint64_t *)arg);
}

/* What an administrator holds is left alone. */
static void held(void **state)
{
	struct queue_list list;
	struct fixture f;
	bool there = false;
	uint64_t id;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	id = fixture_add(&f, "a@here.example", "x@one.example");
	fill(&f, 3);
	assert_int_equal(round_in_vain(&f, ""), 0);
	assert_int_equal(store_write(f.ts.store, hold, &id, NULL), OK);
	fixture_time_passes(7 * 24LL * HOUR);
	fill(&f, 1);
	for (int i = 0; i < 3; i++) {
		fixture_time_passes(3LL * HOUR);
		(void)round_in_vain(&f, "");
	}
	list = fixture_entries(&f);
	for (size_t i = 0; i < list.count; i++)
		there = there || list.items[i].id == id;
	assert_true(there);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 3);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notices), cmocka_unit_test(time_of_the_sender),
		cmocka_unit_test(expiry),  cmocka_unit_test(fallback),
		cmocka_unit_test(later),   cmocka_unit_test(held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
