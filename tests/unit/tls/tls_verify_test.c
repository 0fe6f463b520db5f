/* What a client makes of a server's certificate: chains made by openssl. */
#include "harness/check.h"
#include "harness/openssl.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/crypto.h"

#include <string.h>

/* A root, an intermediate CA and two leaves (RSA and ECDSA) for *.example.org. */
static const char *const setup[] = {
	"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN=Root "
	"-addext basicConstraints=critical,CA:TRUE -keyout root.key -out root.pem; echo ok",
	"req -newkey rsa:2048 -nodes -subj /CN=Middle -keyout ca.key -out ca.csr; "
	"printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign' >ca.ext; "
	"openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -CAcreateserial -days 60 "
	"-extfile ca.ext -out ca.pem; echo ok",
	"req -newkey rsa:2048 -nodes -subj /CN=leaf -keyout rsa.key -out rsa.csr; "
	"openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj /CN=leaf "
	"-keyout ec.key -out ec.csr; printf 'subjectAltName=DNS:*.example.org' >leaf.ext; "
	"for t in rsa ec; do openssl x509 -req -in $t.csr -CA ca.pem -CAkey ca.key "
	"-CAcreateserial -days 30 -extfile leaf.ext -out $t.pem; "
	"cat $t.pem ca.pem >$t.chain; cat ca.pem $t.pem >$t.wrong; done; echo ok",
};

static struct arena files;
static bool ready;

static struct str file(const char *name)
{
	return openssl(&files, str_z(&files, str_fmt(&files, "version >/dev/null; cat %s", name)));
}

static int make_all(void **state)
{
	(void)state;
	ready = openssl_there();
	for (size_t i = 0; ready && i < COUNT(setup); i++)
		if (openssl(&files, setup[i]).n == 0)
			return -1;
	return 0;
}

static int drop_all(void **state)
{
	(void)state;
	arena_deinit(&files);
	return 0;
}

struct result {
	bool open, verified;
	char why[WHY_MAX]; /* why not verified, or why it failed */
};

static struct result try_host(const char *chain, const char *key, const char *roots,
                              const char *host, enum tls_verify verify)
{
	struct certs *certs = certs_new();
	struct tls_server *server = tls_server_open(certs, 0);
	struct trust *trust = roots != NULL ? tls_pair_trust(file(roots)) : NULL;
	struct tls_client_config config = { .trust = trust, .verify = verify };
	struct result r = { 0 };
	struct tls_pair p;
	struct why why = { "" };

	if (certs_set(certs, file(chain), file(key), &why) != OK)
		fail_msg("%s: %s", chain, why.text);
	p = tls_pair_new(server, &config, host);
	tls_pair_pump(&p, 1000);
	r.open = tls_state(p.client) == TLS_OPEN && tls_state(p.server) == TLS_OPEN;
	r.verified = tls_peer_verified(p.client, &why);
	strcpy(r.why, tls_state(p.client) == TLS_FAILED ? tls_why(p.client) : why.text);
	tls_pair_free(&p);
	tls_server_close(server);
	certs_free(certs);
	trust_free(trust);
	return r;
}

static void verdicts(void **state)
{
	static const struct {
		const char *chain, *roots, *host, *why; /* why: "" is verified */
	} rows[] = {
		{ "ec.chain", "root.pem", "mx.example.org", "" },
		{ "rsa.chain", "root.pem", "mx.example.org", "" },
		{ "rsa.chain", "root.pem", "MX.Example.ORG", "" },
		{ "rsa.chain", "ca.pem", "mx.example.org", "" },
		{ "rsa.chain", "rsa.pem", "mx.example.org", "" }, /* the leaf itself is trusted */
		{ "ec.chain", "root.pem", "mx.example.com",
		  "the certificate is for another name" },
		{ "ec.chain", "root.pem", "example.org", "the certificate is for another name" },
		{ "ec.chain", "root.pem", "", "the certificate is for another name" },
		{ "ec.chain", "root.pem", "192.0.2.1", "the certificate is for another name" },
		{ "ec.chain", "rsa.pem", "mx.example.org",
		  "the certificate is from no trusted authority" },
		{ "ec.pem", "root.pem", "mx.example.org", /* without the intermediate */
		  "the certificate is from no trusted authority" },
		{ "ec.chain", NULL, "mx.example.org",
		  "there are no trusted authorities to verify with" },
	};

	(void)state;
	if (!ready)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *key = rows[i].chain[0] == 'e' ? "ec.key" : "rsa.key";
		bool good = *rows[i].why == '\0';
		struct result r;

		/* opportunistic: open in any case, and the verdict is told */
		r = try_host(rows[i].chain, key, rows[i].roots, rows[i].host, TLS_VERIFY_NONE);
		check_at(i, r.open && r.verified == good);
		check_str_at(i, str_of(r.why), str_of(rows[i].why));
		/* strict: open only when verified */
		r = try_host(rows[i].chain, key, rows[i].roots, rows[i].host, TLS_VERIFY_PKIX);
		check_at(i, r.open == good && r.verified == good);
		check_at(i, str_ends(str_of(r.why), str_of(rows[i].why)));
	}
}

static void expired_and_not_yet_valid(void **state)
{
	static const int64_t days[] = { 40, -2 };

	(void)state;
	if (!ready)
		skip();
	for (size_t i = 0; i < COUNT(days); i++) {
		struct result r;

		clock_shift_real(days[i] * 86400000);
		r = try_host("ec.chain", "ec.key", "root.pem", "mx.example.org", TLS_VERIFY_PKIX);
		clock_shift_real(-days[i] * 86400000);
		check_at(i, !r.open);
		check_str_at(i, str_of(r.why),
		             STR("handshake: the certificate has expired or is not yet valid"));
	}
}

static void certificates_refused_at_loading(void **state)
{
	static const struct {
		const char *cert, *key, *why;
	} rows[] = {
		{ "ec.chain", "rsa.key",
		  "the certificate is for a key of type ECDSA P-384, the private key is RSA" },
		{ "root.pem", "ec.key", "the certificate is for a key of type ECDSA P-256, "
		                        "the private key is ECDSA P-384" },
		{ "ca.pem", "rsa.key", "the private key belongs to another certificate" },
		{ "rsa.wrong", "ca.key",
		  "certificate 2 of the chain did not issue certificate 1; the server's own comes "
		  "first, then its issuer" },
		{ "rsa.key", "rsa.key", "there is no certificate in the PEM text" },
		{ "rsa.chain", "rsa.pem", "there is no private key in the PEM text" },
	};
	struct certs *certs = certs_new();

	(void)state;
	if (!ready)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, certs_set(certs, file(rows[i].cert), file(rows[i].key), &why) != OK);
		check_str_at(i, str_of(why.text), str_of(rows[i].why));
		check_at(i, certs_find(certs, STR("mx.example.org")) == NULL);
	}
	certs_free(certs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(expired_and_not_yet_valid),
		cmocka_unit_test(certificates_refused_at_loading),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, make_all, drop_all);
}
