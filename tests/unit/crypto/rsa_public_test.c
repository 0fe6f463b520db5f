/* Powers of numbers that others made: as BearSSL computes them, for moduli of all lengths; and of
 * signatures only what stands in the standard word for word. */
#include "harness/check.h"

#include "foundation/base/random.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/rsa_public.h"

#include <bearssl.h>

static struct str text(const void *p, size_t n)
{
	return str_from(p, n);
}

/* Numbers with many bits that are 0 or 1 in a row carry far. */
static void fill(uint8_t *p, size_t n)
{
	random_bytes(p, n);
	for (size_t i = random_u64() % 4; i > 0; i--) {
		size_t from = random_u64() % n, length = random_u64() % (n - from + 1);

		memset(p + from, random_u64() % 2 != 0 ? 0xff : 0, length);
	}
}

static void as_the_library(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		size_t n = i < 600 ? 64 + (size_t)i % 449 : 64 + random_u64() % 193;
		uint8_t modulus[RSA_PUBLIC_MOST], exponent[5];
		uint8_t x[RSA_PUBLIC_MOST], own[RSA_PUBLIC_MOST];
		size_t e = 1 + random_u64() % sizeof exponent;
		const br_rsa_public_key key = { modulus, n, exponent, e };
		const struct str m = text(modulus, n), to = text(exponent, e);

		fill(modulus, n);
		fill(exponent, e);
		fill(x, n);
		modulus[0] = (uint8_t)(modulus[0] | 1);
		modulus[n - 1] |= 1;
		exponent[0] = (uint8_t)(exponent[0] | 2);
		if (memcmp(x, modulus, n) >= 0) {
			check_at((size_t)i, !rsa_public(m, to, text(x, n), own));
			x[0] = 0;
		}
		check_at((size_t)i, rsa_public(m, to, text(x, n), own));
		assert_int_equal(br_rsa_i31_public(x, n, &key), 1);
		check_at((size_t)i, memcmp(own, x, n) == 0);
	}
}

static void what_is_no_key(void **state)
{
	uint8_t modulus[RSA_PUBLIC_MOST + 1], out[RSA_PUBLIC_MOST + 1];
	const struct str two = STR("\2");

	(void)state;
	memset(modulus, 0xff, sizeof modulus);
	assert_true(rsa_public(text(modulus, 256), two, STR("\1"), out));
	assert_true(out[255] == 1 && out[0] == 0);
	assert_false(rsa_public(text(modulus, 256), STR_EMPTY, STR("\1"), out));
	assert_false(rsa_public(text(modulus, 256), STR("\0\2"), STR("\1"), out));
	assert_false(rsa_public(text(modulus, 256), STR("\2\2\2\2\2\2"), STR("\1"), out));
	assert_false(rsa_public(text(modulus, 256), two, text(modulus, 256), out));
	assert_false(rsa_public(text(modulus, 256), two, text(modulus, 257), out));
	assert_false(rsa_public(text(modulus, RSA_PUBLIC_MOST + 1), two, STR("\1"), out));
	assert_false(rsa_public(text(modulus, 7), two, STR("\1"), out));
	modulus[255] = 0xfe;
	assert_false(rsa_public(text(modulus, 256), two, STR("\1"), out));
	modulus[0] = 0;
	assert_false(rsa_public(text(modulus, 255), two, STR("\1"), out));
}

/* With the exponent 1 a signature says what it says: each form that was ever taken for one. */
static void forms(void **state)
{
	static const char sha256[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
				     "\x05\x00\x04\x20";
	uint8_t modulus[128], said[128], digest[32] = { 7 };
	const struct str n = text(modulus, sizeof modulus), one = STR("\1");
	const struct str d = text(digest, sizeof digest), s = text(said, sizeof said);
	const size_t at = sizeof said - 32 - (sizeof sha256 - 1);

	(void)state;
	memset(modulus, 0xff, sizeof modulus);
	memset(said, 0xff, sizeof said);
	said[0] = 0;
	said[1] = 1;
	said[at - 1] = 0;
	memcpy(said + at, sha256, sizeof sha256 - 1);
	memcpy(said + sizeof said - 32, digest, 32);
	assert_true(rsa_public_check(n, one, OID_SHA256, d, s));
	assert_false(rsa_public_check(n, one, OID_SHA384, d, s));
	for (size_t i = 0; i < sizeof said; i++) {
		said[i] ^= 0x10;
		check_at(i, !rsa_public_check(n, one, OID_SHA256, d, s));
		said[i] ^= 0x10;
	}
	/* Bleichenbacher's of 2006: less padding, and whatever one likes behind the digest. */
	memmove(said + 10, said + at - 1, sizeof said - (at - 1));
	assert_false(rsa_public_check(n, one, OID_SHA256, d, s));
	/* Without parameters of the hash. */
	memset(said + 2, 0xff, sizeof said - 2);
	said[at + 1] = 0;
	memcpy(said + at + 2,
	       "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20", 17);
	memcpy(said + sizeof said - 32, digest, 32);
	assert_true(rsa_public_check(n, one, OID_SHA256, d, s));
	assert_false(rsa_public_check(text(modulus, 61), one, OID_SHA256, d, text(said, 61)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_library),
		cmocka_unit_test(what_is_no_key),
		cmocka_unit_test(forms),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
