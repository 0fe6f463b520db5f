/* operations/doctor/self_test/self_tests.h: self-tests that run, and the last one of each person
 * who asked for one.
 *
 * Nobody who asks waits: a test runs on a thread of the doctor's pool, and who asked looks how far
 * it is. One person has one at a time, and all together LIMIT_self_tests_running. */
#ifndef DOCTOR_SELF_TESTS_H
#define DOCTOR_SELF_TESTS_H
#include "operations/doctor/self_test/self_test.h"

struct delivery;
struct live;
struct pool;
struct runtime;
struct self_tests;
struct store;

struct self_tests_config {
	struct store *store;
	struct live *live;
	const struct delivery *delivery;
	struct pool *pool;
	struct runtime *runtime; /* used in self_tests_begin only: a test may outlive it */
	const atomic_bool *stop; /* as of struct self_test_run */
};

struct self_tests *self_tests_new(const struct self_tests_config *config) MUST_USE;
/* After the pool has stopped. NULL is a no-op. */
void self_tests_free(struct self_tests **s);

/* Begin one for who, an address or nothing for a command; from and to are addresses at domains of
 * ours. Any thread, never waits. ERR_CONFLICT: one of his runs. ERR_RETRY: too many run. */
enum err self_tests_begin(struct self_tests *s, struct str who, struct str domain, struct str from,
                          struct str to, struct why *why) MUST_USE;
/* His last one, or how far it is; strings in a. SELF_TEST_NONE: there was none, or those of others
 * have taken its place since: LIMIT_self_tests_kept are remembered. */
void self_tests_get(struct self_tests *s, struct str who, struct arena *a, struct self_test *out);

#endif
