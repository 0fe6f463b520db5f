/* The small parts of runtime/: pool, timers, rate limits. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"
#include "network/runtime/pool.h"
#include "network/runtime/ratelimit.h"
#include "network/runtime/timers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* --- pool ------------------------------------------------------------------- */

static atomic_int ran;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void count(void *arg)
{
	(void)arg;
	ran++;
}

static void wait_at_gate(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	ran++;
}

static struct pool *pool_of(unsigned min, unsigned max, size_t queue)
{
	struct pool *p = NULL;

	ran = 0;
	assert_int_equal(pool_new("test", min, max, queue, &p, NULL), OK);
	return p;
}

static void test_pool_runs_all(void **state)
{
	struct pool *p = pool_of(1, 4, 10000);

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_true(pool_run(p, count, NULL));
	assert_true(pool_stop(p, clock_mono_ms() + 5000));
	assert_int_equal(ran, 5000);
	assert_false(pool_run(p, count, NULL)); /* it has stopped */
	pool_free(&p);
	pool_free(&p);
}

/* Blocked jobs make it grow to its maximum, and then its queue is bounded. */
static void test_pool_grows(void **state)
{
	struct pool *p = pool_of(1, 4, 3);
	struct pool_stats s;
	int accepted = 0;

	(void)state;
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 200 && accepted < 7; i++) {
		accepted += pool_run(p, wait_at_gate, NULL);
		usleep(1000);
	}
	assert_int_equal(accepted, 7);
	assert_false(pool_run(p, count, NULL));
	assert_false(pool_quiet(p));
	s = pool_stats(p);
	assert_int_equal(s.threads, 4);
	assert_int_equal(s.busy, 4);
	assert_int_equal(s.queued, 3);
	assert_false(pool_stop(p, clock_mono_ms() + 50)); /* they cannot end */
	pthread_mutex_unlock(&gate);
	assert_true(pool_stop(p, clock_mono_ms() + 5000));
	assert_int_equal(ran, 7);
	pool_free(&p);
}

static void test_pool_shrinks(void **state)
{
	struct pool *p = pool_of(2, 8, 100);
	unsigned threads = 0;

	(void)state;
	pool_idle_set(p, 200);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 8; i++)
		assert_true(pool_run(p, wait_at_gate, NULL));
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < 500 && ran < 8; i++)
		usleep(10000);
	assert_int_equal(pool_stats(p).threads, 8);
	for (int i = 0; i < 500 && (threads = pool_stats(p).threads) > 2; i++)
		usleep(10000);
	assert_int_equal(threads, 2);
	assert_true(pool_stop(p, clock_mono_ms() + 5000));
	pool_free(&p);
}

static void test_pool_faults(void **state)
{
	struct pool *p = NULL;
	struct why why = { "" };

	(void)state;
	fault_arm_point("pool_thread", 1, EAGAIN);
	assert_int_equal(pool_new("test", 1, 4, 10, &p, &why), ERR_IO);
	assert_true(why.text[0] != '\0');
	assert_null(p);
	fault_arm(0);
	p = pool_of(1, 4, 10);
	fault_arm_point("pool_thread", 1, EAGAIN); /* the one thread does it all */
	for (int i = 0; i < 5; i++)
		assert_true(pool_run(p, count, NULL));
	assert_true(pool_stop(p, clock_mono_ms() + 5000));
	fault_arm(0);
	assert_int_equal(ran, 5);
	pool_free(&p);
}

/* --- timers ----------------------------------------------------------------- */

static void check_heap(const struct timers *h)
{
	for (size_t i = 1; i <= h->count; i++) {
		check_at(i, h->heap[i]->place == i);
		check_at(i, i == 1 || h->heap[i / 2]->at_ms <= h->heap[i]->at_ms);
	}
}

static void test_timers(void **state)
{
	enum { N = 300 };
	struct timer t[N] = { { 0 } };
	struct timers h = { 0 };
	int64_t last = -1;
	size_t set = 0;

	(void)state;
	assert_null(timers_first(&h));
	for (int i = 0; i < 5000; i++) {
		struct timer *one = &t[random_below(N)];

		if (random_below(3) != 0)
			timers_set(&h, one, (int64_t)random_below(1000));
		else
			timers_remove(&h, one);
		check_heap(&h);
	}
	for (size_t i = 0; i < N; i++)
		set += t[i].place != 0;
	assert_int_equal(set, h.count);
	for (struct timer *first; (first = timers_first(&h)) != NULL;) {
		assert_true(first->at_ms >= last);
		last = first->at_ms;
		timers_remove(&h, first);
		timers_remove(&h, first);
	}
	timers_deinit(&h);
}

/* --- rate limits ------------------------------------------------------------ */

static void test_tokens(void **state)
{
	struct ratelimit *r = ratelimit_new(3, 3000, 100);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(ratelimit_take(r, STR("a")));
	assert_false(ratelimit_take(r, STR("a")));
	assert_true(ratelimit_take(r, STR("b")));
	clock_shift_mono(1001);
	assert_true(ratelimit_take(r, STR("a")));
	assert_false(ratelimit_take(r, STR("a")));
	clock_shift_mono(100000);
	for (int i = 0; i < 3; i++) /* never more than the burst */
		assert_true(ratelimit_take(r, STR("a")));
	assert_false(ratelimit_take(r, STR("a")));
	ratelimit_free(&r);
	ratelimit_free(&r);
}

static void test_lockout(void **state)
{
	struct lockout *l = lockout_new(3, 1000, 100);

	(void)state;
	assert_int_equal(lockout_left_ms(l, STR("a")), 0);
	assert_false(lockout_fail(l, STR("a")));
	assert_false(lockout_fail(l, STR("a")));
	assert_int_equal(lockout_left_ms(l, STR("a")), 0);
	assert_true(lockout_fail(l, STR("a")));
	assert_true(lockout_left_ms(l, STR("a")) > 900);
	clock_shift_mono(600);
	assert_false(lockout_fail(l, STR("a"))); /* does not extend it */
	assert_true(lockout_left_ms(l, STR("a")) <= 400);
	assert_int_equal(lockout_left_ms(l, STR("b")), 0);
	clock_shift_mono(500);
	assert_int_equal(lockout_left_ms(l, STR("a")), 0);
	assert_false(lockout_fail(l, STR("a"))); /* begins anew */
	assert_false(lockout_fail(l, STR("a")));
	lockout_clear(l);
	assert_false(lockout_fail(l, STR("a")));
	assert_false(lockout_fail(l, STR("a")));
	clock_shift_mono(1100); /* old failures are forgotten */
	assert_false(lockout_fail(l, STR("a")));
	lockout_free(&l);
	lockout_free(&l);
}

/* A flood of other keys does not free a locked one while there is anything less worth. */
static void test_lockout_flood(void **state)
{
	struct lockout *l = lockout_new(2, 60000, 64);

	(void)state;
	for (int i = 0; i < 2; i++)
		lockout_fail(l, STR("victim"));
	for (int i = 0; i < 10000; i++) {
		char key[16];

		snprintf(key, sizeof key, "%d", i);
		lockout_fail(l, str_of(key));
	}
	assert_true(lockout_left_ms(l, STR("victim")) > 0);
	lockout_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_runs_all), cmocka_unit_test(test_pool_grows),
		cmocka_unit_test(test_pool_shrinks),  cmocka_unit_test(test_pool_faults),
		cmocka_unit_test(test_timers),        cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_lockout),       cmocka_unit_test(test_lockout_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
