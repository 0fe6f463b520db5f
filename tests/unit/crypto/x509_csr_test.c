/* Requests for certificates, RSA keys and challenge certificates, as openssl sees them. */
#include "harness/check.h"
#include "harness/openssl.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/x509.h"

static struct arena a;

static int drop(void **state)
{
	(void)state;
	arena_deinit(&a);
	return 0;
}

static bool has(struct str text, const char *words)
{
	return str_find(text, str_of(words)) >= 0;
}

static void requests(void **state)
{
	const struct x509_alt names[] = {
		{ .s = STR("mx.example.org") },
		{ .s = STR("*.example.org") },
		{ true, STR("\x7f\0\0\1") },
		{ true, STR("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1") },
	};
	struct key *const keys[] = { key_new_p256(), key_new_rsa2048() };
	static const char *const kinds[] = { "prime256v1", "2048 bit" };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct str text;

		openssl_file("csr", x509_csr(keys[i], names, COUNT(names), &a));
		text = openssl(&a, "req -inform DER -in csr -noout -verify -text 2>&1");
		if (!openssl_there())
			break;
		check_at(i, has(text, "verify OK"));
		check_at(i, has(text, kinds[i]));
		check_at(i,
		         has(text, "DNS:mx.example.org, DNS:*.example.org, IP Address:127.0.0.1, "
		                   "IP Address:2001:DB8:0:0:0:0:0:1"));
	}
	for (size_t i = 0; i < COUNT(keys); i++)
		key_free(keys[i]);
}

static void a_request_for_many_names(void **state)
{
	enum { MANY = 100 };
	struct x509_alt names[MANY];
	struct key *k = key_new_p256();

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		names[i] = (struct x509_alt){ .s = str_fmt(&a, "%0250zu", i) };
	assert_true(x509_csr(k, names, MANY, &a).n > (size_t)MANY * 250);
	key_free(k);
}

static void an_rsa_key_is_written_and_read(void **state)
{
	struct key *k = key_new_rsa2048(), *again;
	struct str pem = key_write_pem(k, &a);
	struct why why;

	(void)state;
	assert_int_equal(key_type(k), KEY_RSA);
	check_str(key_describe(k, &a), STR("RSA 2048 bits"));
	assert_int_equal(key_rsa_exponent(k), 65537);
	assert_int_equal(key_read_pem(pem, &again, &why), OK);
	check_str(key_public(again), key_public(k));
	if (openssl_there()) {
		openssl_file("rsa.pem", pem);
		assert_true(has(openssl(&a, "rsa -in rsa.pem -check -noout 2>&1"), "RSA key ok"));
	}
	key_free(k);
	key_free(again);
}

static void challenge_certificates(void **state)
{
	struct key *k = key_new_p256();
	uint8_t digest[HASH_BYTES];
	struct str pem, text;

	(void)state;
	hash_sha256(STR("token.thumbprint"), digest);
	pem = x509_challenge(k, (struct x509_alt){ .s = STR("mx.example.org") }, digest,
	                     INT64_C(1800000000000), &a);
	openssl_file("challenge.pem", pem);
	text = openssl(&a, "x509 -in challenge.pem -noout -text");
	if (openssl_there()) {
		/* RFC 8737 3: critical, an OCTET STRING of 32 bytes */
		assert_true(has(text, "1.3.6.1.5.5.7.1.31: critical"));
		assert_true(has(text, "DNS:mx.example.org"));
	}
	key_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(a_request_for_many_names),
		cmocka_unit_test(an_rsa_key_is_written_and_read),
		cmocka_unit_test(challenge_certificates),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, drop);
}
