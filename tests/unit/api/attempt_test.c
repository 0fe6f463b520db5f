/* Attempts to use a passkey: each once, in time, by whom it was begun. */
#include "harness/check.h"

#include "console/api/access/attempt.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/crypto.h"

#include <pthread.h>
#include <stdatomic.h>

enum { NOW = 1000000, LIFE = LIMIT_passkey_attempt_s * 1000 };

static struct attempts *attempts;
static struct arena a;

static int begin(void **state)
{
	(void)state;
	crypto_init();
	attempts = attempts_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	attempts_free(&attempts);
	arena_deinit(&a);
	return 0;
}

static bool take(const char *bound, struct str text, int64_t now_ms, struct str want)
{
	struct str challenge = STR_EMPTY;
	bool ok = attempt_take(attempts, str_of(bound), text, now_ms, &a, &challenge);

	if (ok)
		check_str(challenge, want);
	return ok;
}

static void once_and_in_time(void **state)
{
	struct str challenge, text, late, late_challenge;

	(void)state;
	text = attempt_begin(attempts, STR("me"), NOW, &a, &challenge);
	late = attempt_begin(attempts, STR("me"), NOW, &a, &late_challenge);
	assert_int_equal(challenge.n, 32);
	assert_false(str_eq(challenge, late_challenge));
	assert_false(take("you", text, NOW, challenge));
	assert_false(take("", text, NOW, challenge));
	assert_true(take("me", text, NOW + LIFE - 1, challenge));
	assert_false(take("me", text, NOW, challenge));
	assert_false(take("me", late, NOW + LIFE, late_challenge));
	assert_true(take("me", late, NOW, late_challenge));
}

/* Each letter changed, each length, and one of another process. */
static void what_was_not_given_out(void **state)
{
	struct str challenge, text = attempt_begin(attempts, STR("me"), NOW, &a, &challenge);
	struct attempts *other = attempts_new();
	char *p = (char *)(uintptr_t)text.p;

	(void)state;
	for (size_t i = 0; i < text.n; i++) {
		char was = p[i];

		p[i] = was == 'A' ? 'B' : 'A';
		check_at(i, !take("me", text, NOW, challenge));
		p[i] = was;
		check_at(i, !take("me", str_sub(text, 0, i), NOW, challenge));
	}
	assert_false(attempt_take(other, STR("me"), text, NOW, &a, &challenge));
	assert_true(take("me", text, NOW, challenge));
	attempts_free(&other);
}

static struct str contested;
static atomic_int winners;

static void *contend(void *arg)
{
	struct arena own = { 0 };
	struct str challenge;

	if (attempt_take(attempts, STR_EMPTY, contested, NOW, &own, &challenge))
		atomic_fetch_add(&winners, 1);
	arena_deinit(&own);
	return arg;
}

static void of_many_at_once_one(void **state)
{
	pthread_t threads[8];
	struct str challenge;

	(void)state;
	contested = attempt_begin(attempts, STR_EMPTY, NOW, &a, &challenge);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, contend, NULL), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(winners, 1);
}

#define attempt_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		attempt_test(once_and_in_time),
		attempt_test(what_was_not_given_out),
		attempt_test(of_many_at_once_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
