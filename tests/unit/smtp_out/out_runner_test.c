/* The runner: it takes what is due by itself, by as many sessions as are good for it. */
#include "model/queue/queue.h"
#include "unit/smtp_out/out_fixture.h"

/* As server/ wires it. */
static void runner_start(struct fixture *f)
{
	struct queue_host host;

	delivery_host_init(&host, &f->town.delivery);
	queue_host_set(f->town.queue, &host);
	assert_int_equal(smtp_out_start(&f->config, &f->out, NULL), OK);
}

static bool within_s(struct fixture *f, unsigned s, bool (*done)(struct fixture *))
{
	for (unsigned i = 0; i < s * 200; i++) {
		if (done(f))
			return true;
		usleep(5000);
	}
	return false;
}

static bool queue_is_empty(struct fixture *f)
{
	return town_queue(&f->town, NULL) == 0;
}

static bool five_are_open(struct fixture *f)
{
	return atomic_load(&f->remote.open) >= 5;
}

static void test_runner(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	atomic_store(&f.remote.gated, true);
	runner_start(&f);
	many_post(&f, 150);
	smtp_out_wake(f.out);
	assert_true(within_s(&f, 10, five_are_open));
	usleep(100000);
	assert_int_equal(atomic_load(&f.remote.open_most), 5); /* PACE_BEGIN */
	/* Stuck with a slow remote: stopping does not wait for ever. */
	assert_false(smtp_out_stop(&f.out, clock_mono_ms() + 50));
	assert_non_null(f.out);
	atomic_store(&f.remote.gated, false);
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	assert_null(f.out);
	/* Begun before: each is either gone or there again, nothing twice. */
	runner_start(&f);
	assert_true(within_s(&f, 30, queue_is_empty));
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	many_expect(&f, 150);
	close_all(&f);
}

/* Who answers slowly gets few at a time, so others need not wait for the end of a long batch. */
static void test_few_messages_by_many_sessions(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	atomic_store(&f.remote.gated, true);
	runner_start(&f);
	many_post(&f, 20);
	smtp_out_wake(f.out);
	assert_true(within_s(&f, 10, five_are_open));
	atomic_store(&f.remote.gated, false);
	assert_true(within_s(&f, 30, queue_is_empty));
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	many_expect(&f, 20);
	close_all(&f);
}

/* Such settings are refused before they count (smtp_out_check); what slips through must not
 * cost any mail. */
static void test_runner_waits_with_a_bad_smarthost(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	struct queue_config queue_again = { 0 };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	live_free(&f.live);
	post(&f, rcpts, 1, BODY);
	f.settings.smarthost = STR("gopher://x");
	f.config.live = f.live = live_of(&f.settings);
	queue_again.store = f.config.store;
	queue_again.live = f.live;
	queue_close(&f.town.queue);
	assert_int_equal(queue_open(&f.town.queue, &queue_again, NULL), OK);
	f.config.queue = f.town.queue;
	runner_start(&f);
	smtp_out_wake(f.out);
	usleep(100000);
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	assert_int_equal(town_queue(&f.town, NULL), 1);
	assert_int_equal(atomic_load(&f.remote.connections), 0);
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runner),
		cmocka_unit_test(test_few_messages_by_many_sessions),
		cmocka_unit_test(test_runner_waits_with_a_bad_smarthost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
