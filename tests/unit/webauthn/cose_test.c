/* COSE keys: which are taken, and that they verify. */
#include "harness/check.h"
#include "harness/hex.h"

#include "formats/webauthn/cose.h"
#include "foundation/crypto/crypto.h"

#define X "5820 a2ebe5d8fa97370a658f28c3598d797403bf5c9984ee11101b2da50ac32c15a9"
#define Y "5820 8eccb861b7a8b3644e390f5564bb7c368ee2172cd11ef09b3fa6d757a8007180"
#define EC "a5 0102 0326 2001 21" X "22" Y
/* RFC 8032 7.1, TEST 2 */
#define ED \
	"a4 0101 0327 2006 21 5820 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define ED_SIGNATURE                                                                         \
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e45" \
	"8f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
#define N64                                                                \
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define RSA "a4 0103 0339 0100 20 590100" N64 N64 N64 N64 "2143010001"

static const struct {
	const char *hex;
	int algorithm; /* 0: refused */
} keys[] = {
	{ EC, COSE_ES256 },
	{ ED, COSE_EDDSA },
	{ RSA, COSE_RS256 },
	/* in another order, with what does not concern us: a key's id, operations, a text label */
	{ "a8 2001 0242aabb 21" X "0481 02 0326 6161 a16162f5 22" Y "0102", COSE_ES256 },
	{ "a4 0102 0326 2001 21" X, 0 },                      /* no y              */
	{ "a5 0102 0326 2001 21" X "22f5", 0 },               /* compressed        */
	{ "a5 0102 0326 2001 21" Y "22" X, 0 },               /* not on the curve  */
	{ "a5 0102 0326 2002 21" X "22" Y, 0 },               /* P-384             */
	{ "a5 0101 0326 2001 21" X "22" Y, 0 },               /* type of Ed25519   */
	{ "a5 0102 0327 2001 21" X "22" Y, 0 },               /* its algorithm     */
	{ "a5 0102 0338 22 2001 21" X "22" Y, 0 },            /* ES384             */
	{ "a6 0102 0326 2001 21" X "21" X "22" Y, 0 },        /* x twice           */
	{ "a6 0102 0326 0326 2001 21" X "22" Y, 0 },          /* algorithm twice   */
	{ "a4 0101 0327 2006 2141aa", 0 },                    /* short             */
	{ "a4 0103 0339 0100 20 4401020304 2143010001", 0 },  /* a small modulus   */
	{ "a3 0103 0339 0100 20 590100" N64 N64 N64 N64, 0 }, /* no exponent       */
	{ "a0", 0 },
	{ "80", 0 },
	{ "00", 0 },
	{ "b1 0102 0326 2001 21" X "22" Y
	  "1000 1100 1200 1300 1400 1500 1600 1700 181800 181900 181a00 181b00",
	  0 }, /* more labels than any key has */
};

static void keys_are_parsed(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct str s = hex_of(&a, keys[i].hex);
		struct cur c = cur_of(s);
		struct cose_key key;

		check_at(i, cose_key_parse(&c, &key) == (keys[i].algorithm != 0));
		if (keys[i].algorithm == 0) {
			check_at(i, c.p == s.p);
			continue;
		}
		check_at(i, cur_done(&c) && (int)key.algorithm == keys[i].algorithm);
		for (size_t n = 0; n < s.n; n++) {
			c = cur_of(str_sub(s, 0, n));
			check_at(i, !cose_key_parse(&c, &key));
		}
	}
	arena_deinit(&a);
}

static void keys_verify(void **state)
{
	struct arena a = { 0 };
	struct cur c = cur_of(hex_of(&a, ED));
	struct cose_key key;

	(void)state;
	assert_true(cose_key_parse(&c, &key));
	assert_true(cose_verify(&key, STR("\x72"), hex_of(&a, ED_SIGNATURE)));
	assert_false(cose_verify(&key, STR("\x73"), hex_of(&a, ED_SIGNATURE)));
	c = cur_of(hex_of(&a, EC)); /* the others: crypto/verify_test.c, webauthn_test.c */
	assert_true(cose_key_parse(&c, &key));
	assert_false(cose_verify(&key, STR("\x72"), hex_of(&a, ED_SIGNATURE)));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_parsed),
		cmocka_unit_test(keys_verify),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
