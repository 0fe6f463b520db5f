/* Signatures that others made: right, changed by a bit anywhere, by keys that are none. */
#include "harness/check.h"
#include "harness/hex.h"

#include "foundation/crypto/crypto.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/verify.h"

/* Of "message", made by OpenSSL. */
#define P256_X "a2ebe5d8fa97370a658f28c3598d797403bf5c9984ee11101b2da50ac32c15a9"
#define P256_Y "8eccb861b7a8b3644e390f5564bb7c368ee2172cd11ef09b3fa6d757a8007180"
#define P256_SIGNATURE                                                                    \
	"304402205a76dcb171889ef4e9858e9d6ea1ec7c71c2d5416f95973b35942bb8ef8f0bd80220536" \
	"09f9e2bdf30aacf26be11dc3f3224a742fcbd4d169447297c465c83d02ef2"
#define RSA_MODULUS                                                                          \
	"a82233d60e155ab7160091bd5bdcacc34708bb8f1a5e4f4985bb0feef917d4077da73ed34a83c11cf1" \
	"c7e2f2839ef0480a2e96145918edf420b15c5436a187893c7d698c792a94ad6c9c9a721b5b2e65d2c3" \
	"c89c750d232f355ca8ff8dada68663816d594f64359688b5ad924942b398e307118772d18230f7893a" \
	"8da0fe7a3646136f903f723c9e6e6f973610f068974e52130343524dc7c5098886e72fad3ea95cbade" \
	"31a41dfe19b1edf8c1ddd29db89ba7e1fdee2448333f42c18f350f3c467aaa1bbae1834d05c316f417" \
	"63d11062dd7361b858d115b2d51c83a1ef1ab95b11e1bad0f7446f91b5a8c9bc5206684c1817203b74" \
	"59fb8c29b0aff14ec479"
#define RSA_SIGNATURE                                                                        \
	"9cbd755d5557e77d489a99d3d343af6ad07ad9bb5ce1c6c7a0f5e9c6096b1f8e81cc75642f17939895" \
	"afc6ee3a7dcbe0719a6f9cd56ec5ab74166fe313574c30ebcef43cebdf119365917ccdf622d3308865" \
	"a0a26d34453bde82c8e363b14d03dcee30a541cec5cf4380270c4cd5cf08d436bb2f88d0a0b63b5ff7" \
	"e0cdf16f3190e7c16c8917958c8488eb4d8a016751f37f862bb83ae10576fa9e96ec1ab5008b018c57" \
	"34cbdabf3552de9728d57b2c79557ec3832f7b5965ca3f3537b69129baa94110304c94f665f2f0d42f" \
	"890effccca78d6a6767646e40704ae544bd29bca3c8a278d34183645733cdb720e8300643a672fff62" \
	"78323c66a8408c1c0563"
/* RFC 8032 7.1, TEST 2 */
#define ED_KEY "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define ED_SIGNATURE                                                                         \
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e45" \
	"8f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

enum way { P256, ED25519, RSA };

static const struct {
	enum way way;
	const char *first, *second, *message, *signature;
} rows[] = {
	{ P256, P256_X, P256_Y, "6d657373616765", P256_SIGNATURE },
	{ ED25519, ED_KEY, "", "72", ED_SIGNATURE },
	{ RSA, RSA_MODULUS, "010001", "6d657373616765", RSA_SIGNATURE },
};

static bool verify(enum way way, struct str first, struct str second, struct str message,
                   struct str signature)
{
	switch (way) {
	case P256:
		return verify_p256(first, second, message, signature);
	case ED25519:
		return verify_ed25519(first, message, signature);
	case RSA:
		return verify_rsa(first, second, message, signature);
	}
	return false;
}

/* Each part of a row with one bit flipped, at each byte: it proves nothing any more. */
static void flipped(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str part[4] = { hex_of(&a, rows[i].first), hex_of(&a, rows[i].second),
			               hex_of(&a, rows[i].message), hex_of(&a, rows[i].signature) };

		check_at(i, verify(rows[i].way, part[0], part[1], part[2], part[3]));
		for (size_t j = 0; j < COUNT(part); j++) {
			char *p = (char *)(uintptr_t)part[j].p;

			for (size_t at = 0; at < part[j].n; at++) {
				p[at] ^= 1;
				check_at(at,
				         !verify(rows[i].way, part[0], part[1], part[2], part[3]));
				p[at] ^= 1;
			}
		}
	}
	arena_deinit(&a);
}

/* Each part cut short, and longer than it may be. */
static void of_other_lengths(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str part[4] = { hex_of(&a, rows[i].first), hex_of(&a, rows[i].second),
			               hex_of(&a, rows[i].message), hex_of(&a, rows[i].signature) };

		for (size_t j = 0; j < COUNT(part); j++) {
			struct str whole = part[j];

			if (whole.n == 0)
				continue;
			for (size_t n = 0; n < whole.n; n++) {
				part[j] = str_sub(whole, 0, n);
				check_at(n,
				         !verify(rows[i].way, part[0], part[1], part[2], part[3]));
			}
			part[j] = str_fmt(&a, "%.*s", 600, RSA_MODULUS RSA_MODULUS);
			check_at(j, !verify(rows[i].way, part[0], part[1], part[2], part[3]));
			part[j] = whole;
		}
	}
	arena_deinit(&a);
}

static void points(void **state)
{
	struct arena a = { 0 };
	struct str x = hex_of(&a, P256_X), y = hex_of(&a, P256_Y);

	(void)state;
	assert_true(verify_p256_point(x, y));
	assert_false(verify_p256_point(y, x));
	assert_false(verify_p256_point(x, str_sub(y, 0, 31)));
	assert_false(verify_p256_point(str_fmt(&a, "%032d", 0), y));
	arena_deinit(&a);
}

/* The row of RSA by its digest, and its key in both forms that mail has it in. */
static void test_mail(void **state)
{
	struct arena a = { 0 };
	struct str modulus = hex_of(&a, RSA_MODULUS), exponent = hex_of(&a, "010001"), n, e;
	struct str signature = hex_of(&a, RSA_SIGNATURE), forms[2];
	uint8_t digest[HASH_BYTES];

	(void)state;
	hash_sha256(STR("message"), digest);
	assert_true(verify_rsa_digest(modulus, exponent, digest, signature));
	assert_false(verify_rsa_digest(str_sub(modulus, 0, 127), exponent, digest,
	                               str_sub(signature, 0, 127)));
	assert_false(verify_rsa_digest(modulus, hex_of(&a, "010000000001"), digest, signature));
	assert_false(verify_rsa_digest(modulus, exponent, digest, str_sub(signature, 0, 255)));
	digest[31] ^= 1;
	assert_false(verify_rsa_digest(modulus, exponent, digest, signature));

	forms[0] = hex_of(&a, "3082010a0282010100" RSA_MODULUS "0203010001");
	forms[1] = hex_of(&a, "30820122300d06092a864886f70d01010105000382010f00"
	                      "3082010a0282010100" RSA_MODULUS "0203010001");
	for (size_t i = 0; i < COUNT(forms); i++) {
		check_at(i, verify_rsa_key_read(forms[i], &n, &e));
		check_at(i, str_eq(n, modulus) && str_eq(e, exponent));
		for (size_t at = 0; at < forms[i].n; at++)
			check_at(at, !verify_rsa_key_read(str_sub(forms[i], 0, at), &n, &e));
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flipped),
		cmocka_unit_test(of_other_lengths),
		cmocka_unit_test(points),
		cmocka_unit_test(test_mail),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
