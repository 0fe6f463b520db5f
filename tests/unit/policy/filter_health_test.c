/* Filters and hooks that fail rest for a while, and all threads that ask them agree on it. */
#include "harness/check.h"

#include "flow/policy/filter_health.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 2000 };

static void failures_in_a_row(void **state)
{
	(void)state;
	filter_health_forget();
	for (int i = 0; i < FILTER_FAILURES; i++) {
		assert_true(filter_health_ask(STR("hook")));
		filter_health_tell(STR("hook"), false);
	}
	assert_false(filter_health_ask(STR("hook")));
	assert_true(filter_health_ask(STR("other")));
	filter_health_tell(STR("hook"), true);
	assert_true(filter_health_ask(STR("hook")));
}

static void *ask(void *arg)
{
	atomic_uint *asked = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (filter_health_ask(STR("bad"))) {
			atomic_fetch_add(asked, 1);
			filter_health_tell(STR("bad"), false);
		}
		assert(filter_health_ask(STR("good")));
		filter_health_tell(STR("good"), true);
	}
	return NULL;
}

/* Each thread may have asked before the failure of another was told; after that none asks. */
static void many_threads(void **state)
{
	pthread_t threads[THREADS];
	atomic_uint asked = 0;

	(void)state;
	filter_health_forget();
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &asked), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(atomic_load(&asked) >= FILTER_FAILURES);
	assert_true(atomic_load(&asked) < FILTER_FAILURES + THREADS * 10);
	filter_health_forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row),
		cmocka_unit_test(many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
