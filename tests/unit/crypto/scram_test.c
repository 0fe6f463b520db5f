/* The arithmetic of SCRAM against the examples of its RFCs. What random input brings is compared
 * with Python's hashlib in tests/e2e/test_login_mechanisms.py. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/scram.h"
#include "foundation/text/base64.h"

static struct str base64(struct arena *a, struct str raw)
{
	struct buf b;
	struct str out;

	buf_init(&b, 100);
	base64_put(&b, raw);
	out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static struct str raw(struct arena *a, const char *text)
{
	struct buf b;
	struct str out;

	buf_init(&b, 100);
	assert_true(base64_parse(str_of(text), &b));
	out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static const struct {
	enum scram_hash hash;
	const char *salt, *auth_message, *proof, *signature;
} rows[] = {
	{ SCRAM_SHA_1, "QSXCR+Q6sek8bf92", /* RFC 5802 5 */
	  "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
	  "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
	  "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
	  "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ SCRAM_SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ==", /* RFC 7677 3 */
	  "n=user,r=rOprNGfwEbeRWgbNEkqO,"
	  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
	  "i=4096,"
	  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
	  "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	  "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static void examples(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum scram_hash h = rows[i].hash;
		struct str message = str_of(rows[i].auth_message);
		struct str sent = raw(&a, rows[i].proof);
		uint8_t salted[SCRAM_BYTES_MAX], out[SCRAM_BYTES_MAX];
		struct scram_keys keys;

		scram_salted(h, STR("pencil"), raw(&a, rows[i].salt), 4096, salted);
		scram_keys(h, salted, &keys);
		scram_proof(h, salted, message, out);
		check_str_at(i, base64(&a, str_from((char *)out, scram_bytes(h))),
		             str_of(rows[i].proof));
		scram_signature(h, keys.server, message, out);
		check_str_at(i, base64(&a, str_from((char *)out, scram_bytes(h))),
		             str_of(rows[i].signature));
		check_at(i, scram_proof_check(h, keys.stored, message, sent));
		check_at(i, !scram_proof_check(h, keys.stored, STR("n=other"), sent));
		check_at(i, !scram_proof_check(h, keys.server, message, sent));
		check_at(i, !scram_proof_check(h, keys.stored, message, str_sub(sent, 1, sent.n)));
		check_at(i, !scram_proof_check(h, keys.stored, message, STR_EMPTY));
	}
	arena_deinit(&a);
}

/* The salt of a name is the same each time, and another for each name, hash and key. */
static void salts(void **state)
{
	static const uint8_t key[SCRAM_SALT_KEY], second[SCRAM_SALT_KEY] = { 1 };
	uint8_t one[SCRAM_SALT_BYTES], again[SCRAM_SALT_BYTES], other[SCRAM_SALT_BYTES];

	(void)state;
	scram_salt(key, SCRAM_SHA_256, STR("ada@example.org"), one);
	scram_salt(key, SCRAM_SHA_256, STR("ada@example.org"), again);
	assert_memory_equal(one, again, sizeof one);
	scram_salt(key, SCRAM_SHA_1, STR("ada@example.org"), other);
	assert_memory_not_equal(one, other, sizeof one);
	scram_salt(key, SCRAM_SHA_256, STR("bob@example.org"), other);
	assert_memory_not_equal(one, other, sizeof one);
	scram_salt(second, SCRAM_SHA_256, STR("ada@example.org"), other);
	assert_memory_not_equal(one, other, sizeof one);
	/* Stores from before there was a key have this one. */
	scram_salt(NULL, SCRAM_SHA_256, STR("ada@example.org"), other);
	assert_memory_equal(other,
	                    "\x44\x76\x59\x6f\x08\x5b\xef\xf2\xf6\xbe\x62\x2d\x7d\xc5\xaf\x99",
	                    sizeof other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(salts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
