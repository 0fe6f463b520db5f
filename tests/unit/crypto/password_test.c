/* Argon2id passwords. Costs are small here; time is not what is tested. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/password.h"

#include <pthread.h>

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static void right_and_wrong(void **state)
{
	struct arena a = { 0 };
	struct str hash, other;

	(void)state;
	assert_int_equal(password_hash(STR("correct horse"), cheap, &a, &hash, NULL), OK);
	assert_true(str_starts(hash, STR("$argon2id$v=19$m=64,t=1,p=1$")));
	assert_true(password_verify(hash, STR("correct horse")));
	assert_false(password_verify(hash, STR("correct hors")));
	assert_false(password_verify(hash, STR("correct horse ")));
	assert_false(password_verify(hash, STR_EMPTY));
	assert_int_equal(password_hash(STR("correct horse"), cheap, &a, &other, NULL), OK);
	assert_false(str_eq(hash, other)); /* the salt */
	arena_deinit(&a);
}

/* The password may be any bytes, also none. */
static void odd_passwords(void **state)
{
	static const struct str rows[] = {
		{ "", 0 }, { NULL, 0 }, { "a\0b", 3 }, { "\xff\xfe", 2 }, { "\xc3\xa4", 2 },
	};
	struct arena a = { 0 };
	struct str hash;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(password_hash(rows[i], cheap, &a, &hash, NULL), OK);
		check_at(i, password_verify(hash, rows[i]));
	}
	assert_int_equal(password_hash(STR("a\0b"), cheap, &a, &hash, NULL), OK);
	assert_false(password_verify(hash, STR("a\0c")));
	arena_deinit(&a);
}

static void length_is_limited(void **state)
{
	struct arena a = { 0 };
	char *p = arena_alloc(&a, PASSWORD_MAX + 1);
	struct str hash;
	struct why why;

	(void)state;
	assert_int_equal(password_hash(str_from(p, PASSWORD_MAX), cheap, &a, &hash, &why), OK);
	assert_true(password_verify(hash, str_from(p, PASSWORD_MAX)));
	assert_false(password_verify(hash, str_from(p, PASSWORD_MAX + 1)));
	assert_int_equal(password_hash(str_from(p, PASSWORD_MAX + 1), cheap, &a, &hash, &why),
	                 ERR_LIMIT);
	assert_string_equal(why.text, "a password has at most 1024 bytes");
	arena_deinit(&a);
}

/* What argon2(1), the reference program of RFC 9106, prints for these. */
static void strings_of_others_verify(void **state)
{
	static const struct {
		const char *hash, *password;
	} rows[] = {
		{ "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
		  "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password" },
		{ "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
		  "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, password_verify(str_of(rows[i].hash), str_of(rows[i].password)));
		check_at(i, !password_verify(str_of(rows[i].hash), STR("passwort")));
	}
}

static void unreadable_hashes_match_nothing(void **state)
{
	static const char *const rows[] = {
		"", "!", "password", "$6$salt$hash", "$argon2id$v=19$m=64,t=1,p=1$",
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ", "$argon2id$v=16$m=64,t=1,p=1$c29t$aaaa",
		"$argon2id$v=19$m=4294967296,t=1,p=1$c29tZXNhbHQ$aaaa",
		/* would ask for 512 GiB */
		"$argon2id$v=19$m=536870912,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu",
	};

	(void)state;
	password_setup(cheap, 2);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, !password_verify(str_of(rows[i]), STR("password")));
	password_setup(PASSWORD_COST_DEFAULT, PASSWORD_CONCURRENT_MAX);
}

static void stale_hashes_are_seen(void **state)
{
	struct arena a = { 0 };
	struct str hash;

	(void)state;
	assert_int_equal(password_hash(STR("x"), cheap, &a, &hash, NULL), OK);
	assert_false(password_stale(hash, cheap));
	assert_true(password_stale(hash, (struct password_cost){ 64, 2 }));
	assert_true(password_stale(hash, (struct password_cost){ 65, 1 }));
	assert_true(password_stale(STR("$argon2i$v=19$m=64,t=1,p=1$c29t$aaaa"), cheap));
	assert_true(password_stale(STR_EMPTY, cheap));
	arena_deinit(&a);
}

/* What this thread has used of a processor, which others on the machine do not change. */
static int64_t processor_us(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t verify_us(struct str hash)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		int64_t from = processor_us();

		assert_false(password_verify(hash, STR("wrong")));
		best = MIN(best, processor_us() - from);
	}
	return best;
}

/* Within a factor, for caches differ; without the dummy it would be 1000. */
static void unknown_accounts_cost_the_same(void **state)
{
	struct arena a = { 0 };
	struct str hash;
	int64_t real, unknown;

	(void)state;
	assert_int_equal(password_hash(STR("x"), PASSWORD_COST_DEFAULT, &a, &hash, NULL), OK);
	real = verify_us(hash);
	unknown = verify_us(STR_EMPTY);
	assert_true(unknown > real / 3 && unknown < real * 3);
	arena_deinit(&a);
}

static void *login(void *hash)
{
	for (int i = 0; i < 10; i++)
		if (!password_verify(*(struct str *)hash, STR("x")))
			return hash;
	return NULL;
}

/* More threads than turns: all get theirs. */
static void logins_take_turns(void **state)
{
	struct arena a = { 0 };
	pthread_t threads[8];
	struct str hash;

	(void)state;
	assert_int_equal(password_hash(STR("x"), cheap, &a, &hash, NULL), OK);
	password_setup(cheap, 1);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, login, &hash), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		check_at(i, failed == NULL);
	}
	password_setup(PASSWORD_COST_DEFAULT, PASSWORD_CONCURRENT_MAX);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(odd_passwords),
		cmocka_unit_test(length_is_limited),
		cmocka_unit_test(strings_of_others_verify),
		cmocka_unit_test(unreadable_hashes_match_nothing),
		cmocka_unit_test(stale_hashes_are_seen),
		cmocka_unit_test(unknown_accounts_cost_the_same),
		cmocka_unit_test(logins_take_turns),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
