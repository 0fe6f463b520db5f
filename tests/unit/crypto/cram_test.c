/* HMAC-MD5 by its two halves, against RFC 2202 2 and RFC 2195 2. */
#include "harness/check.h"

#include "foundation/crypto/cram.h"

#include <stdio.h>
#include <string.h>

#define A10 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
#define A80 A10 A10 A10 A10 A10 A10 A10 A10
#define B16 "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"

static void vectors(void **state)
{
	static const struct {
		const char *key, *text, *digest;
	} rows[] = {
		{ B16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d" },
		{ "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738" },
		{ A80, "Test Using Larger Than Block-Size Key - Hash Key First",
		  "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
		{ A80, "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
		  "6f630fad67cda0ee1fb1f562db3aa53e" },
		{ "tanstaaftanstaaf", "<1896.697170952@postoffice.reston.mci.net>",
		  "b913a602c7eda7a495b4e6e7334d3890" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = str_of(rows[i].text);
		uint8_t digest[CRAM_BYTES];
		char hex[2 * CRAM_BYTES + 1];
		struct cram_keys k;

		cram_keys(str_of(rows[i].key), &k);
		cram_digest(&k, text, digest);
		for (size_t j = 0; j < CRAM_BYTES; j++)
			snprintf(hex + 2 * j, 3, "%02x", digest[j]);
		check_str_at(i, str_of(hex), str_of(rows[i].digest));
		check_at(i, cram_check(&k, text, str_from((char *)digest, CRAM_BYTES)));
		check_at(i, !cram_check(&k, text, str_from((char *)digest, CRAM_BYTES - 1)));
		digest[i] ^= 1;
		check_at(i, !cram_check(&k, text, str_from((char *)digest, CRAM_BYTES)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vectors) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
