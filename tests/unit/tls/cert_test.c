/* The table of certificates: lookup by name, files that change, failing reads, threads. */
#include "harness/check.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t day_ms = INT64_C(86400000);
static struct arena a;
static char folder[] = "/tmp/roost-cert-XXXXXX";
static char cert_path[64], key_path[64];

static int make(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/roost-cert-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(cert_path, sizeof cert_path, "%s/cert.pem", folder);
	snprintf(key_path, sizeof key_path, "%s/key.pem", folder);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	unlink(cert_path);
	unlink(key_path);
	rmdir(folder);
	arena_deinit(&a);
	return 0;
}

/* As operators' tools do: a new file takes the place of the old one. */
static void put(const char *path, struct str s)
{
	char temporary[80];
	int fd;

	snprintf(temporary, sizeof temporary, "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(write(fd, s.p, s.n) == (ssize_t)s.n);
	close(fd);
	assert_int_equal(rename(temporary, path), 0);
}

static struct str pem_of(const char *host, struct str *key)
{
	struct str cert;

	assert_int_equal(cert_self_signed_make(str_of(host), &a, &cert, key, NULL), OK);
	return cert;
}

/* The first name of the certificate that is shown for this host; empty when none. */
static struct str shown(struct certs *s, const char *host)
{
	struct cert *c = certs_find(s, str_of(host));
	struct str name = STR_EMPTY;
	size_t n;

	if (c != NULL)
		name = str_dup(&a, cert_chain(c, &n)->names[0]);
	cert_unref(c);
	return name;
}

static void put_own(struct certs *s, const char *id, enum cert_source source, const char *host)
{
	struct str key, cert = pem_of(host, &key);

	assert_int_equal(certs_put(s, str_of(id), source, cert, key, NULL), OK);
}

static void found_by_name(void **state)
{
	static const struct {
		const char *host, *want;
	} rows[] = {
		{ "one.example", "one.example" },    { "ONE.example", "one.example" },
		{ "one.example.", "one.example" },   { "two.example", "two.example" },
		{ "x.one.example", "mail.example" }, { "", "mail.example" },
		{ "mail.example", "mail.example" },  { "unknown.example", "mail.example" },
		{ "example", "mail.example" },       { ".example", "mail.example" },
	};
	struct certs *s = certs_new();
	struct str key, cert;

	(void)state;
	check_str(shown(s, "one.example"), STR_EMPTY);
	cert = pem_of("mail.example", &key);
	assert_int_equal(certs_set(s, cert, key, NULL), OK);
	for (int i = 0; i < 2; i++) { /* it takes its own place */
		put_own(s, "1", CERT_OWN, "one.example");
		put_own(s, "2", CERT_AUTHORITY, "two.example");
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, shown(s, rows[i].host), str_of(rows[i].want));
	assert_true(certs_remove(s, STR("1")));
	assert_false(certs_remove(s, STR("1")));
	check_str(shown(s, "one.example"), STR("mail.example"));
	check_str(shown(s, "two.example"), STR("two.example"));
	certs_free(s);
}

/* A certificate with these names, separated by blanks, by a tool of its own; empty without it. */
static struct str openssl_pem(const char *names, const char *options)
{
	char command[1024], *text = arena_alloc(&a, 16384);
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof command,
	         "for n in %s; do alt=\"$alt${alt:+,}DNS:$n\"; done; "
	         "openssl req -x509 -nodes -subj /CN=x -addext \"subjectAltName=$alt\" "
	         "-keyout /dev/stdout %s 2>/dev/null",
	         names, options);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(text, 1, 16384, pipe);
	pclose(pipe);
	return str_from(text, n);
}

#define EC "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days "
#define RSA "-newkey rsa:2048 -days "

/* Who is shown for a name when several carry it. Each has a mark: its last name. */
static void the_best_of_several(void **state)
{
	static const struct {
		const char *id;
		enum cert_source source;
		const char *names, *options;
	} given[] = {
		{ "", CERT_SELF, "mx.example.org self.mark", EC "9" },
		{ "host", CERT_AUTHORITY, "mx.example.org a.example.org host.mark", EC "9" },
		{ "host-rsa", CERT_AUTHORITY, "mx.example.org host-rsa.mark", RSA "9" },
		{ "wild", CERT_AUTHORITY, "*.example.org *.example.net wild.mark", EC "9" },
		{ "own", CERT_OWN, "b.example.org own.mark", EC "9" },
		{ "own-wild", CERT_OWN, "*.own.example own-wild.mark", EC "9" },
		{ "own-exact", CERT_OWN, "c.own.example own-exact.mark", EC "9" },
		{ "longer", CERT_OWN, "c.own.example longer.mark", EC "20" },
		{ "ended", CERT_OWN, "e.example.org ended.mark", EC "1" },
		{ "acme-c", CERT_AUTHORITY, "d.own.example acme.mark", EC "9" },
	};
	static const struct {
		const char *host;
		bool rsa_only;
		const char *mark;
	} rows[] = {
		{ "mx.example.org", false, "host.mark" },
		{ "mx.example.org", true, "host-rsa.mark" },
		{ "a.example.org", false, "host.mark" }, /* written out before the wildcard */
		{ "x.example.org", false, "wild.mark" },
		{ "x.y.example.org", false, "host.mark" }, /* one label: the default */
		{ "example.org", false, "host.mark" },
		{ "b.example.org", false, "own.mark" },
		{ "c.own.example", false, "longer.mark" },
		{ "d.own.example", false, "own-wild.mark" }, /* brought before got */
		{ "e.example.org", false, "wild.mark" },     /* the exact one has ended */
		{ "", false, "host.mark" },
		{ "", true, "host-rsa.mark" },
		{ "nobody.example", false, "host.mark" },
		{ "nobody.example", true, "host-rsa.mark" },
	};
	struct certs *s = certs_new();

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++) {
		struct str pem = openssl_pem(given[i].names, given[i].options);

		if (pem.n == 0)
			skip(); /* no openssl here */
		check_at(i,
		         certs_put(s, str_of(given[i].id), given[i].source, pem, pem, NULL) == OK);
	}
	clock_shift_real(2 * day_ms);
	certs_default(s, STR("mx.example.org"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str host = str_of(rows[i].host);
		struct cert *c = rows[i].rsa_only ? certs_find_rsa(s, host) : certs_find(s, host);
		const struct x509 *leaf;
		size_t n;

		assert_non_null(c);
		leaf = cert_chain(c, &n);
		check_str_at(i, leaf->names[leaf->name_count - 1], str_of(rows[i].mark));
		cert_unref(c);
	}
	assert_true(certs_uploaded(s, STR("b.example.org"), clock_real_ms()));
	assert_false(certs_uploaded(s, STR("e.example.org"), clock_real_ms()));
	assert_true(certs_vouched(s, STR("b.example.org"), false));
	assert_false(certs_vouched(s, STR("e.example.org"), true)); /* by its own word */
	assert_false(certs_uploaded(s, STR("b.example.org"), clock_real_ms() + 10 * day_ms));
	clock_shift_real(-2 * day_ms);
	certs_free(s);
}

/* The host gets another name: the certificate it had stays until there is one for the new. */
static void the_default_follows(void **state)
{
	struct certs *s = certs_new();
	struct str key, cert = pem_of("self.example", &key);

	(void)state;
	assert_int_equal(certs_set(s, cert, key, NULL), OK);
	certs_default(s, STR("old.example"));
	check_str(shown(s, ""), STR("self.example"));
	put_own(s, "host", CERT_AUTHORITY, "old.example");
	check_str(shown(s, ""), STR("old.example"));
	certs_default(s, STR("new.example"));
	check_str(shown(s, ""), STR("old.example"));
	put_own(s, "new", CERT_OWN, "new.example");
	certs_default(s, STR("new.example"));
	check_str(shown(s, ""), STR("new.example"));
	assert_true(certs_remove(s, STR("new")));
	check_str(shown(s, ""), STR("self.example"));
	certs_free(s);
}

/* Looking up one of many costs hardly more than one of few. */
static void of_a_thousand(void **state)
{
	enum { MANY = 1000, LOOKS = 20000 };
	struct certs *s = certs_new();
	struct str key, cert = pem_of("x.example", &key);
	int64_t us[2];
	char host[64];

	(void)state;
	assert_int_equal(certs_set(s, cert, key, NULL), OK);
	for (size_t turn = 0; turn < COUNT(us); turn++) {
		us[turn] = clock_mono_us();
		for (int i = 0; i < LOOKS; i++) {
			snprintf(host, sizeof host, "h%d.example", i % (turn == 0 ? 1 : MANY));
			cert_unref(certs_find(s, str_of(host)));
		}
		us[turn] = clock_mono_us() - us[turn];
		for (int i = 0; turn == 0 && i < MANY; i++) {
			snprintf(host, sizeof host, "h%d.example", i);
			put_own(s, host, CERT_OWN, host);
		}
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(host, sizeof host, "h%d.example", i);
		check_str_at((size_t)i, shown(s, host), str_of(host));
	}
	print_message("look-up: %.2f us of one certificate, %.2f us of %d\n", (double)us[0] / LOOKS,
	              (double)us[1] / LOOKS, MANY);
	assert_true(us[1] < us[0] * 20 + 100000);
	certs_free(s);
}

static void files_are_noticed(void **state)
{
	struct certs *s = certs_new();
	struct str key, cert;
	struct why why;
	bool changed;

	(void)state;
	assert_int_equal(certs_load_files(s, cert_path, key_path, &why), ERR_MISSING);
	cert = pem_of("one.example", &key);
	put(cert_path, cert);
	put(key_path, key);
	assert_int_equal(certs_load_files(s, cert_path, key_path, &why), OK);
	assert_int_equal(certs_reload_if_changed(s, &changed, &why), OK);
	assert_false(changed);

	/* the certificate comes first: it does not fit, the old one stays, said once */
	cert = pem_of("two.example", &key);
	put(cert_path, cert);
	assert_int_equal(certs_reload_if_changed(s, &changed, &why), ERR_CONFLICT);
	assert_string_equal(why.text, "the private key belongs to another certificate");
	assert_false(changed);
	assert_int_equal(certs_reload_if_changed(s, &changed, &why), OK);
	check_str(shown(s, ""), STR("one.example"));
	put(key_path, key);
	assert_int_equal(certs_reload_if_changed(s, &changed, &why), OK);
	assert_true(changed);
	check_str(shown(s, ""), STR("two.example"));

	unlink(cert_path);
	assert_int_equal(certs_reload_if_changed(s, &changed, &why), ERR_MISSING);
	check_str(shown(s, ""), STR("two.example"));
	certs_free(s);
}

static void every_failing_call_leaves_the_old_one(void **state)
{
	struct certs *s = certs_new();
	struct str key, cert = pem_of("old.example", &key);
	unsigned n = 1;

	(void)state;
	assert_int_equal(certs_set(s, cert, key, NULL), OK);
	cert = pem_of("new.example", &key);
	put(cert_path, cert);
	put(key_path, key);
	for (;; n++) {
		struct why why = { "" };
		enum err e;

		fault_arm(n);
		e = certs_load_files(s, cert_path, key_path, &why);
		if (!fault_fired())
			break;
		check_at(n, e == ERR_IO && why.text[0] == '/');
		check_str_at(n, shown(s, ""), STR("old.example"));
	}
	fault_arm(0);
	assert_true(n > 4);
	check_str(shown(s, ""), STR("new.example"));
	certs_free(s);
}

static void odd_files_are_refused(void **state)
{
	struct certs *s = certs_new();
	struct why why;

	(void)state;
	assert_int_equal(certs_load_files(s, "/", "/", &why), ERR_LIMIT);
	assert_int_equal(certs_load_files(s, "/dev/zero", "/dev/zero", &why), ERR_LIMIT);
	put(cert_path, STR_EMPTY);
	assert_int_equal(certs_load_files(s, cert_path, cert_path, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "there is no certificate in the PEM text");
	certs_free(s);
}

static void *handshakes(void *server)
{
	static const struct tls_client_config config;

	for (int i = 0; i < 30; i++) {
		struct tls_pair p = tls_pair_new(server, &config, "mail.example");
		bool open;

		tls_pair_pump(&p, 4096);
		open = tls_state(p.client) == TLS_OPEN && tls_state(p.server) == TLS_OPEN;
		tls_pair_free(&p);
		if (!open)
			return server;
	}
	return NULL;
}

/* For ThreadSanitizer: certificates change and sessions are stored under handshakes. */
static void changed_under_handshakes(void **state)
{
	struct certs *s = tls_pair_certs("mail.example", &a, NULL);
	struct tls_server *server = tls_server_open(s, 4);
	pthread_t threads[3];
	struct str key, cert;
	void *failed;

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, handshakes, server), 0);
	for (int i = 0; i < 30; i++) {
		cert = pem_of("mail.example", &key);
		assert_int_equal(certs_set(s, cert, key, NULL), OK);
		assert_int_equal(certs_put(s, STR("x"), CERT_OWN, cert, key, NULL), OK);
	}
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		check_at(i, failed == NULL);
	}
	tls_server_close(server);
	certs_free(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(found_by_name),         TEST(the_best_of_several),
		TEST(the_default_follows),   TEST(of_a_thousand),
		TEST(files_are_noticed),     TEST(every_failing_call_leaves_the_old_one),
		TEST(odd_files_are_refused), TEST(changed_under_handshakes),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
