/* Provisioning, the certificate, and the life of the server: whatever goes wrong at the start
 * ends it cleanly (leaks are the sanitizer's to find), with a sentence that names the cause. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/cli/command.h"
#include "console/server/certificate.h"
#include "console/server/server.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/config/settings.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"
#include "network/runtime/addr.h"
#include "network/runtime/socket.h"
#include "network/tls/cert.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- provision --------------------------------------------------------------------------- */

static enum err account_get_one(struct txn *t, void *arg)
{
	struct account *out = arg;

	return account_find(t, STR("me@example.org"), txn_arena(t), out);
}

static enum err domains_count(struct txn *t, void *arg)
{
	struct domain_list list;
	enum err e = domain_list(t, txn_arena(t), &list);

	*(size_t *)arg = list.count;
	return e;
}

static void test_provision(void **state)
{
	static const struct {
		const char *domain, *admin, *password;
		enum err e;
		size_t domains;
		bool account;
		const char *why;
	} rows[] = {
		{ "", "", "", OK, 0, false, "" },
		{ "example.org", "", "", OK, 1, false, "" },
		{ "example.org", "me@example.org", "plum orchard", OK, 1, true, "" },
		{ "other.example", "me@example.org", "plum orchard", OK, 2, true, "" },
		{ "", "me@example.org", "plum orchard", OK, 1, true, "" },
		{ "", "me@example.org", "", ERR_MISSING, 0, false, "ROOST_ADMIN_PASSWORD" },
		{ "", "me", "plum orchard", ERR_SYNTAX, 0, false, "ROOST_ADMIN" },
		{ "no domain", "", "", ERR_SYNTAX, 0, false, "ROOST_DOMAIN: " },
		{ "example.org", "m e@example.org", "plum orchard", ERR_SYNTAX, 0, false,
		  "ROOST_ADMIN: " },
		{ "", "me@", "plum orchard", ERR_SYNTAX, 0, false, "ROOST_ADMIN: " },
		{ "", "me@example.org", "caf\xe9", ERR_SYNTAX, 0, false, "ROOST_ADMIN_PASSWORD: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct settings s = { .domain = str_of(rows[i].domain),
			              .admin = str_of(rows[i].admin),
			              .admin_password = str_of(rows[i].password) };
		struct account account = { 0 };
		struct temp_store ts;
		struct why why = { "" };
		size_t domains = 0;

		temp_store_open(&ts, STORE_MEMORY);
		check_at(i, provision(ts.store, &s, &why) == rows[i].e);
		if (strstr(why.text, rows[i].why) == NULL)
			fail_msg("row %zu: \"%s\"", i, why.text);
		assert_int_equal(store_read(ts.store, domains_count, &domains), OK);
		check_at(i, domains == rows[i].domains);
		check_at(i, (store_read(ts.store, account_get_one, &account) == OK) ==
		                    rows[i].account);
		check_at(i, (account.role == ROLE_OWNER) == rows[i].account);
		/* Again changes nothing, and needs no password any more. */
		s.admin_password = STR_EMPTY;
		if (rows[i].e == OK)
			check_at(i, provision(ts.store, &s, NULL) == OK);
		temp_store_remove(&ts);
	}
}

/* --- certificate ------------------------------------------------------------------------- */

static struct str record;

static enum err record_get(struct txn *t, void *arg)
{
	struct str value;
	enum err e = kv_get(t, SPACE_SETTING, STR("tls.self-signed"), &value);

	if (e == OK)
		*(struct str *)arg = str_new(value);
	return e;
}

static enum err record_put(struct txn *t, void *arg)
{
	return kv_put(t, SPACE_SETTING, STR("tls.self-signed"), *(struct str *)arg);
}

/* A start with this name; is the record the same as after the last? */
static bool same_certificate(struct store *store, const char *hostname)
{
	struct settings s = { 0 };
	struct certs *certs = certs_new();
	struct str now = STR_EMPTY;
	bool same;

	assert_int_equal(certificate_load(certs, store, &s, str_of(hostname), NULL), OK);
	certs_free(certs);
	assert_int_equal(store_read(store, record_get, &now), OK);
	same = str_eq(now, record);
	str_free(&record);
	record = now;
	return same;
}

static void test_self_signed(void **state)
{
	struct str broken[] = { STR("x"), STR(""), STR("\x01\x04mail\x00"), STR("\x02") };
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_false(same_certificate(ts.store, "mail.example.org"));
	assert_true(same_certificate(ts.store, "mail.example.org"));
	assert_false(same_certificate(ts.store, "other.example.org"));
	assert_true(same_certificate(ts.store, "other.example.org"));
	for (size_t i = 0; i < COUNT(broken); i++) {
		assert_int_equal(store_write(ts.store, record_put, &broken[i], NULL), OK);
		check_at(i, !same_certificate(ts.store, "other.example.org"));
		check_at(i, same_certificate(ts.store, "other.example.org"));
	}
	str_free(&record);
	temp_store_remove(&ts);
}

/* It is made anew when little of its ten years is left, and when it is from the future: made
 * before a machine without a clock of its own had asked for the time. */
static void test_self_signed_in_time(void **state)
{
	static const struct {
		int shift_days; /* from the row before */
		bool same;
	} rows[] = {
		{ 0, false },  { 0, true },      { 3652 - 20, true }, { 10, false },
		{ 400, true }, { -3000, false }, { 3000, true },
	};
	const int64_t day_ms = 86400 * 1000;
	int64_t shift_ms = 0;
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	for (size_t i = 0; i < COUNT(rows); i++) {
		clock_shift_real(rows[i].shift_days * day_ms);
		shift_ms += rows[i].shift_days * day_ms;
		check_at(i, same_certificate(ts.store, "mail.example.org") == rows[i].same);
	}
	clock_shift_real(-shift_ms);
	str_free(&record);
	temp_store_remove(&ts);
}

/* --- the server's life -------------------------------------------------------------------- */

enum { SETTINGS_MAX = 22 };

static struct temp_folder folder;
static int log_pipe[2];

static void file_make(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* "NAME=" of a row is that of another. */
static bool same_name(const char *a, const char *b)
{
	return strncmp(a, b, strcspn(a, "=") + 1) == 0;
}

/* What is usual but for what more says otherwise. */
static void environment_make(struct arena *a, const char *const *more, char **out)
{
	const char *const usual[] = {
		str_z(a, str_fmt(a, "ROOST_DATA=%s", temp_path(&folder, "data"))),
		"ROOST_HOSTNAME=mail.example.org",
		"ROOST_LISTEN_SMTP=127.0.0.1:0",
		"ROOST_LISTEN_SUBMISSION=",
		"ROOST_LISTEN_SUBMISSIONS=",
		"ROOST_LISTEN_IMAP=127.0.0.1:0",
		"ROOST_LISTEN_IMAPS=",
		"ROOST_LISTEN_POP3=",
		"ROOST_LISTEN_POP3S=",
		"ROOST_LISTEN_MANAGESIEVE=",
		"ROOST_LISTEN_HTTP=127.0.0.1:0",
		"ROOST_LISTEN_HTTPS=",
		"ROOST_DNS_SERVERS=127.0.0.1:1",
		"ROOST_STOP=1",
		"ROOST_CONFINE=off", /* this process goes on with other tests */
	};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(usual); i++) {
		bool given = false;

		for (size_t k = 0; more[k] != NULL; k++)
			given |= same_name(more[k], usual[i]);
		if (!given)
			out[n++] = (char *)(uintptr_t)usual[i];
	}
	for (size_t k = 0; more[k] != NULL; k++)
		out[n++] = (char *)(uintptr_t)more[k];
	assert_true(n < SETTINGS_MAX);
	out[n] = NULL;
}

/* Serve until the signal that waits already; what was logged is appended to said. */
static int run(const char *const *more, struct buf *said)
{
	char *environment[SETTINGS_MAX], chunk[4096];
	struct arena a = { 0 };
	struct settings s;
	struct why why = { "" };
	int status = EXIT_USAGE;
	sigset_t term;
	ssize_t got;

	environment_make(&a, more, environment);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	kill(getpid(), SIGTERM);
	if (settings_read(&s, environment, &why) == OK)
		status = serve(&s);
	else
		buf_put(said, str_of(why.text));
	settings_deinit(&s);
	sigtimedwait(&term, NULL, &(struct timespec){ 0 });
	while ((got = read(log_pipe[0], chunk, sizeof chunk)) > 0)
		buf_bytes(said, chunk, (size_t)got);
	arena_deinit(&a);
	return status;
}

static void test_start_and_stop(void **state)
{
	static const char *const nothing[] = { NULL };
	struct buf said;

	(void)state;
	buf_init(&said, 1 << 20);
	for (int i = 0; i < 2; i++) { /* the second time there is a store */
		buf_reset(&said);
		assert_int_equal(run(nothing, &said), EXIT_SUCCESS);
		assert_true(str_find(buf_str(&said), STR(" server_ready ")) > 0);
		assert_true(str_find(buf_str(&said), STR(" server_stopped ")) > 0);
	}
	buf_deinit(&said);
}

static void test_bad_starts(void **state)
{
	struct addr loopback = { 0 }, taken;
	struct arena a = { 0 };
	const char *busy, *pem = temp_path(&folder, "bad.pem"), *deep;
	struct buf said;
	int fd;

	(void)state;
	addr_parse_ip(STR("127.0.0.1"), &loopback);
	assert_int_equal(socket_listen(&loopback, &fd, &taken, NULL), OK);
	busy = str_z(&a, str_fmt(&a, "ROOST_LISTEN_IMAP=127.0.0.1:%u", taken.port));
	file_make(pem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	deep = str_z(&a, str_fmt(&a, "ROOST_DATA=%s/below/it", pem));
	const struct {
		const char *more[3], *why;
	} rows[] = {
		{ { busy }, "ROOST_LISTEN_IMAP: cannot listen on 127.0.0.1:" },
		{ { deep }, "below" },
		{ { str_z(&a, str_fmt(&a, "ROOST_TLS_CERT=%s", pem)) }, "ROOST_TLS_CERT" },
		{ { "ROOST_TLS_CERT=/nowhere.pem" }, "ROOST_TLS_CERT" },
		{ { "ROOST_TLS_KEY=/nowhere.pem" }, "ROOST_TLS_KEY" },
		{ { "ROOST_SMARTHOST=gopher://x" }, "ROOST_SMARTHOST" },
		{ { "ROOST_MILTERS=inet:nowhere" }, "ROOST_MILTERS: " },
		{ { "ROOST_HOOKS=gopher://x" }, "ROOST_HOOKS: " },
		{ { "ROOST_ACCESS=perhaps peer=192.0.2.1" }, "ROOST_ACCESS: " },
		{ { "ROOST_LIMITS=account messages=many" }, "ROOST_LIMITS: " },
		{ { "ROOST_DNSBL=zen.example weight=much" }, "ROOST_DNSBL: " },
		{ { "ROOST_GREYLIST=perhaps" }, "ROOST_GREYLIST: " },
		{ { "ROOST_FCRDNS=perhaps" }, "ROOST_FCRDNS: " },
		{ { "ROOST_HELO_CHECK=perhaps" }, "ROOST_HELO_CHECK: " },
		{ { "ROOST_SENDER_DOMAIN=perhaps" }, "ROOST_SENDER_DOMAIN: " },
		{ { "ROOST_REWRITE=sender=*@a.example" }, "ROOST_REWRITE: " },
		{ { "ROOST_QUEUES=define=" }, "ROOST_QUEUES: " },
		{ { "ROOST_ROUTES=to=*.example via=nobody" }, "ROOST_ROUTES" },
		{ { "ROOST_RELAYS=name=office to=gopher://x" }, "ROOST_RELAYS: " },
		{ { "ROOST_ADMIN=me@example.org" }, "ROOST_ADMIN_PASSWORD" },
		{ { "ROOST_ADMIN=me", "ROOST_ADMIN_PASSWORD=secret12" }, "ROOST_ADMIN" },
		{ { "ROOST_DNS_SERVERS=x" }, "ROOST_DNS_SERVERS: " },
		{ { "ROOST_DNS_SERVERS=name:53" }, "ROOST_DNS_SERVERS: " },
		{ { "ROOST_LISTEN_SMTP=x" }, "ROOST_LISTEN_SMTP: " },
		{ { "ROOST_LISTEN_SMTP=localhost:25" }, "ROOST_LISTEN_SMTP: " },
	};

	buf_init(&said, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&said);
		check_at(i, run(rows[i].more, &said) != EXIT_SUCCESS);
		if (str_find(buf_str(&said), str_of(rows[i].why)) < 0)
			fail_msg("row %zu says: %.*s", i, STR_ARG(buf_str(&said)));
	}
	buf_deinit(&said);
	close(fd);
	arena_deinit(&a);
}

/* The machine's own name is used when none is given, and nobody chose it for mail. */
static void test_name_of_the_machine(void **state)
{
	static const struct {
		const char *name, *says;
	} rows[] = {
		{ "Mail.Example.ORG", " hostname=mail.example.org" },
		{ "my_box", "ROOST_HOSTNAME: this machine's own name" },
		{ "-", "ROOST_HOSTNAME: this machine's own name" },
	};
	static const char *const unnamed[] = { "ROOST_HOSTNAME=", NULL };
	struct buf said;

	(void)state;
	if (unshare(CLONE_NEWUTS) != 0)
		skip(); /* only root may give itself another name */
	buf_init(&said, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&said);
		assert_int_equal(sethostname(rows[i].name, strlen(rows[i].name)), 0);
		run(unnamed, &said);
		if (str_find(buf_str(&said), str_of(rows[i].says)) < 0)
			fail_msg("row %zu says: %.*s", i, STR_ARG(buf_str(&said)));
	}
	buf_deinit(&said);
}

/* Every fallible call of the start fails once. */
static void test_faults(void **state)
{
	static const char *const nothing[] = { NULL };
	struct buf said;
	unsigned failed = 0;
	bool fired = true;

	(void)state;
	buf_init(&said, 1 << 20);
	for (unsigned n = 1; fired && n < 500; n++) {
		int status;

		buf_reset(&said);
		fault_arm(n);
		status = run(nothing, &said);
		fired = fault_fired();
		fault_arm(0);
		failed += status != EXIT_SUCCESS;
		if (status != EXIT_SUCCESS && str_find(buf_str(&said), STR(" server_failed ")) < 0)
			fail_msg("fault %u (%s) ends without a word: %.*s", n, fault_name(),
			         STR_ARG(buf_str(&said)));
		if (str_find(buf_str(&said), STR("why=\"\"")) >= 0)
			fail_msg("fault %u (%s) is not explained", n, fault_name());
	}
	assert_true(failed > 5);
	assert_false(fired);
	buf_deinit(&said);
}

static int setup(void **state)
{
	static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

	(void)state;
	crypto_init();
	password_setup(cheap, 2);
	temp_folder_make(&folder);
	if (pipe2(log_pipe, O_NONBLOCK) != 0)
		return -1;
	event_fd_set(log_pipe[1]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_folder_remove(&folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_provision),
		cmocka_unit_test(test_self_signed),
		cmocka_unit_test(test_self_signed_in_time),
		cmocka_unit_test(test_start_and_stop),
		cmocka_unit_test(test_bad_starts),
		cmocka_unit_test(test_name_of_the_machine),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
