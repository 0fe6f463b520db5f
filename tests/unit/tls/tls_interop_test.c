/* TLS with OpenSSL on the other side, over loopback sockets. */
#include "harness/check.h"
#include "harness/openssl.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct arena files;
static struct certs *certs;
static struct tls_server *server;
static bool ready;

/* An ECDSA certificate by default, an RSA one for rsa.example. */
static int make_all(void **state)
{
	struct str pem, key, both;
	struct why why;

	(void)state;
	ready = openssl_there();
	if (!ready)
		return 0;
	certs = tls_pair_certs("ec.example", &files, NULL);
	both = openssl(&files, "req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=rsa.example "
	                       "-addext subjectAltName=DNS:rsa.example -keyout /dev/stdout");
	if (certs_put(certs, STR("rsa"), CERT_OWN, both, both, &why) != OK ||
	    cert_self_signed_make(STR("peer.example"), &files, &pem, &key, &why) != OK) {
		print_error("%s\n", why.text);
		return -1;
	}
	openssl_file("peer.pem", pem);
	openssl_file("peer.key", key);
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

/* Blocking reads and writes until the connection is over or wanted has come. Returns all
 * plaintext. */
static struct str talk(struct tls *t, int fd, struct str say, struct str wanted)
{
	char scratch[5000];
	struct str all = STR_EMPTY, out, plain;
	ssize_t n = 1;

	for (;;) {
		if (say.n > 0 && tls_state(t) == TLS_OPEN) {
			say = str_sub(say, tls_put_plain(t, say), say.n);
			tls_flush(t);
		}
		while ((out = tls_cipher(t)).n > 0) {
			n = send(fd, out.p, out.n, MSG_NOSIGNAL);
			if (n <= 0)
				break;
			tls_cipher_drop(t, (size_t)n);
		}
		if (say.n > 0 && tls_state(t) == TLS_OPEN)
			continue;
		if (n <= 0 || tls_state(t) > TLS_OPEN || str_find(all, wanted) >= 0)
			return all;
		n = read(fd, scratch, sizeof scratch);
		if (n <= 0)
			tls_put_eof(t);
		for (size_t at = 0; n > 0 && at < (size_t)n && tls_state(t) <= TLS_OPEN;) {
			at += tls_put_cipher(t, str_from(scratch + at, (size_t)n - at));
			plain = tls_plain(t);
			all = str_fmt(&files, "%.*s%.*s", STR_ARG(all), STR_ARG(plain));
			tls_plain_drop(t, plain.n);
		}
	}
}

static int listen_any(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

struct seen {
	struct str description, plain;
	bool resumed;
	char why[WHY_MAX];
};

/* One or more connections of s_client with these options; the last one is told. */
static struct seen serve_client(const char *options, int connections)
{
	struct seen seen = { 0 };
	struct tls *t;
	unsigned port;
	int listener = listen_any(&port);
	FILE *client;
	char sink[512];

	client = popen(str_z(&files, str_fmt(&files,
		"echo 'hello from openssl' | timeout 20 openssl s_client -ign_eof -connect "
		"127.0.0.1:%u %s >/dev/null 2>&1", port, options)), "r");
	assert_non_null(client);
	for (int i = 0; i < connections; i++) {
		int fd = accept(listener, NULL, NULL);

		assert_true(fd >= 0);
		t = tls_server_new(server, true);
		seen.plain = talk(t, fd, STR("hello from roost\n"), STR("openssl\n"));
		seen.description = tls_describe(t, &files);
		seen.resumed = tls_resumed(t);
		snprintf(seen.why, sizeof seen.why, "%s", tls_why(t));
		tls_close(t);
		if (tls_cipher(t).n > 0)
			(void)!send(fd, tls_cipher(t).p, tls_cipher(t).n, MSG_NOSIGNAL);
		tls_free(t);
		close(fd);
	}
	close(listener);
	while (fgets(sink, sizeof sink, client) != NULL)
		;
	pclose(client);
	return seen;
}

static void openssl_as_client(void **state)
{
	static const struct {
		const char *options, *suite; /* suite NULL: it must fail */
	} rows[] = {
		{ "-tls1_2 -servername ec.example", "TLSv1.2 ECDHE-ECDSA-" },
		{ "-tls1_2 -noservername", "TLSv1.2 ECDHE-ECDSA-" },
		{ "-servername ec.example", "TLSv1.2 ECDHE-ECDSA-" }, /* offers 1.3 too */
		{ "-tls1_2 -servername rsa.example", "TLSv1.2 ECDHE-RSA-" },
		{ "-cipher ECDHE-ECDSA-CHACHA20-POLY1305 -tls1_2",
		  "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305" },
		{ "-cipher ECDHE-ECDSA-AES256-GCM-SHA384 -tls1_2",
		  "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384" },
		{ "-cipher ECDHE-RSA-AES128-GCM-SHA256 -tls1_2 -servername rsa.example",
		  "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256" },
		{ "-curves P-256 -tls1_2", "TLSv1.2 ECDHE-ECDSA-" },
		{ "-curves P-384:P-256 -tls1_2", "TLSv1.2 ECDHE-ECDSA-" },
		{ "-curves X25519:P-256 -tls1_2", "TLSv1.2 ECDHE-ECDSA-" },
		{ "-cipher AES128-SHA -tls1_2", NULL },
		{ "-cipher ECDHE-ECDSA-AES128-SHA256 -tls1_2", NULL },
		{ "-tls1_1 -cipher ALL:@SECLEVEL=0", NULL },
		{ "-tls1_3", NULL },
	};

	(void)state;
	if (!ready)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct seen seen = serve_client(rows[i].options, 1);

		if (rows[i].suite == NULL) {
			check_at(i, seen.plain.n == 0 && seen.description.n == 0);
			check_at(i, *seen.why != '\0');
			continue;
		}
		check_str_at(i, seen.plain, STR("hello from openssl\n"));
		check_at(i, str_starts(seen.description, str_of(rows[i].suite)));
	}
}

static void openssl_resumes(void **state)
{
	(void)state;
	if (!ready)
		skip();
	/* -reconnect makes one full handshake and five with the same session */
	assert_true(serve_client("-reconnect -tls1_2 -no_ticket", 6).resumed);
}

struct answer {
	struct str plain, description;
	bool verified;
};

/* Our client against s_server -rev, which sends each line back reversed. */
static struct answer ask_server(const char *options, const struct tls_client_config *config)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct answer r = { 0 };
	unsigned port = 0;
	char line[512];
	struct tls *t;
	FILE *f;
	int fd;

	f = popen(str_z(&files, str_fmt(&files, "cd %s; timeout 20 openssl s_server </dev/null "
		"-accept 127.0.0.1:0 -naccept 1 -rev -key peer.key -cert peer.pem %s 2>/dev/null",
		openssl_folder(), options)), "r");
	assert_non_null(f);
	while (port == 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "ACCEPT 127.0.0.1:", 17) == 0)
			port = (unsigned)strtoul(line + 17, NULL, 10);
	assert_int_not_equal(port, 0);
	a.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	t = tls_client_new(config, STR("peer.example"));
	r.plain = talk(t, fd, STR("roost\n"), STR("tsoor\n"));
	r.description = tls_describe(t, &files);
	r.verified = tls_peer_verified(t, NULL);
	tls_free(t);
	close(fd);
	pclose(f);
	return r;
}

static void openssl_as_server(void **state)
{
	static const struct {
		const char *options;
		bool old, ok;
		const char *suite;
	} rows[] = {
		{ "-tls1_2", false, true, "TLSv1.2 ECDHE-ECDSA-" },
		{ "", false, true, "TLSv1.2 ECDHE-ECDSA-" },
		{ "-cipher ECDHE-ECDSA-AES128-SHA256 -tls1_2", true, true,
		  "TLSv1.2 ECDHE-ECDSA-AES128-SHA256" },
		{ "-cipher ECDHE-ECDSA-AES128-SHA256 -tls1_2", false, false, "" },
		{ "-tls1_3", true, false, "" },
	};
	struct trust *trust;

	(void)state;
	if (!ready)
		skip();
	trust = tls_pair_trust(openssl(&files, "x509 -in peer.pem"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tls_client_config config = { .trust = trust, .old_ciphers = rows[i].old };
		struct answer r = ask_server(rows[i].options, &config);

		check_str_at(i, r.plain, rows[i].ok ? STR("tsoor\n") : STR_EMPTY);
		check_at(i, r.verified == rows[i].ok);
		check_at(i, str_starts(r.description, str_of(rows[i].suite)));
	}
	trust_free(trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_as_client),
		cmocka_unit_test(openssl_resumes),
		cmocka_unit_test(openssl_as_server),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, make_all, drop_all);
}
