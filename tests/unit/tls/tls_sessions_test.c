/* Which sessions may be resumed by whom, for how long, and how many are kept. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/crypto/tlsa.h"
#include "network/tls/sessions.h"
#include "network/tls/trust.h"

#include <pthread.h>
#include <string.h>

static const struct tlsa records[] = {
	{ TLSA_DANE_EE, TLSA_SPKI, TLSA_SHA256, { "0123456789abcdef0123456789abcdef", 32 } },
	{ TLSA_DANE_EE, TLSA_SPKI, TLSA_SHA256, { "0123456789abcdef0123456789abcdeX", 32 } },
	{ TLSA_DANE_TA, TLSA_SPKI, TLSA_SHA256, { "0123456789abcdef0123456789abcdef", 32 } },
};

#define SET(i, name) { .items = &records[i], .count = 1, .names = { { name, 6 } }, .name_count = 1 }
static const struct tlsa_set sets[] = { SET(0, "a.test"), SET(1, "a.test"), SET(2, "a.test"),
	                                SET(0, "b.test") };

/* No two of them may share a session: each differs in one thing from another. */
static void each_demand_has_its_own(void **state)
{
	const struct tls_client_config rows[] = {
		{ .verify = TLS_VERIFY_NONE },
		{ .verify = TLS_VERIFY_NONE, .old_ciphers = true },
		{ .verify = TLS_VERIFY_NONE, .trust = &trust_builtin },
		{ .verify = TLS_VERIFY_PKIX, .trust = &trust_builtin },
		{ .verify = TLS_VERIFY_PKIX, .trust = &trust_builtin, .identity = STR("x") },
		{ .verify = TLS_VERIFY_PKIX, .trust = &trust_builtin, .dane = &sets[0] },
		{ .verify = TLS_VERIFY_DANE, .trust = &trust_builtin, .dane = &sets[0] },
		{ .verify = TLS_VERIFY_DANE, .trust = &trust_builtin, .dane = &sets[1] },
		{ .verify = TLS_VERIFY_DANE, .trust = &trust_builtin, .dane = &sets[2] },
		{ .verify = TLS_VERIFY_DANE, .trust = &trust_builtin, .dane = &sets[3] },
	};
	uint8_t keys[COUNT(rows)][TLS_SESSION_KEY], again[TLS_SESSION_KEY];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		tls_session_key(&rows[i], STR("mx.test"), keys[i]);
		tls_session_key(&rows[i], STR("mx.test"), again);
		check_at(i, memcmp(keys[i], again, sizeof again) == 0);
		tls_session_key(&rows[i], STR("my.test"), again);
		check_at(i, memcmp(keys[i], again, sizeof again) != 0);
		for (size_t k = 0; k < i; k++)
			check_at(i, memcmp(keys[i], keys[k], sizeof again) != 0);
	}
}

static void kept_for_an_hour_and_no_more_than_the_maximum(void **state)
{
	struct tls_sessions *s = tls_sessions_open(3);
	struct tls_kept kept = { .verdict = 7, .matched = true }, found;
	uint8_t key[TLS_SESSION_KEY] = { 0 };

	(void)state;
	assert_false(tls_sessions_get(s, key, &found));
	for (key[0] = 1; key[0] <= 4; key[0]++)
		tls_sessions_put(s, key, &kept);
	key[0] = 1;
	assert_false(tls_sessions_get(s, key, &found)); /* it was the oldest */
	key[0] = 2;
	assert_true(tls_sessions_get(s, key, &found));
	assert_true(found.verdict == 7 && found.matched);
	kept.verdict = 8;
	tls_sessions_put(s, key, &kept);
	assert_true(tls_sessions_get(s, key, &found) && found.verdict == 8);
	tls_sessions_drop(s, key);
	tls_sessions_drop(s, key);
	assert_false(tls_sessions_get(s, key, &found));
	key[0] = 4;
	clock_shift_mono(TLS_SESSIONS_KEEP_MS - 1000);
	assert_true(tls_sessions_get(s, key, &found));
	clock_shift_mono(2000);
	assert_false(tls_sessions_get(s, key, &found));
	tls_sessions_close(s);
	tls_sessions_close(NULL);
}

enum { THREADS = 4, ROUNDS = 3000, KEYS = 7, KEPT = 5 };

/* Each session that is found is one that was put under its key, whole. */
static void *use(void *arg)
{
	struct tls_sessions *s = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t key[TLS_SESSION_KEY] = { (uint8_t)(i * 5 % KEYS) };
		struct tls_kept kept = { .verdict = key[0], .matched = key[0] & 1 }, found;

		memset(kept.params.session_id, key[0], sizeof kept.params.session_id);
		if (tls_sessions_get(s, key, &found))
			assert(found.verdict == kept.verdict && found.matched == kept.matched &&
			       memcmp(found.params.session_id, kept.params.session_id,
			              sizeof kept.params.session_id) == 0);
		if (i % 3 == 0)
			tls_sessions_drop(s, key);
		else
			tls_sessions_put(s, key, &kept);
	}
	return NULL;
}

static void shared_by_threads(void **state)
{
	struct tls_sessions *s = tls_sessions_open(KEPT);
	pthread_t threads[THREADS];
	struct tls_kept found;
	unsigned left = 0;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use, s), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint8_t i = 0; i < KEYS; i++)
		left += tls_sessions_get(s, (uint8_t[TLS_SESSION_KEY]){ i }, &found);
	assert_true(left <= KEPT);
	tls_sessions_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_demand_has_its_own),
		cmocka_unit_test(kept_for_an_hour_and_no_more_than_the_maximum),
		cmocka_unit_test(shared_by_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
