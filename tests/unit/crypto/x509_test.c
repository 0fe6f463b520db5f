/* Certificates: ours as openssl sees them, openssl's as we see them. */
#include "harness/check.h"
#include "harness/openssl.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/x509.h"

static const int64_t now_ms = INT64_C(1800000000000); /* 2027-01-15 */

static struct str self_signed(struct arena *a, const char *host, struct key *k)
{
	struct str pem = STR_EMPTY;
	struct why why;

	if (x509_self_signed(k, str_of(host), now_ms, a, &pem, &why) != OK)
		fail_msg("%s: %s", host, why.text);
	return pem;
}

static void our_own_is_read_back(void **state)
{
	struct key *k = key_new_p256(), *other = key_new_p256();
	struct arena a = { 0 };
	struct x509 *chain;
	struct why why;
	size_t count;

	(void)state;
	assert_int_equal(x509_read_chain(self_signed(&a, "Mail.Example.ORG", k), &a, &chain,
	                                 &count, &why), OK);
	assert_int_equal(count, 1);
	assert_int_equal(chain->name_count, 1);
	check_str(chain->names[0], STR("mail.example.org"));
	check_str(chain->subject_cn, STR("mail.example.org"));
	check_str(chain->subject, chain->issuer);
	assert_true(chain->not_before_ms == now_ms - 86400000);
	assert_true(chain->not_after_ms - now_ms == INT64_C(3652) * 86400000);
	assert_true(chain->key_known && chain->key_type == KEY_EC_P256);
	assert_int_equal(x509_check_key(chain, k, &why), OK);
	assert_int_equal(x509_check_key(chain, other, &why), ERR_CONFLICT);
	assert_string_equal(why.text, "the private key belongs to another certificate");
	key_free(k);
	key_free(other);
	arena_deinit(&a);
}

static void host_names(void **state)
{
	static char longest[254], longer[255];
	const struct {
		const char *host;
		bool ok;
	} rows[] = {
		{ "localhost", true },  { "a.b-c.example", true }, { longest, true },
		{ longer, false },      { "", false },             { ".example.org", false },
		{ "example.org.", false }, { "ex ample", false },  { "*.example.org", false },
		{ "ex\nample", false },
	};
	struct key *k = key_new_p256();
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < 253; i++)
		longest[i] = longer[i] = i % 40 == 39 ? '.' : 'x';
	longer[253] = 'x';
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct x509 *chain;
		struct str pem;
		size_t count;
		enum err e = x509_self_signed(k, str_of(rows[i].host), now_ms, &a, &pem, NULL);

		check_at(i, e == (rows[i].ok ? OK : ERR_SYNTAX));
		if (e == OK) {
			check_at(i, x509_read_chain(pem, &a, &chain, &count, NULL) == OK);
			check_str_at(i, chain->names[0], str_of(rows[i].host));
		}
	}
	key_free(k);
	arena_deinit(&a);
}

static void openssl_accepts_ours(void **state)
{
	struct key *k = key_new_p256();
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		skip();
	openssl_file("ours.pem", self_signed(&a, "mail.example.org", k));
	check_str(openssl(&a, "verify -x509_strict -check_ss_sig -attime 1800000000 "
	                      "-verify_hostname mail.example.org -purpose sslserver "
	                      "-CAfile ours.pem ours.pem"),
	          STR("ours.pem: OK\n"));
	check_str(openssl(&a, "verify -attime 1800000000 -verify_hostname mail.example.com "
	                      "-CAfile ours.pem ours.pem"), STR_EMPTY);
	check_str(openssl(&a, "x509 -in ours.pem -noout -ext subjectAltName"),
	          STR("X509v3 Subject Alternative Name: \n    DNS:mail.example.org\n"));
	key_free(k);
	arena_deinit(&a);
}

static void openssl_made_ones_are_read(void **state)
{
	static const struct {
		const char *key;
		enum key_type type;
	} rows[] = {
		{ "rsa:2048", KEY_RSA },
		{ "ec -pkeyopt ec_paramgen_curve:P-256", KEY_EC_P256 },
		{ "ec -pkeyopt ec_paramgen_curve:P-384", KEY_EC_P384 },
	};
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str make = str_fmt(&a,
			"req -x509 -newkey %s -nodes -days 30 -subj '/O=Test/CN=cn.example' "
			"-addext 'subjectAltName=DNS:A.example,DNS:*.b.example,IP:127.0.0.1' "
			"-keyout /dev/stdout", rows[i].key);
		struct str pem = openssl(&a, str_z(&a, make));
		struct x509 *chain;
		struct key *k = NULL;
		struct why why = { "" };
		size_t count;

		/* one text with the key and the certificate */
		if (x509_read_chain(pem, &a, &chain, &count, &why) != OK ||
		    key_read_pem(pem, &k, &why) != OK || x509_check_key(chain, k, &why) != OK)
			fail_msg("row %zu: %s", i, why.text);
		check_at(i, count == 1 && chain->name_count == 2);
		check_str_at(i, chain->names[0], STR("a.example"));
		check_str_at(i, chain->names[1], STR("*.b.example"));
		check_str_at(i, chain->subject_cn, STR("cn.example"));
		check_at(i, chain->key_type == rows[i].type);
		/* openssl looks at its clock twice */
		check_at(i, (chain->not_after_ms - chain->not_before_ms) / 10000 == 30 * 8640);
		key_free(k);
	}
	arena_deinit(&a);
}

static void without_alternative_names_the_common_name_counts(void **state)
{
	struct arena a = { 0 };
	struct x509 *chain;
	struct str pem;
	size_t count;

	(void)state;
	if (!openssl_there())
		skip();
	pem = openssl(&a, "req -x509 -newkey rsa:1024 -nodes -subj /CN=Old.Example "
	                  "-keyout /dev/null");
	assert_int_equal(x509_read_chain(pem, &a, &chain, &count, NULL), OK);
	assert_int_equal(chain->name_count, 1);
	check_str(chain->names[0], STR("old.example"));
	arena_deinit(&a);
}

static void names_cover_hosts(void **state)
{
	static const struct {
		const char *name, *host;
		bool covers;
	} rows[] = {
		{ "example.org", "example.org", true },
		{ "example.org", "EXAMPLE.org", true },
		{ "example.org", "a.example.org", false },
		{ "*.example.org", "a.example.org", true },
		{ "*.example.org", "A.Example.Org", true },
		{ "*.example.org", "example.org", false },
		{ "*.example.org", ".example.org", false },
		{ "*.example.org", "a.b.example.org", false }, /* one label: RFC 6125 6.4.3 */
		{ "", "", false },
		{ "*.org", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, x509_name_covers(str_of(rows[i].name), str_of(rows[i].host)) ==
		                    rows[i].covers);
}

/* Cut anywhere, or with any one byte changed, it is refused or read without harm; a
 * truncated one is never taken for whole. */
static void broken_certificates(void **state)
{
	struct key *k = key_new_p256();
	struct arena a = { 0 };
	struct pem *block;
	struct x509 x;
	size_t count;
	char *copy;

	(void)state;
	assert_true(pem_read(self_signed(&a, "mail.example.org", k), &a, &block, &count));
	for (size_t n = 0; n < block->der.n; n++)
		check_at(n, !x509_read(str_sub(block->der, 0, n), &a, &x));
	copy = (char *)(uintptr_t)str_dup(&a, block->der).p;
	for (size_t n = 0; n < block->der.n; n++)
		for (int bit = 0; bit < 8; bit++) {
			copy[n] ^= (char)(1 << bit);
			if (x509_read(str_from(copy, block->der.n), &a, &x))
				check_at(n, x.name_count <= 1 && x.key_public.n <= 200);
			copy[n] ^= (char)(1 << bit);
		}
	key_free(k);
	arena_deinit(&a);
}

static void chains_in_words(void **state)
{
	struct key *k = key_new_p256();
	struct arena a = { 0 };
	struct str one = self_signed(&a, "x.example", k), many = STR_EMPTY;
	struct x509 *chain;
	struct why why;
	size_t count;

	(void)state;
	assert_int_equal(x509_read_chain(key_write_pem(k, &a), &a, &chain, &count, &why),
	                 ERR_SYNTAX);
	assert_string_equal(why.text, "there is no certificate in the PEM text");
	for (int i = 0; i <= X509_CHAIN_MAX; i++)
		many = str_fmt(&a, "%.*s%.*s", STR_ARG(many), STR_ARG(one));
	assert_int_equal(x509_read_chain(many, &a, &chain, &count, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "more than 8 certificates in the chain");
	assert_int_equal(x509_read_chain(STR("-----BEGIN CERTIFICATE-----\naGVsbG8=\n"
	                                     "-----END CERTIFICATE-----\n"),
	                                 &a, &chain, &count, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "certificate 1 of the chain is damaged");
	key_free(k);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_is_read_back),
		cmocka_unit_test(host_names),
		cmocka_unit_test(openssl_accepts_ours),
		cmocka_unit_test(openssl_made_ones_are_read),
		cmocka_unit_test(without_alternative_names_the_common_name_counts),
		cmocka_unit_test(names_cover_hosts),
		cmocka_unit_test(broken_certificates),
		cmocka_unit_test(chains_in_words),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
