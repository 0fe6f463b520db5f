/* What a server makes of a client's certificate: chains made by openssl, shown by BearSSL's
 * client. */
#include "harness/check.h"
#include "harness/openssl.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key_bear.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/x509_client.h"
#include "network/tls/engine.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define ISSUE(name, key, ca, extensions)                                                       \
	"req -newkey " key " -nodes -subj /CN=joe -keyout " name ".key -out " name ".csr; "     \
	"printf '" extensions "' >" name ".ext; openssl x509 -req -in " name ".csr -CA " ca     \
	".pem -CAkey " ca ".key -CAcreateserial -days 30 -extfile " name ".ext -out " name     \
	".pem; echo ok"
#define EC "ec -pkeyopt ec_paramgen_curve:P-256"
#define JOE "subjectAltName=email:joe@example.org"
#define ROOT(name)                                                                             \
	"req -x509 -newkey " EC " -nodes -days 60 -subj /CN=" name " -addext "                  \
	"basicConstraints=critical,CA:TRUE -keyout " name ".key -out " name ".pem; echo ok"

static const char *const setup[] = {
	ROOT("root"),
	ROOT("other"),
	ISSUE("middle", EC, "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign"),
	ISSUE("ec", EC, "root", JOE),
	ISSUE("rsa", "rsa:2048", "root", JOE "\nextendedKeyUsage=clientAuth"),
	ISSUE("p384", "ec -pkeyopt ec_paramgen_curve:P-384", "root",
	      JOE "\nkeyUsage=critical,digitalSignature"),
	ISSUE("two", EC, "root", JOE ",email:ann@example.org,DNS:example.org"),
	ISSUE("below", EC, "middle", JOE),
	ISSUE("stranger", EC, "other", JOE),
	ISSUE("purpose", EC, "root", JOE "\nextendedKeyUsage=serverAuth"),
	ISSUE("usage", EC, "root", JOE "\nkeyUsage=keyAgreement"),
	ISSUE("nobody", EC, "root", "subjectAltName=DNS:example.org"),
	ISSUE("none", EC, "root", "basicConstraints=CA:FALSE"),
	ISSUE("odd", EC, "root", JOE "\n2.5.29.99=critical,DER:0500"),
	"req -newkey rsa:1024 -nodes -subj /CN=joe -keyout weak.key -out weak.csr; openssl x509 "
	"-req -in weak.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile ec.ext -out "
	"weak.pem; openssl x509 -req -sha1 -in ec.csr -CA root.pem -CAkey root.key "
	"-CAcreateserial -extfile ec.ext -out sha1.pem; cp ec.key sha1.key; echo ok",
	"version; cat below.pem middle.pem >whole.pem; cp below.key whole.key; "
	"cat ec.pem $(for i in 1 2 3 4 5 6 7 8; do echo root.pem; done) >long.pem; "
	"cp ec.key long.key; cp rsa.pem swapped.pem; openssl genrsa -out swapped.key 2048; "
	"cat root.pem other.pem >both.pem",
};

static struct arena files;
static struct certs *certs;
static struct tls_server *server;
static bool ready;

static struct str file(const char *name, const char *end)
{
	return openssl(&files, str_z(&files, str_fmt(&files, "version >/dev/null; cat %s.%s", name,
	                                             end)));
}

static int make_all(void **state)
{
	(void)state;
	ready = openssl_there();
	for (size_t i = 0; ready && i < COUNT(setup); i++)
		if (openssl(&files, setup[i]).n == 0)
			return -1;
	certs = tls_pair_certs("mail.example.org", &files, NULL);
	server = tls_server_open(certs, 100);
	return 0;
}

static int drop_all(void **state)
{
	(void)state;
	tls_server_close(server);
	certs_free(certs);
	arena_deinit(&files);
	return 0;
}

static void trust_set(const char *roots)
{
	tls_server_clients_set(server,
	                       roots != NULL ? tls_pair_trust(file(roots, "pem")) : NULL);
}

/* --- a client that has a certificate ------------------------------------------------------ */

struct client {
	struct key *key;
	struct x509 *chain;
	size_t count;
	br_x509_certificate bear[16];
	br_ssl_session_parameters session; /* to be resumed, when there is one */
};

static void client_init(struct client *c, const char *name)
{
	struct pem *blocks;
	struct why why = { "" };

	memset(c, 0, sizeof *c);
	if (name == NULL)
		return;
	if (key_read_pem(file(name, "key"), &c->key, &why) != OK ||
	    !pem_read(file(name, "pem"), &files, &blocks, &c->count))
		fail_msg("%s: %s", name, why.text);
	for (size_t i = 0; i < c->count; i++)
		c->bear[i] = (br_x509_certificate){ (unsigned char *)(uintptr_t)blocks[i].der.p,
			                            blocks[i].der.n };
}

static void client_show(const struct client *c, struct tls *t)
{
	br_ssl_client_context *s = &t->side.client;

	if (c->key != NULL && key_type(c->key) == KEY_RSA)
		br_ssl_client_set_single_rsa(s, c->bear, c->count, key_bear_rsa(c->key),
		                             br_rsa_pkcs1_sign_get_default());
	else if (c->key != NULL)
		br_ssl_client_set_single_ec(s, c->bear, c->count, key_bear_ec(c->key),
		                            BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, br_ec_get_default(),
		                            br_ecdsa_sign_asn1_get_default());
}

static struct tls_pair meet(struct client *c, size_t chunk)
{
	const struct tls_client_config config = { .verify = TLS_VERIFY_NONE };
	struct tls_pair p = tls_pair_new(server, &config, "mail.example.org");

	client_show(c, p.client);
	tls_pair_pump(&p, chunk);
	return p;
}

/* --- who is it, and why not -------------------------------------------------------------- */

static const struct {
	const char *shows, *roots;
	bool open;
	const char *addresses; /* NULL: not identified */
	const char *why;       /* NULL: nothing to say */
} rows[] = {
	{ NULL, "root", true, NULL, NULL },
	{ "ec", "root", true, "joe@example.org", NULL },
	{ "rsa", "root", true, "joe@example.org", NULL },
	{ "p384", "root", true, "joe@example.org", NULL },
	{ "two", "root", true, "joe@example.org ann@example.org", NULL },
	{ "ec", "both", true, "joe@example.org", NULL },
	{ "stranger", "both", true, "joe@example.org", NULL },
	{ "whole", "root", true, "joe@example.org", NULL },
	{ "below", "middle", true, "joe@example.org", NULL },
	/* the very certificate may be named: it is then believed by itself */
	{ "ec", "ec", true, "joe@example.org", NULL },
	/* nobody is asked */
	{ "ec", NULL, true, NULL, NULL },
	/* RFC 5280 6: no path; the handshake goes on */
	{ "stranger", "root", true, NULL, "the certificate is from no trusted authority" },
	{ "below", "root", true, NULL, "the certificate is from no trusted authority" },
	{ "odd", "root", true, NULL, "the certificate has an unknown critical extension" },
	{ "purpose", "root", true, NULL, "the certificate is not for the login of a client" },
	{ "usage", "root", true, NULL, "the certificate is not for the login of a client" },
	{ "nobody", "root", true, NULL, "the certificate names no mail address" },
	{ "none", "root", true, NULL, "the certificate names no mail address" },
	{ "weak", "root", true, NULL, "the certificate has a weak key" },
	{ "sha1", "root", true, NULL, "the certificate uses something unsupported" },
	/* the key of another: RFC 5246 7.4.8 */
	{ "swapped", "root", false, NULL, NULL },
};

static void shown(void **state)
{
	static const size_t chunks[] = { 1, 1000, SIZE_MAX };

	(void)state;
	if (!ready)
		return;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client c;

		trust_set(rows[i].roots);
		client_init(&c, rows[i].shows);
		for (size_t j = 0; j < COUNT(chunks); j++) {
			struct tls_pair p = meet(&c, chunks[j]);
			const struct x509_client *who = tls_client(p.server);
			struct str all = STR_EMPTY;
			struct why why = { "" };

			check_at(i, (tls_state(p.server) == TLS_OPEN) == rows[i].open);
			for (size_t n = 0; who != NULL && n < who->count; n++)
				all = str_fmt(&files, "%.*s%s%.*s", STR_ARG(all), n ? " " : "",
				              STR_ARG(who->addresses[n]));
			check_at(i, (who != NULL) == (rows[i].addresses != NULL));
			check_str_at(i, all, str_of(rows[i].addresses));
			check_at(i, tls_client_refused(p.server, &why) == (rows[i].why != NULL));
			check_str_at(i, str_of(why.text), str_of(rows[i].why));
			if (rows[i].open) {
				(void)tls_put_plain(p.client, STR("hello"));
				tls_flush(p.client);
				tls_pair_pump(&p, chunks[j]);
				check_str_at(i, buf_str(&p.at_server), STR("hello"));
				check_at(i, tls_idle(p.server));
			}
			tls_pair_free(&p);
		}
		key_free(c.key);
	}
}

/* RFC 5280 4.1.2.5: before and after its time, of the leaf as of what is above it. */
static void time_passes(void **state)
{
	static const struct {
		int days;
		const char *why;
	} times[] = {
		{ -2, "the certificate has expired or is not yet valid" },
		{ 29, NULL },
		{ 31, "the certificate has expired or is not yet valid" },
	};
	struct client c;

	(void)state;
	if (!ready)
		return;
	trust_set("root");
	client_init(&c, "whole");
	for (size_t i = 0; i < COUNT(times); i++) {
		struct why why = { "" };
		struct tls_pair p;

		clock_shift_real(times[i].days * DAY_MS);
		p = meet(&c, 1000);
		check_at(i, tls_state(p.server) == TLS_OPEN);
		(void)tls_client_refused(p.server, &why);
		check_str_at(i, str_of(why.text), str_of(times[i].why));
		if (tls_client(p.server) != NULL)
			check_at(i, tls_client(p.server)->not_after_ms > clock_real_ms());
		clock_shift_real(-times[i].days * DAY_MS);
		tls_pair_free(&p);
	}
	key_free(c.key);
}

/* Neither many certificates nor big ones are looked at, and nothing is kept of them. */
static void too_much(void **state)
{
	struct why why = { "" };
	struct tls_pair p;
	struct client c;

	(void)state;
	if (!ready)
		return;
	trust_set("root");
	client_init(&c, "long");
	assert_int_equal(c.count, 9);
	p = meet(&c, SIZE_MAX);
	assert_int_equal(tls_state(p.server), TLS_OPEN);
	assert_null(tls_client(p.server));
	assert_true(tls_client_refused(p.server, &why));
	tls_pair_free(&p);
	for (size_t i = 1; i < c.count; i++)
		c.bear[i] = (br_x509_certificate){ arena_alloc(&files, 60000), 60000 };
	for (c.count = 1; c.count < 9; c.count += 7) {
		p = meet(&c, SIZE_MAX);
		assert_int_equal(tls_state(p.server), TLS_OPEN);
		assert_true((tls_client(p.server) != NULL) == (c.count == 1));
		tls_pair_free(&p);
	}
	key_free(c.key);
}

/* Who has shown a certificate begins anew each time; others resume, until the authorities change.
 * Returns: was the second of two handshakes an abbreviated one? */
static bool resumes(struct client *c, const char *roots_between)
{
	struct tls_pair p = meet(c, SIZE_MAX);
	const struct tls_client_config config = { .verify = TLS_VERIFY_NONE };
	br_ssl_session_parameters session;
	bool resumed;

	assert_int_equal(tls_state(p.server), TLS_OPEN);
	br_ssl_engine_get_session_parameters(p.client->engine, &session);
	tls_pair_free(&p);
	if (roots_between != NULL)
		trust_set(roots_between);
	p = tls_pair_new(server, &config, "mail.example.org");
	client_show(c, p.client);
	br_ssl_engine_set_session_parameters(p.client->engine, &session);
	tls_engine_enter(p.client);
	br_ssl_client_reset(&p.client->side.client, "mail.example.org", 1);
	tls_engine_leave(p.client);
	tls_pair_pump(&p, SIZE_MAX);
	assert_int_equal(tls_state(p.server), TLS_OPEN);
	resumed = tls_resumed(p.server);
	assert_true((tls_client(p.server) != NULL) == (c->key != NULL));
	tls_pair_free(&p);
	return resumed;
}

static void sessions(void **state)
{
	struct client with, without;

	(void)state;
	if (!ready)
		return;
	trust_set("root");
	client_init(&with, "ec");
	client_init(&without, NULL);
	assert_true(resumes(&without, NULL));
	assert_false(resumes(&without, "root"));
	assert_false(resumes(&with, NULL));
	assert_false(resumes(&with, "both"));
	key_free(with.key);
}

/* The setting off, as on, costs a parked connection nothing: as much as before there was one. */
static void parked(void **state)
{
	enum { OF_OURS = 88 };

	(void)state;
	assert_true(tls_parked_bytes() <= MAX(sizeof(br_ssl_server_context),
	                                      sizeof(br_ssl_client_context)) + OF_OURS);
}

static void names_are_counted(void **state)
{
	struct trust *one, *both;

	(void)state;
	if (!ready)
		return;
	one = tls_pair_trust(file("root", "pem"));
	both = tls_pair_trust(file("both", "pem"));
	/* SEQUENCE, SET, SEQUENCE, OID of 5 bytes, and "root" as UTF8String */
	assert_int_equal(trust_names_bytes(one), 2 + 2 + 2 + 2 + 5 + 2 + 4);
	assert_int_equal(trust_names_bytes(both), 2 * trust_names_bytes(one) + 1);
	trust_free(one);
	trust_free(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown),    cmocka_unit_test(time_passes),
		cmocka_unit_test(too_much), cmocka_unit_test(sessions),
		cmocka_unit_test(parked),   cmocka_unit_test(names_are_counted),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, make_all, drop_all);
}
