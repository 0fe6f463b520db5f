/* Logins that wait hold a share of the threads only. */
#include "harness/check.h"

#include "foundation/config/limits.h"
#include "model/directory/login/login_slow.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TRIES = 4, WAIT_MS = 500 };

struct round {
	struct login_slow *slow;
	pthread_barrier_t begin;
	bool same_key;
	atomic_uint next, waited;
};

static void *wait_once(void *arg)
{
	static const char *const keys[TRIES] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
		                                 "192.0.2.4" };
	struct round *r = arg;
	unsigned i = atomic_fetch_add(&r->next, 1);

	pthread_barrier_wait(&r->begin);
	if (login_slow_wait(r->slow, str_of(keys[r->same_key ? 0 : i]), WAIT_MS))
		atomic_fetch_add(&r->waited, 1);
	return NULL;
}

static void share_of_workers(void **state)
{
	static const struct {
		unsigned workers; /* 0: not set */
		bool same_key;
		unsigned waited;
	} rows[] = {
		{ 1, false, 1 },         { 8, false, 1 }, { 8, true, 1 },  { 16, false, 2 },
		{ LIMIT_workers, false, 4 }, { 0, false, 4 }, { 32, true, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct round r = { .slow = login_slow_new(), .same_key = rows[i].same_key };
		pthread_t threads[TRIES];

		pthread_barrier_init(&r.begin, NULL, TRIES);
		if (rows[i].workers != 0)
			login_slow_workers(r.slow, rows[i].workers);
		for (size_t k = 0; k < TRIES; k++)
			assert_int_equal(pthread_create(&threads[k], NULL, wait_once, &r), 0);
		for (size_t k = 0; k < TRIES; k++)
			pthread_join(threads[k], NULL);
		check_at(i, r.waited == rows[i].waited);
		pthread_barrier_destroy(&r.begin);
		login_slow_free(&r.slow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(share_of_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
