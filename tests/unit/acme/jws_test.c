/* Signed requests: what is fixed is compared with the RFCs, signatures are verified by openssl. */
#include "harness/check.h"
#include "harness/openssl.h"

#include "foundation/base/buf.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/der.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"
#include "operations/acme/jws.h"

static struct arena a;

static int drop(void **state)
{
	(void)state;
	arena_deinit(&a);
	return 0;
}

static struct str member(struct str object, const char *name)
{
	struct json v;
	struct str s = STR_EMPTY;

	if (!json_parse(&a, object, &v) || !json_str(json_get(v, name), &s))
		fail_msg("no %s in %.*s", name, STR_ARG(object));
	return s;
}

static struct str decoded(struct str text)
{
	struct buf b;
	struct str s;

	buf_init(&b, KIB(16));
	if (!base64url_parse(text, &b))
		fail_msg("no base64url: %.*s", STR_ARG(text));
	s = str_dup(&a, buf_str(&b));
	buf_deinit(&b);
	return s;
}

/* RFC 7515 A.3: the key of its ES256 example, in SEC1 form. */
static const char es256_key[] = "-----BEGIN EC PRIVATE KEY-----\n"
				"MDECAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n"
				"AwEH\n"
				"-----END EC PRIVATE KEY-----\n";

static void the_key_of_the_rfc(void **state)
{
	struct key *k;
	struct why why;

	(void)state;
	if (key_read_pem(str_of(es256_key), &k, &why) != OK)
		fail_msg("%s", why.text);
	check_str(jws_jwk(k, &a), STR("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":"
	                              "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	                              "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"));
	assert_int_equal(jws_thumbprint(k, &a).n, 43);
	key_free(k);
}

/* r and s as openssl wants them. */
static struct str der_of(struct str raw)
{
	struct der_writer w = der_writer_of(arena_alloc(&a, 128), 128);

	der_put_unsigned(&w, str_sub(raw, 32, 64));
	der_put_unsigned(&w, str_sub(raw, 0, 32));
	der_wrap(&w, DER_SEQUENCE, 0);
	return der_written(&w);
}

static void openssl_verifies_a_request(void **state)
{
	struct key *k = key_new_p256();
	struct jws j = {
		.key = k, .nonce = STR("n1"), .url = STR("https://ca/\"x"), .payload = STR("{}")
	};
	struct str body = jws_make(&j, &a), head = member(body, "protected"), raw;

	(void)state;
	check_str(member(decoded(head), "alg"), STR("ES256"));
	check_str(member(decoded(head), "nonce"), STR("n1"));
	check_str(member(decoded(head), "url"), STR("https://ca/\"x"));
	check_str(decoded(member(body, "payload")), STR("{}"));
	raw = decoded(member(body, "signature"));
	assert_int_equal(raw.n, 64);
	if (openssl_there()) {
		openssl_file("key.pem", key_write_pem(k, &a));
		openssl_file("text", str_fmt(&a, "%.*s.%.*s", STR_ARG(head),
		                             STR_ARG(member(body, "payload"))));
		openssl_file("signature", der_of(raw));
		check_str(openssl(&a,
		                  "pkey -in key.pem -pubout -out pub.pem && "
		                  "openssl dgst -sha256 -verify pub.pem -signature signature text"),
		          STR("Verified OK\n"));
	}
	key_free(k);
}

static void an_account_is_named_instead_of_its_key(void **state)
{
	struct key *k = key_new_p256();
	struct jws j = { .key = k,
		         .account = STR("https://ca/a/1"),
		         .nonce = STR("n"),
		         .url = STR("https://ca/o") };
	struct str body = jws_make(&j, &a), head = decoded(member(body, "protected"));

	(void)state;
	check_str(member(head, "kid"), STR("https://ca/a/1"));
	assert_true(str_find(head, STR("jwk")) < 0); /* RFC 8555 6.2: never both */
	check_str(member(body, "payload"), STR("")); /* RFC 8555 6.3: POST-as-GET */
	key_free(k);
}

static void bindings(void **state)
{
	struct key *k = key_new_p256();
	struct str body = jws_binding(k, STR("kid-1"), STR("secret"), STR("https://ca/new"), &a);
	struct str head = decoded(member(body, "protected"));

	(void)state;
	check_str(member(head, "alg"), STR("HS256"));
	check_str(member(head, "kid"), STR("kid-1"));
	check_str(member(head, "url"), STR("https://ca/new"));
	assert_true(str_find(head, STR("nonce")) < 0);
	check_str(decoded(member(body, "payload")), jws_jwk(k, &a));
	assert_int_equal(decoded(member(body, "signature")).n, 32);
	key_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_of_the_rfc),
		cmocka_unit_test(openssl_verifies_a_request),
		cmocka_unit_test(an_account_is_named_instead_of_its_key),
		cmocka_unit_test(bindings),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, drop);
}
