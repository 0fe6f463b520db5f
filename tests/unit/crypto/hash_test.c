/* Hashes against published vectors. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/hash.h"

#include <string.h>

static struct str hex(struct arena *a, const uint8_t h[HASH_BYTES])
{
	struct str s = STR_EMPTY;

	for (size_t i = 0; i < HASH_BYTES; i++)
		s = str_fmt(a, "%.*s%02x", STR_ARG(s), h[i]);
	return s;
}

/* Answers of b2sum -l 256 and sha256sum. */
static void known_answers(void **state)
{
	static const struct {
		const char *in, *blake2b, *sha256;
	} rows[] = {
		{ "", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	};
	struct arena a = { 0 };
	uint8_t out[HASH_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		hash_blake2b_256(str_of(rows[i].in), out);
		check_str_at(i, hex(&a, out), str_of(rows[i].blake2b));
		hash_sha256(str_of(rows[i].in), out);
		check_str_at(i, hex(&a, out), str_of(rows[i].sha256));
	}
	arena_deinit(&a);
}

/* RFC 4231 4.3 and 4.7 (a key longer than a block) */
static void hmac_answers(void **state)
{
	struct arena a = { 0 };
	uint8_t out[HASH_BYTES];
	char key[131];

	(void)state;
	hash_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), out);
	check_str(hex(&a, out),
	          STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(key, 0xaa, sizeof key);
	hash_hmac_sha256(str_from(key, sizeof key),
	                 STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	check_str(hex(&a, out),
	          STR("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
	arena_deinit(&a);
}

static void pieces_make_the_whole(void **state)
{
	char text[300];
	struct str s = str_from(text, sizeof text);
	uint8_t want[HASH_BYTES], got[HASH_BYTES];

	(void)state;
	memset(text, 'r', sizeof text);
	hash_blake2b_256(s, want);
	for (size_t piece = 1; piece <= s.n; piece++) {
		struct hash_blake2b h;

		hash_blake2b_init(&h);
		for (size_t at = 0; at < s.n; at += piece)
			hash_blake2b_update(&h, str_sub(s, at, at + piece));
		hash_blake2b_final(&h, got);
		check_at(piece, memcmp(want, got, sizeof want) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(hmac_answers),
		cmocka_unit_test(pieces_make_the_whole),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
