/* Every fallible call failing in turn: a recipient is waiting, delivered, or in a bounce,
 * and never two of these. */
#include "unit/queue/fixture.h"

#include "foundation/base/fault.h"
#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"

/* Where the recipients are that the queue began with. */
static unsigned waiting(struct fixture *f)
{
	struct queue_list list = fixture_entries(f);
	unsigned n = 0;

	for (size_t i = 0; i < list.count; i++)
		n += (unsigned)list.items[i].envelope.rcpt_count;
	return n;
}

static bool add_step(unsigned n)
{
	struct fixture f;
	enum err e;
	bool fired;

	fixture_open(&f, STORE_MEMORY);
	fault_arm(n);
	e = fixture_try_add(&f, "a@here.example", "x@one.example y@two.example", NULL);
	fired = fault_fired();
	fault_arm(0);
	check_at(n, fired ? e != OK : e == OK);
	check_at(n, waiting(&f) == (fired ? 0 : 2));
	check_at(n, fixture_fsck(&f, true) == 0);
	fixture_close(&f);
	return fired;
}

static bool take_step(unsigned n)
{
	struct queue_want want = { .now_ms = INT64_MAX / 2, .max = 10 };
	struct queue_batch batch;
	struct fixture f;
	enum err e;
	bool fired;

	fixture_open(&f, STORE_MEMORY);
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	fixture_add(&f, "a@here.example", "z@one.example");
	want.now_ms = clock_real_ms();
	fault_arm(n);
	e = queue_take(f.queue, &want, &f.arena, &batch, NULL);
	fired = fault_fired();
	fault_arm(0);
	check_at(n, fired ? e != OK && batch.count == 0 : e == OK && batch.count == 2);
	check_at(n, fixture_fsck(&f, true) == 0);
	if (fired) /* nothing was leased */
		check_at(n, fixture_take(&f, 10).count == 2);
	fixture_close(&f);
	return fired;
}

/* One delivered, one failed, one delayed; after a failure of whatever kind, again. */
static bool report_step(unsigned n)
{
	struct queue_batch batch;
	struct fixture f;
	unsigned bounces;
	enum err e;
	bool fired;

	fixture_open(&f, STORE_MEMORY);
	fixture_add(&f, "a@here.example", "x@one.example y@one.example z@one.example");
	batch = fixture_take(&f, 1);
	fault_arm(n);
	e = fixture_report(&f, &batch.items[0], "dfl");
	fired = fault_fired();
	fault_arm(0);
	bounces = fixture_letters(&f, "bounce", NULL);
	check_at(n, fired || e == OK);
	if (e != OK) {
		check_at(n, waiting(&f) == 3 && bounces == 0);
		check_at(n, fixture_report(&f, &batch.items[0], "dfl") == OK);
		bounces = fixture_letters(&f, "bounce", NULL);
	}
	/* The failed one is in the bounce, or (when that could not be made) waits again. */
	check_at(n, waiting(&f) + bounces == 2 && bounces <= 1);
	check_at(n, fixture_fsck(&f, true) == 0);
	fixture_close(&f);
	return fired;
}

static bool release_step(unsigned n)
{
	struct queue_batch batch;
	struct fixture f;
	enum err e;
	bool fired;

	fixture_open(&f, STORE_MEMORY);
	fixture_add(&f, "a@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	fault_arm(n);
	e = queue_release(f.queue, batch.items, 1, 0, NULL);
	fired = fault_fired();
	fault_arm(0);
	check_at(n, fired ? e != OK : e == OK);
	check_at(n, fixture_take(&f, 1).count == (fired ? 0 : 1));
	check_at(n, fixture_fsck(&f, true) == 0);
	fixture_close(&f);
	return fired;
}

static bool open_step(unsigned n)
{
	struct fixture f;
	enum err e;
	bool fired;

	fixture_open(&f, STORE_MEMORY);
	fixture_add(&f, "a@here.example", "x@one.example y@two.example");
	(void)fixture_take(&f, 1);
	queue_close(&f.queue);
	fixture_smarthost(&f, true);
	fault_arm(n);
	e = queue_open(&f.queue, &f.config, NULL);
	fired = fault_fired();
	fault_arm(0);
	check_at(n, (e == OK) == (f.queue != NULL) && (e == OK) == !fired);
	if (fired)
		fixture_reopen(&f);
	check_at(n, fixture_take(&f, 10).count == 2);
	check_at(n, fixture_fsck(&f, true) == 0);
	fixture_close(&f);
	return fired;
}

static void walk(bool (*step)(unsigned n))
{
	unsigned n = 1;

	event_fd_set(-1);
	while (step(n))
		n++;
	assert_true(n > 3); /* something did fail */
}

static void adding(void **state)
{
	(void)state;
	walk(add_step);
}

static void taking(void **state)
{
	(void)state;
	walk(take_step);
}

static void reporting(void **state)
{
	(void)state;
	walk(report_step);
}

static void releasing(void **state)
{
	(void)state;
	walk(release_step);
}

static void opening(void **state)
{
	(void)state;
	walk(open_step);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding),    cmocka_unit_test(taking),  cmocka_unit_test(reporting),
		cmocka_unit_test(releasing), cmocka_unit_test(opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
