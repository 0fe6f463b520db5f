/* tests/unit/base/budget_test.c: threads that share bytes: never more than there are, each in its
 * turn. */
#include "harness/check.h"

#include "foundation/base/budget.h"

#include <sched.h>
#include <stdatomic.h>

enum { TOTAL = 1000, THREADS = 8, ROUNDS = 500 };

static struct budget shared = BUDGET_OF(TOTAL);
static atomic_size_t held, most;

static void *work(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		size_t wanted = (seed = seed * 1103515245 + 12345) >> 16 & 2047;
		size_t n = budget_take(&shared, wanted), now = atomic_fetch_add(&held, n) + n;
		size_t seen = atomic_load(&most);

		assert(n == MIN(wanted, (size_t)TOTAL));
		while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
			;
		sched_yield();
		atomic_fetch_sub(&held, n);
		budget_give(&shared, n);
	}
	return NULL;
}

static void shared_by_threads(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&held), 0);
	assert_true(atomic_load(&most) <= TOTAL);
	assert_int_equal(shared.taken, 0);
}

struct waiter {
	struct budget *budget;
	size_t n;
	atomic_bool served;
};

static void *wait_and_take(void *arg)
{
	struct waiter *w = arg;
	size_t n = budget_take(w->budget, w->n);

	atomic_store(&w->served, true);
	budget_give(w->budget, n);
	return NULL;
}

static void come(struct budget *b, pthread_t *thread, struct waiter *w)
{
	uint64_t before, now;

	pthread_mutex_lock(&b->lock);
	before = b->next;
	pthread_mutex_unlock(&b->lock);
	assert_int_equal(pthread_create(thread, NULL, wait_and_take, w), 0);
	do {
		sched_yield();
		pthread_mutex_lock(&b->lock);
		now = b->next;
		pthread_mutex_unlock(&b->lock);
	} while (now == before);
}

/* The small one came after the large one, and waits behind it although it would fit. */
static void in_their_turn(void **state)
{
	struct budget b = BUDGET_OF(TOTAL);
	struct waiter large = { .budget = &b, .n = TOTAL }, small = { .budget = &b, .n = 1 };
	pthread_t threads[2];
	size_t n = budget_take(&b, 10);

	(void)state;
	come(&b, &threads[0], &large);
	come(&b, &threads[1], &small);
	assert_false(atomic_load(&large.served) || atomic_load(&small.served));
	budget_give(&b, n);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	assert_true(large.served && small.served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_by_threads),
		cmocka_unit_test(in_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
