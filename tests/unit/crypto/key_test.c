/* Private keys: the forms that the openssl program writes, and refusals in words. */
#include "harness/check.h"
#include "harness/openssl.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"

static void reads_what_openssl_writes(void **state)
{
	static const struct {
		const char *make;
		enum key_type type;
		const char *words;
		size_t public_n;
	} rows[] = {
		{ "genrsa -traditional 2048", KEY_RSA, "RSA 2048 bits", 256 },   /* PKCS#1 */
		{ "genrsa 2048", KEY_RSA, "RSA 2048 bits", 256 },                /* PKCS#8 */
		{ "genrsa 1024", KEY_RSA, "RSA 1024 bits", 128 },
		{ "genrsa 3072", KEY_RSA, "RSA 3072 bits", 384 },
		{ "ecparam -genkey -noout -name prime256v1", KEY_EC_P256, "ECDSA P-256", 65 },
		{ "ecparam -genkey -name prime256v1", KEY_EC_P256, "ECDSA P-256", 65 },
		{ "ecparam -genkey -noout -name secp384r1", KEY_EC_P384, "ECDSA P-384", 97 },
		{ "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", KEY_EC_P256,
		  "ECDSA P-256", 65 },
		{ "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", KEY_EC_P384,
		  "ECDSA P-384", 97 },
	};
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str pem = openssl(&a, rows[i].make);
		struct key *k = NULL;
		struct why why = { "" };

		check_at(i, pem.n > 0);
		if (key_read_pem(pem, &k, &why) != OK)
			fail_msg("row %zu: %s", i, why.text);
		check_at(i, key_type(k) == rows[i].type);
		check_str_at(i, key_describe(k, &a), str_of(rows[i].words));
		check_at(i, key_public(k).n == rows[i].public_n);
		check_at(i, key_type(k) != KEY_RSA || key_rsa_exponent(k) == 65537);
		key_free(k);
	}
	arena_deinit(&a);
}

static void refusals(void **state)
{
	static const struct {
		const char *make, *why;
	} rows[] = {
		{ "version", "there is no private key in the PEM text" },
		{ "genpkey -algorithm ed25519",
		  "the private key is damaged or of no supported type (RSA 1024 to 4096 bits, "
		  "ECDSA P-256 or P-384)" },
		{ "ecparam -genkey -noout -name secp521r1",
		  "the private key is damaged or of no supported type (RSA 1024 to 4096 bits, "
		  "ECDSA P-256 or P-384)" },
		{ "genrsa -aes128 -passout pass:secret 1024",
		  "the private key is protected by a passphrase; store it without one" },
		{ "genrsa -traditional -aes128 -passout pass:secret 1024",
		  "the private key is protected by a passphrase; store it without one" },
	};
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str pem = openssl(&a, rows[i].make);
		struct key *k;
		struct why why = { "" };

		check_at(i, pem.n > 0);
		check_at(i, key_read_pem(pem, &k, &why) == ERR_SYNTAX && k == NULL);
		check_str_at(i, str_of(why.text), str_of(rows[i].why));
	}
	arena_deinit(&a);
}

static void made_keys_come_back(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		struct key *k = key_new_p256(), *back;
		struct str pem = key_write_pem(k, &a);

		check_at(i, key_read_pem(pem, &back, NULL) == OK);
		check_at(i, str_eq(key_public(k), key_public(back)));
		check_at(i, key_type(back) == KEY_EC_P256);
		key_free(back);
		key_free(k);
	}
	arena_deinit(&a);
}

/* openssl agrees about our key and our signature. */
static void openssl_reads_ours(void **state)
{
	struct key *k = key_new_p256();
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		skip();
	openssl_file("key.pem", key_write_pem(k, &a));
	openssl_file("text", STR("to be signed"));
	openssl_file("signature", key_sign_sha256(k, STR("to be signed"), &a));
	assert_true(openssl(&a, "pkey -in key.pem -check -noout").n > 0);
	assert_true(openssl(&a, "pkey -in key.pem -pubout -out public.pem; echo done").n > 0);
	check_str(openssl(&a, "dgst -sha256 -verify public.pem -signature signature text"),
	          STR("Verified OK\n"));
	key_free(k);
	arena_deinit(&a);
}

/* A key cut anywhere is no key. */
static void truncated_at_every_length(void **state)
{
	struct key *k = key_new_p256(), *back;
	struct arena a = { 0 };
	struct str pem = key_write_pem(k, &a);

	(void)state;
	for (size_t n = 0; n + 1 < pem.n; n++)
		check_at(n, key_read_pem(str_sub(pem, 0, n), &back, NULL) == ERR_SYNTAX);
	key_free(k);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_openssl_writes),
		cmocka_unit_test(refusals),
		cmocka_unit_test(made_keys_come_back),
		cmocka_unit_test(openssl_reads_ours),
		cmocka_unit_test(truncated_at_every_length),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
