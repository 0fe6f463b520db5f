/* The table of certificates: lookup by name, files that change, failing reads, threads. */
#include "harness/check.h"
#include "harness/tls_pair.h"

#include "base/arena.h"
#include "base/fault.h"
#include "crypto/crypto.h"
#include "crypto/key.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static void found_by_name(void **state)
{
	static const struct {
		const char *host, *want;
	} rows[] = {
		{ "one.example", "one.example" },   { "ONE.example", "one.example" },
		{ "one.example.", "one.example" },  { "two.example", "two.example" },
		{ "x.one.example", "mail.example" }, { "", "mail.example" },
		{ "mail.example", "mail.example" }, { "unknown.example", "mail.example" },
	};
	static const char *const hosts[] = { "one.example", "two.example" };
	struct certs *s = certs_new();
	struct str key, cert;

	(void)state;
	check_str(shown(s, "one.example"), STR_EMPTY);
	cert = pem_of("mail.example", &key);
	assert_int_equal(certs_set(s, cert, key, NULL), OK);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		cert = pem_of(hosts[i], &key);
		assert_int_equal(certs_add(s, cert, key, NULL), OK);
		assert_int_equal(certs_add(s, cert, key, NULL), OK); /* replaces itself */
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, shown(s, rows[i].host), str_of(rows[i].want));
	assert_true(certs_remove(s, STR("one.example")));
	check_str(shown(s, "one.example"), STR("mail.example"));
	check_str(shown(s, "two.example"), STR("two.example"));
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
		assert_int_equal(certs_add(s, cert, key, NULL), OK);
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
		TEST(found_by_name),
		TEST(files_are_noticed),
		TEST(every_failing_call_leaves_the_old_one),
		TEST(odd_files_are_refused),
		TEST(changed_under_handshakes),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
