/* What an attempt's end is told the queue while there is no room. */
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"
#include "model/queue/take.h"
#include "protocols/smtp_out/batch.h"
#include "protocols/smtp_out/report.h"
#include "protocols/smtp_out/smtp_out.h"

/* Nobody has it, so no thread waits for room: it comes again in some minutes. */
static void nothing_was_taken(void **state)
{
	struct queue_result failed = { .outcome = QUEUE_FAILED, .reply = { .code = 550 } };
	const struct queue_path path = { .route = STR("mx") };
	struct smtp_out_config config = { 0 };
	atomic_bool stopping = false;
	struct out_batch b = { .config = &config, .stopping = &stopping };
	int64_t before_ms = clock_mono_ms();
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	event_fd_set(-1);
	fixture_open(&f, STORE_LMDB);
	config.queue = f.queue;
	fixture_add(&f, "a@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	f.put_error = ERR_FULL;
	out_report(&b, &path, &batch.items[0], &failed, NULL);
	assert_true(clock_mono_ms() - before_ms < 2000);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	f.put_error = OK;
	fixture_time_passes(5 * 60 * 1000);
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	out_report(&b, &path, &batch.items[0], &failed, NULL);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_was_taken) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
