/* Runners that share a queue never have the same entry at once. */
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"

#include <pthread.h>
#include <stdatomic.h>

enum { RUNNERS = 4, MESSAGES = 60 };

static struct fixture f;
static atomic_int sent[MESSAGES + 1];

static void item_send(const struct queue_item *item)
{
	struct queue_result result = { .outcome = QUEUE_DELIVERED, .reply = { .code = 250 } };
	struct cur c = cur_of(item->envelope.rcpts[0].address.local);
	uint32_t n = 0;

	assert_true(cur_byte(&c, 'r') && cur_u32(&c, &n) && n < MESSAGES);
	atomic_fetch_add(&sent[n], 1);
	assert_int_equal(queue_report(f.queue, item, &result, NULL), OK);
}

static void *runner(void *arg)
{
	struct arena a = { 0 };
	struct queue_batch batch;

	(void)arg;
	do {
		struct queue_want want = { .now_ms = clock_real_ms(), .max = 3 };

		assert_int_equal(queue_take(f.queue, &want, &a, &batch, NULL), OK);
		for (size_t i = 0; i < batch.count; i++)
			item_send(&batch.items[i]);
	} while (batch.count != 0 || batch.next_ms <= clock_real_ms());
	arena_deinit(&a);
	return NULL;
}

static void each_is_sent_once(void **state)
{
	pthread_t threads[RUNNERS];

	(void)state;
	event_fd_set(-1);
	fixture_open(&f, STORE_LMDB);
	for (int i = 0; i < MESSAGES; i++) {
		char rcpt[40];

		snprintf(rcpt, sizeof(rcpt), "r%d@d%d.example", i, i % 5);
		fixture_add(&f, "a@here.example", rcpt);
	}
	for (int i = 0; i < RUNNERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, runner, NULL), 0);
	for (int i = 0; i < RUNNERS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < MESSAGES; i++)
		check_at(i, atomic_load(&sent[i]) == 1);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* What is being tried when the clock is set forward is nobody else's, however many look at once. */
static void *looker(void *arg)
{
	struct arena a = { 0 };

	for (int i = 0; i < 20; i++) {
		struct queue_want want = { .now_ms = clock_real_ms(), .max = 3 };
		struct queue_batch batch;

		assert_int_equal(queue_take(f.queue, &want, &a, &batch, NULL), OK);
		atomic_fetch_add((atomic_int *)arg, (int)batch.count);
	}
	arena_deinit(&a);
	return NULL;
}

static void the_clock_is_set(void **state)
{
	enum { SETS = 5 };
	atomic_int taken = 0;

	(void)state;
	event_fd_set(-1);
	fixture_open(&f, STORE_LMDB);
	for (int i = 0; i < MESSAGES; i++)
		fixture_add(&f, "a@here.example", "x@one.example");
	assert_int_equal(fixture_take(&f, MESSAGES).count, MESSAGES);
	for (int i = 0; i < SETS; i++) {
		pthread_t threads[RUNNERS];

		clock_shift_real(24 * 3600 * 1000);
		for (int j = 0; j < RUNNERS; j++)
			assert_int_equal(pthread_create(&threads[j], NULL, looker, &taken), 0);
		for (int j = 0; j < RUNNERS; j++)
			pthread_join(threads[j], NULL);
	}
	assert_int_equal(atomic_load(&taken), 0);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_is_sent_once),
		                           cmocka_unit_test(the_clock_is_set) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
