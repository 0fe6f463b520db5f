/* Certificates of clients, made by openssl: whom they name and what they are for. */
#include "harness/check.h"
#include "harness/openssl.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/x509.h"
#include "foundation/crypto/x509_client.h"

#include <string.h>

#define MANY "email:a@x.org"
#define TIMES4(x) x "," x "," x "," x
#define TIMES32(x) TIMES4(x) "," TIMES4(x) "," TIMES4(x) "," TIMES4(x) "," \
	TIMES4(x) "," TIMES4(x) "," TIMES4(x) "," TIMES4(x)

static struct str make(struct arena *a, const char *extensions)
{
	return openssl(a, str_z(a, str_fmt(a, "req -x509 -newkey ec -pkeyopt "
		"ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj "
		"/CN=joe/emailAddress=subject@x.org -days 9 -outform DER %s", extensions)));
}

static void extensions_tell(void **state)
{
	static const struct {
		const char *extensions;
		enum err e;
		size_t count;
		const char *first, *last;
	} rows[] = {
		/* RFC 5280 4.2.1.6: rfc822Name, and nothing else of the list */
		{ "-addext subjectAltName=email:joe@x.org", OK, 1, "joe@x.org", "joe@x.org" },
		{ "-addext subjectAltName=DNS:x.org,email:Joe@X.org,URI:mailto:u@x.org,"
		  "email:ann@y.org", OK, 2, "Joe@X.org", "ann@y.org" },
		{ "-addext subjectAltName=" TIMES32(MANY), OK, 32, "a@x.org", "a@x.org" },
		{ "-addext subjectAltName=" TIMES32(MANY) "," MANY, ERR_LIMIT, 0, NULL, NULL },
		{ "-addext subjectAltName=DNS:x.org", ERR_MISSING, 0, NULL, NULL },
		/* 4.1.2.6: an address in the subject is none */
		{ "", ERR_MISSING, 0, NULL, NULL },
		/* 4.2.1.12: without the extension for everything, with it for what it lists */
		{ "-addext subjectAltName=email:joe@x.org -addext extendedKeyUsage=clientAuth",
		  OK, 1, "joe@x.org", "joe@x.org" },
		{ "-addext subjectAltName=email:joe@x.org -addext "
		  "extendedKeyUsage=emailProtection,clientAuth", OK, 1, "joe@x.org", "joe@x.org" },
		{ "-addext subjectAltName=email:joe@x.org -addext "
		  "extendedKeyUsage=anyExtendedKeyUsage", OK, 1, "joe@x.org", "joe@x.org" },
		{ "-addext subjectAltName=email:joe@x.org -addext extendedKeyUsage=serverAuth",
		  ERR_DENIED, 0, NULL, NULL },
		{ "-addext subjectAltName=email:joe@x.org -addext extendedKeyUsage=emailProtection",
		  ERR_DENIED, 0, NULL, NULL },
		/* 4.2.1.3: the client signs */
		{ "-addext subjectAltName=email:joe@x.org -addext keyUsage=digitalSignature",
		  OK, 1, "joe@x.org", "joe@x.org" },
		{ "-addext subjectAltName=email:joe@x.org -addext "
		  "keyUsage=critical,keyAgreement,digitalSignature", OK, 1, "joe@x.org",
		  "joe@x.org" },
		{ "-addext subjectAltName=email:joe@x.org -addext keyUsage=keyAgreement",
		  ERR_DENIED, 0, NULL, NULL },
		{ "-addext subjectAltName=email:joe@x.org -addext keyUsage=nonRepudiation",
		  ERR_DENIED, 0, NULL, NULL },
	};
	struct arena a = { 0 };

	(void)state;
	if (!openssl_there())
		return;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str der = make(&a, rows[i].extensions);
		struct x509_client who;
		struct x509 whole;
		enum err e = x509_client_read(der, &a, &who);

		check_at(i, e == rows[i].e);
		if (e != OK)
			continue;
		check_at(i, who.count == rows[i].count);
		check_str_at(i, who.addresses[0], str_of(rows[i].first));
		check_str_at(i, who.addresses[who.count - 1], str_of(rows[i].last));
		check_at(i, x509_read(der, &a, &whole));
		check_at(i, who.not_after_ms == whole.not_after_ms);
	}
	arena_deinit(&a);
}

/* RFC 5280 4.2: an extension stands once. openssl refuses to write one twice, so one of another
 * number is made one of these. */
static void twice_is_refused(void **state)
{
	static const struct {
		const char *extensions;
		char number; /* of 2.5.29 */
		enum err e;
	} rows[] = {
		{ "-addext 2.5.29.99=DER:03020780", 15, ERR_SYNTAX },
		{ "-addext 2.5.29.99=DER:300a06082b06010505070302", 37, ERR_SYNTAX },
		{ "-addext 2.5.29.99=DER:3009810761407a2e6f7267", 17, ERR_SYNTAX },
		{ "-addext 2.5.29.99=DER:03020780", 99, OK },
	};
	struct arena a = { 0 };
	struct x509_client who;

	(void)state;
	if (!openssl_there())
		return;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str der = make(&a, str_z(&a, str_fmt(&a,
			"-addext subjectAltName=email:joe@x.org -addext keyUsage=digitalSignature "
			"-addext extendedKeyUsage=clientAuth %s", rows[i].extensions)));
		ptrdiff_t at = str_find(der, STR("\x55\x1d\x63"));

		check_at(i, at > 0);
		((char *)(uintptr_t)der.p)[at + 2] = rows[i].number;
		check_at(i, x509_client_read(der, &a, &who) == rows[i].e);
	}
	arena_deinit(&a);
}

/* Cut at every length, and with every byte changed: an answer, never a crash; what is cut is no
 * certificate. */
static void damaged(void **state)
{
	struct arena a = { 0 };
	struct x509_client who;
	struct str der;
	char *copy;

	(void)state;
	if (!openssl_there())
		return;
	der = make(&a, "-addext subjectAltName=email:joe@x.org -addext keyUsage=digitalSignature "
	               "-addext extendedKeyUsage=clientAuth");
	assert_int_equal(x509_client_read(der, &a, &who), OK);
	for (size_t n = 0; n < der.n; n++)
		check_at(n, x509_client_read(str_sub(der, 0, n), &a, &who) == ERR_SYNTAX);
	copy = arena_alloc(&a, der.n);
	for (size_t n = 0; n < der.n; n++) {
		memcpy(copy, der.p, der.n);
		copy[n] ^= 0x11;
		if (x509_client_read(str_from(copy, der.n), &a, &who) == OK)
			check_at(n, who.count != 0 && who.addresses[0].n <= der.n);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extensions_tell),
		cmocka_unit_test(twice_is_refused),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
