/* Outgoing streams against the runtime, in the clear and with TLS on both sides. */
#include "harness/check.h"
#include "harness/peer.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/observe/event.h"
#include "network/runtime/runtime.h"
#include "network/runtime/socket.h"
#include "network/runtime/stream.h"
#include "network/tls/engine.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the protocol: echoes lines; "starttls", "big", "big starttls", "what", "quit" --- */

enum { BIG = 1000000, WORKERS = 8 };

static enum step tls_open(struct conn *c)
{
	buf_put(conn_out(c), conn_is_tls(c) ? STR("hello tls\r\n") : STR("hello\r\n"));
	return STEP_PARK;
}

static void big_put(struct buf *out)
{
	for (int i = 0; i < BIG / 1000; i++) {
		memset(buf_room(out, 1000), 'a' + i % 26, 1000);
		buf_commit(out, 1000);
	}
}

static enum step tls_command(struct conn *c, struct str line)
{
	struct buf *out = conn_out(c);

	if (str_eq(line, STR("quit"))) {
		buf_put(out, STR("bye\r\n"));
		return STEP_CLOSE;
	}
	if (str_starts(line, STR("big")))
		big_put(out);
	if (str_ends(line, STR("starttls"))) {
		assert_true(conn_can_starttls(c));
		buf_put(out, STR("go ahead\r\n"));
		conn_starttls(c);
		return STEP_PARK;
	}
	if (str_eq(line, STR("big")))
		return STEP_AGAIN;
	if (str_eq(line, STR("what"))) {
		buf_put(out, conn_tls_text(c));
	} else {
		buf_put(out, line);
	}
	buf_put(out, STR("\r\n"));
	return STEP_PARK;
}

static enum step tls_run(struct conn *c, unsigned events)
{
	struct str line;

	if (events & (CONN_STOP | CONN_TIMEOUT))
		return STEP_CLOSE;
	for (int n = 0; n < 20; n++) {
		enum step next;

		if (conn_line(c, 20000, &line) != CONN_LINE)
			return STEP_PARK;
		conn_deadline(c, 20000);
		next = tls_command(c, line);
		if (next != STEP_PARK)
			return next;
	}
	return STEP_AGAIN;
}

static const struct proto proto = { .name = "test", .open = tls_open, .run = tls_run };

/* --- the fixture ------------------------------------------------------------ */

static struct fixture {
	struct arena a;
	struct certs *certs;
	struct str pem;
	struct trust *trust;
	struct tls_server *tls;
	struct tls_client_config client;
	struct runtime *runtime;
	struct addr plain, implicit;
} fx;

static int fixture_make(void **state)
{
	static const struct runtime_config config = { .workers_max = WORKERS, .handshake_ms = 700 };
	struct conn_service service = { .name = "test", .proto = &proto };
	struct addr loopback;
	struct why why = { "" };

	(void)state;
	event_fd_set(-1);
	fx = (struct fixture){ 0 };
	fx.certs = tls_pair_certs("mail.example.org", &fx.a, &fx.pem);
	fx.trust = tls_pair_trust(fx.pem);
	fx.tls = tls_server_open(fx.certs, 16);
	fx.client = (struct tls_client_config){ .trust = fx.trust, .verify = TLS_VERIFY_PKIX };
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(runtime_new(&config, &fx.runtime, &why), OK);
	service.tls = fx.tls;
	assert_int_equal(runtime_listen(fx.runtime, &service, &loopback, &fx.plain, &why), OK);
	service.implicit_tls = true;
	assert_int_equal(runtime_listen(fx.runtime, &service, &loopback, &fx.implicit, &why), OK);
	assert_int_equal(runtime_start(fx.runtime, &why), OK);
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	runtime_stop(fx.runtime, 1000);
	runtime_free(&fx.runtime);
	tls_server_close(fx.tls);
	certs_free(fx.certs);
	trust_free(fx.trust);
	arena_deinit(&fx.a);
	return 0;
}

static struct stream *dial(const struct addr *to)
{
	struct dial_config config = { .to = *to, .timeout_ms = 5000 };
	struct stream *s = NULL;
	struct why why = { "" };

	assert_int_equal(stream_dial(&config, &s, &why), OK);
	stream_timeout(s, 5000);
	return s;
}

static void expect(struct stream *s, const char *want)
{
	struct why why = { "" };
	struct str line;

	if (stream_line(s, 1000, &line, &why) != OK)
		fail_msg("want \"%s\": %s", want, why.text);
	check_str(line, str_of(want));
}

static void say(struct stream *s, const char *z)
{
	assert_int_equal(stream_write(s, str_of(z), NULL), OK);
}

static struct stream *dial_tls(const struct addr *to, const char *name)
{
	struct stream *s = dial(to);
	struct why why = { "" };

	if (stream_starttls(s, &fx.client, str_of(name), &why) != OK)
		fail_msg("%s", why.text);
	return s;
}

/* --- tests ------------------------------------------------------------------ */

static void test_plain(void **state)
{
	struct stream *s = dial(&fx.plain);
	struct str line;

	(void)state;
	expect(s, "hello");
	say(s, "one\r\ntwo\r\n");
	expect(s, "one");
	expect(s, "two");
	say(s, "quit\r\n");
	expect(s, "bye");
	assert_int_equal(stream_line(s, 100, &line, NULL), ERR_IO);
	assert_int_equal(stream_write(s, STR("more"), NULL), ERR_IO); /* it stays broken */
	stream_free(&s);
	stream_free(&s);
}

static void test_starttls(void **state)
{
	struct stream *s = dial(&fx.plain);
	struct why why = { "" };

	(void)state;
	expect(s, "hello");
	say(s, "starttls\r\n");
	expect(s, "go ahead");
	assert_false(stream_is_tls(s));
	assert_int_equal(stream_starttls(s, &fx.client, STR("mail.example.org"), &why), OK);
	assert_true(stream_is_tls(s));
	assert_true(stream_tls_verified(s, NULL));
	say(s, "what\r\n");
	expect(s, "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256");
	check_str(stream_tls_text(s), STR("TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"));
	say(s, "one\r\nquit\r\n");
	expect(s, "one");
	expect(s, "bye");
	stream_free(&s);
}

/* RFC 3207 6 and CVE-2011-0411: a command that was slipped in before TLS is not run in it. */
static void test_injection(void **state)
{
	struct stream *s = dial(&fx.plain);
	struct why why = { "" };

	(void)state;
	expect(s, "hello");
	say(s, "starttls\r\ninjected\r\n");
	expect(s, "go ahead");
	assert_int_equal(stream_starttls(s, &fx.client, STR("mail.example.org"), &why), OK);
	say(s, "mine\r\n");
	expect(s, "mine");
	stream_free(&s);
}

/* STARTTLS behind output that the peer does not read: no worker waits for it. How much the
 * kernel takes at once we do not know; some of these are stuck at their last megabyte. */
static void test_starttls_behind_unread_output(void **state)
{
	enum { MEGABYTES_MAX = 6 };
	int deaf[WORKERS][MEGABYTES_MAX], fd;

	(void)state;
	for (size_t i = 0; i < WORKERS; i++) {
		for (int n = 0; n < MEGABYTES_MAX; n++) {
			deaf[i][n] = peer_connect(&fx.plain);
			setsockopt(deaf[i][n], SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int));
			for (int k = 0; k < n; k++)
				peer_send(deaf[i][n], "big\r\n");
			peer_send(deaf[i][n], "big starttls\r\n");
		}
	}
	usleep(200000);
	fd = peer_connect(&fx.plain);
	peer_expect(fd, "hello\r\n");
	peer_close(fd);
	for (size_t i = 0; i < WORKERS; i++)
		for (int n = 0; n < MEGABYTES_MAX; n++)
			peer_close(deaf[i][n]);
}

static void test_implicit(void **state)
{
	struct stream *s = dial_tls(&fx.implicit, "mail.example.org");

	(void)state;
	expect(s, "hello tls");
	for (int i = 0; i < 50; i++) {
		say(s, "ping\r\n");
		expect(s, "ping");
	}
	stream_free(&s);
}

/* Several lines in one record, and a line over several records. */
static void test_records(void **state)
{
	struct stream *s = dial_tls(&fx.implicit, "mail.example.org");
	static char lines[60000];
	size_t n = 0;

	(void)state;
	expect(s, "hello tls");
	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(lines + n, "line %d %0*d\r\n", i, i, 0);
	say(s, lines);
	for (const char *p = lines; *p != '\0'; p = strchr(p, '\n') + 1) {
		struct str line;

		assert_int_equal(stream_line(s, 1000, &line, NULL), OK);
		check_str(line, str_from(p, (size_t)(strchr(p, '\r') - p)));
	}
	memset(lines, 'x', 19000);
	memcpy(lines + 19000, "\r\n", 3);
	say(s, lines);
	for (size_t left = 19002, got; left != 0; left -= got) {
		char chunk[4096];

		assert_int_equal(stream_read(s, chunk, MIN(left, sizeof chunk), &got, NULL), OK);
		assert_true(got != 0);
	}
	stream_free(&s);
}

static void test_big_answer(void **state)
{
	struct stream *s = dial_tls(&fx.implicit, "mail.example.org");

	(void)state;
	expect(s, "hello tls");
	say(s, "big\r\nafter\r\n");
	for (size_t left = BIG, got; left != 0; left -= got) {
		static char chunk[30000];
		size_t at = BIG - left;

		assert_int_equal(stream_read(s, chunk, MIN(left, sizeof chunk), &got, NULL), OK);
		assert_true(got != 0);
		assert_int_equal(chunk[0], 'a' + at / 1000 % 26);
	}
	expect(s, "after");
	stream_free(&s);
}

static void test_wrong_name(void **state)
{
	struct stream *s = dial(&fx.implicit);
	struct why why = { "" };

	(void)state;
	assert_int_equal(stream_starttls(s, &fx.client, STR("other.example.org"), &why), ERR_IO);
	assert_true(why.text[0] != '\0');
	stream_free(&s);
}

/* Not TLS, half a handshake, and nothing at all: each ends, and others are served. */
static void test_bad_handshakes(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
		{ "EHLO example.org\r\n", 18 },
		{ "\x16\x03\x01\x02\x00\x01\x00", 7 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fd = peer_connect(&fx.implicit);
		char scratch[256];
		struct stream *s;

		peer_send_bytes(fd, rows[i].bytes, rows[i].n);
		s = dial_tls(&fx.implicit, "mail.example.org");
		expect(s, "hello tls");
		stream_free(&s);
		while (recv(fd, scratch, sizeof scratch, 0) > 0) {
		}
		peer_close(fd);
	}
}

static int listen_quietly(struct addr *bound)
{
	struct addr loopback;
	int fd;

	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(socket_listen(&loopback, &fd, bound, NULL), OK);
	return fd;
}

static void test_dial_fails(void **state)
{
	struct dial_config config = { .timeout_ms = 200 };
	struct stream *s = NULL;
	struct why why = { "" };
	int fd;

	(void)state;
	fd = listen_quietly(&config.to);
	socket_close(&fd); /* nobody listens there now */
	assert_int_equal(stream_dial(&config, &s, &why), ERR_RETRY);
	assert_non_null(strstr(why.text, "refused"));
	assert_true(addr_parse_ip(STR("192.0.2.77"), &config.from)); /* not ours */
	assert_int_equal(stream_dial(&config, &s, &why), ERR_IO);
	assert_null(s);
}

/* A server that accepts and says nothing, or does not read. */
static void test_deadlines(void **state)
{
	static char much[1 << 20];
	struct addr bound;
	int fd = listen_quietly(&bound);
	struct stream *s = dial(&bound);
	int64_t began = clock_mono_ms();
	struct why why = { "" };
	struct str line;
	enum err e = OK;

	(void)state;
	stream_timeout(s, 100);
	assert_int_equal(stream_line(s, 100, &line, &why), ERR_RETRY);
	stream_free(&s);
	s = dial(&bound);
	stream_timeout(s, 100);
	for (int i = 0; i < 100 && e == OK; i++)
		e = stream_write(s, str_from(much, sizeof much), &why);
	assert_int_equal(e, ERR_RETRY);
	stream_free(&s);
	s = dial(&bound);
	stream_timeout(s, 100);
	assert_int_equal(stream_starttls(s, &fx.client, STR("x.org"), &why), ERR_RETRY);
	stream_free(&s);
	assert_true(clock_mono_ms() - began < 5000);
	socket_close(&fd);
}

static bool thrice(void *arg)
{
	int *left = arg;

	return --*left > 0;
}

static void test_stopped(void **state)
{
	struct addr bound;
	int fd = listen_quietly(&bound), left = 3;
	struct dial_config config = { .to = bound, .go_on = thrice, .arg = &left };
	int64_t began = clock_mono_ms();
	struct stream *s = NULL;
	struct why why = { "" };
	struct str line;

	(void)state;
	assert_int_equal(stream_dial(&config, &s, &why), OK);
	assert_int_equal(stream_line(s, 100, &line, &why), ERR_RETRY);
	assert_string_equal(why.text, "stopped");
	assert_int_equal(stream_line(s, 100, &line, &why), ERR_IO); /* it stays so */
	stream_free(&s);
	left = 1;
	assert_int_equal(stream_dial(&config, &s, &why), ERR_RETRY);
	assert_true(clock_mono_ms() - began < 5000);
	socket_close(&fd);
}

/* --- a server that sends TLS without end --------------------------------------- */

/* Once it has heard the ClientHello, or after the handshake when tls is there: it sends until its
 * peer leaves. Empty records, and a byte of data among every "data_every" of them. */
struct flood {
	int listener;
	struct tls_server *tls;
	unsigned data_every;
	pthread_t thread;
};

static bool flood_send(int fd, struct tls *t)
{
	struct str bytes;

	while ((bytes = tls_cipher(t)).n != 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		tls_cipher_drop(t, (size_t)n);
	}
	return true;
}

static bool flood_open(int fd, struct tls *t)
{
	char bytes[4096];
	ssize_t n;

	while (tls_state(t) == TLS_HANDSHAKE) {
		if ((n = recv(fd, bytes, sizeof bytes, 0)) <= 0)
			return false;
		assert_int_equal(tls_put_cipher(t, str_from(bytes, (size_t)n)), n);
		if (!flood_send(fd, t))
			return false;
	}
	return true;
}

static void flood_records(const struct flood *f, int fd)
{
	struct tls *t = tls_server_new(f->tls, false);
	bool goes = flood_open(fd, t);

	for (unsigned i = 1; goes; i++) {
		if (i % f->data_every == 0)
			assert_int_equal(tls_put_plain(t, STR("x")), 1);
		tls_engine_enter(t);
		br_ssl_engine_flush(t->engine, 1);
		tls_engine_leave(t);
		goes = flood_send(fd, t);
	}
	tls_free(t);
}

/* user_canceled, a warning (RFC 5246 7.2.2) */
static void flood_alerts(int fd)
{
	static const char alert[] = "\x15\x03\x03\x00\x02\x01\x5a";
	char many[7000];

	for (size_t i = 0; i < sizeof many; i += 7)
		memcpy(many + i, alert, 7);
	if (recv(fd, &(char){ 0 }, 1, 0) != 1)
		return;
	while (send(fd, many, sizeof many, MSG_NOSIGNAL) > 0) {
	}
}

static void *flood_run(void *arg)
{
	struct flood *f = arg;
	int fd = accept(f->listener, NULL, NULL);

	assert_true(fd >= 0);
	if (f->tls != NULL)
		flood_records(f, fd);
	else
		flood_alerts(fd);
	close(fd);
	return NULL;
}

static bool until_ms(void *arg)
{
	return clock_mono_ms() < *(int64_t *)arg;
}

/* until: when the stream is to stop. */
static struct stream *flood_begin(struct flood *f, int64_t *until)
{
	struct dial_config config = { .go_on = until_ms, .arg = until };
	struct stream *s = NULL;

	f->listener = listen_quietly(&config.to);
	assert_int_equal(fcntl(f->listener, F_SETFL, 0), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, flood_run, f), 0);
	*until = INT64_MAX;
	assert_int_equal(stream_dial(&config, &s, NULL), OK);
	return s;
}

static void flood_end(struct flood *f, struct stream **s)
{
	stream_free(s);
	pthread_join(f->thread, NULL);
	socket_close(&f->listener);
}

static void test_alerts_without_end(void **state)
{
	struct flood f = { 0 };
	int64_t until;
	struct stream *s = flood_begin(&f, &until);
	struct why why = { "" };

	(void)state;
	assert_int_equal(stream_starttls(s, &fx.client, STR("x.org"), &why), ERR_IO);
	assert_string_equal(why.text, "the remote server sends empty TLS records only");
	flood_end(&f, &s);
}

/* However they are mixed with data, nothing goes past the deadline. */
static void test_records_without_end(void **state)
{
	static const struct {
		unsigned data_every;
		enum err e;
	} rows[] = { { UINT_MAX, ERR_IO }, { 5000, ERR_RETRY } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct flood f = { .tls = fx.tls, .data_every = rows[i].data_every };
		int64_t began, until;
		struct stream *s = flood_begin(&f, &until);
		struct why why = { "" };
		struct str line;

		assert_int_equal(stream_starttls(s, &fx.client, STR("mail.example.org"), &why), OK);
		began = clock_mono_ms();
		stream_timeout(s, 1000);
		check_at(i, stream_line(s, 16384, &line, &why) == rows[i].e);
		check_at(i, clock_mono_ms() - began < 4000);
		flood_end(&f, &s);
	}
}

/* Nor does it keep whoever wants to stop. */
static void test_stopped_in_flood(void **state)
{
	struct flood f = { .tls = fx.tls, .data_every = 5000 };
	int64_t until;
	struct stream *s = flood_begin(&f, &until);
	struct why why = { "" };
	struct str line;

	(void)state;
	assert_int_equal(stream_starttls(s, &fx.client, STR("mail.example.org"), &why), OK);
	until = clock_mono_ms() + 300;
	assert_int_equal(stream_line(s, 16384, &line, &why), ERR_RETRY);
	assert_string_equal(why.text, "stopped");
	flood_end(&f, &s);
}

/* Every call failing in turn, on either side: no hang, no crash, a reason. */
static void test_faults(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 300; n++) {
		struct dial_config config = { .to = fx.plain, .timeout_ms = 1000 };
		struct stream *s = NULL;
		struct why why = { "" };
		struct str line;
		bool fired;
		enum err e;

		fault_arm(n);
		e = stream_dial(&config, &s, &why);
		if (e == OK) {
			stream_timeout(s, 1000);
			e = stream_write(s, STR("starttls\r\n"), &why);
		}
		for (int i = 0; i < 2 && e == OK; i++)
			e = stream_line(s, 100, &line, &why);
		if (e == OK)
			e = stream_starttls(s, &fx.client, STR("mail.example.org"), &why);
		if (e == OK)
			e = stream_write(s, STR("quit\r\n"), &why);
		if (e == OK)
			e = stream_line(s, 100, &line, &why);
		fired = fault_fired();
		fault_arm(0);
		stream_free(&s);
		check_at(n, e == OK || (fired && why.text[0] != '\0'));
		if (!fired)
			return;
	}
	fail_msg("faults never end");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain),              TEST(test_starttls),
		TEST(test_injection),          TEST(test_starttls_behind_unread_output),
		TEST(test_implicit),           TEST(test_records),
		TEST(test_big_answer),         TEST(test_wrong_name),
		TEST(test_bad_handshakes),     TEST(test_dial_fails),
		TEST(test_deadlines),          TEST(test_stopped),
		TEST(test_alerts_without_end), TEST(test_records_without_end),
		TEST(test_stopped_in_flood),   TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
