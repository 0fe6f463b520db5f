/* Several addresses that race (RFC 8305 5), sockets in the file system, SOCKS5 proxies
 * (RFC 1928, RFC 1929). */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "network/runtime/dial.h"
#include "network/runtime/socket.h"
#include "network/runtime/stream.h"
#include "network/runtime/wire_socks.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- addresses ---------------------------------------------------------------------------- */

enum { STUFFING = 4 };

/* One listener of each manner: it answers, refuses, or lets a connection hang. */
struct place {
	struct addr addr;
	int fd, stuffing[STUFFING];
};

static struct place place_open(bool listens)
{
	struct place p = { .fd = -1 };
	struct addr loopback;

	for (size_t i = 0; i < STUFFING; i++)
		p.stuffing[i] = -1;
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(socket_listen(&loopback, &p.fd, &p.addr, NULL), OK);
	if (!listens)
		socket_close(&p.fd);
	return p;
}

/* The kernel drops what comes to a full backlog. */
static struct place place_hanging(void)
{
	struct place p = place_open(true);

	assert_int_equal(listen(p.fd, 0), 0);
	for (size_t i = 0; i < STUFFING; i++)
		assert_int_equal(socket_connect_begin(&p.addr, NULL, &p.stuffing[i], NULL), OK);
	return p;
}

static void place_close(struct place *p)
{
	for (size_t i = 0; i < STUFFING; i++)
		socket_close(&p->stuffing[i]);
	socket_close(&p->fd);
}

/* Letters: a answers, r refuses, h hangs. */
static void test_races(void **state)
{
	static const struct {
		const char *places;
		enum err e;
		size_t which;
		int64_t least_ms, most_ms;
		const char *why;
	} rows[] = {
		{ "a", OK, 0, 0, 200, "" },
		{ "aa", OK, 0, 0, 200, "" },
		{ "ra", OK, 1, 0, 200, "" },           /* a failure makes nobody wait */
		{ "rrrra", OK, 4, 0, 200, "" },
		{ "ha", OK, 1, 240, 600, "" },         /* DIAL_STAGGER_MS             */
		{ "hha", OK, 2, 490, 1000, "" },
		{ "hra", OK, 2, 240, 600, "" },
		{ "r", ERR_RETRY, 0, 0, 200, "refused" },
		{ "rr", ERR_RETRY, 0, 0, 200, "refused" },
		{ "h", ERR_RETRY, 0, 800, 1500, "timed out" },
		{ "hr", ERR_RETRY, 0, 800, 1500, "timed out" },
		{ "hh", ERR_RETRY, 0, 1000, 2000, "timed out" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dial_manner m = { .attempt_ms = 800 };
		struct addr to[DIAL_ADDRS_MAX];
		struct place places[DIAL_ADDRS_MAX];
		size_t n = strlen(rows[i].places), which = 99;
		struct stream *s = NULL;
		struct why why = { "" };
		int64_t began, took;

		for (size_t k = 0; k < n; k++) {
			char kind = rows[i].places[k];

			places[k] = kind == 'h' ? place_hanging() : place_open(kind == 'a');
			to[k] = places[k].addr;
		}
		began = clock_mono_ms();
		check_at(i, dial_any(&m, to, n, &s, &which, &why) == rows[i].e);
		took = clock_mono_ms() - began;
		check_at(i, (s != NULL) == (rows[i].e == OK));
		check_at(i, s == NULL || which == rows[i].which);
		check_at(i, s == NULL || addr_eq(stream_peer(s), &to[which]));
		check_at(i, strstr(why.text, rows[i].why) != NULL);
		if (took < rows[i].least_ms || took > rows[i].most_ms)
			fail_msg("row %zu took %d ms", i, (int)took);
		stream_free(&s);
		for (size_t k = 0; k < n; k++)
			place_close(&places[k]);
	}
}

/* The loser of a race is closed, and all that failed: descriptors do not leak. */
static int first_free_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void test_faults(void **state)
{
	struct place hangs = place_hanging(), answers = place_open(true);
	struct addr to[] = { hangs.addr, answers.addr };
	int before = first_free_fd();

	(void)state;
	for (unsigned n = 1; n < 100; n++) {
		struct dial_manner m = { .attempt_ms = 400 };
		struct stream *s = NULL;
		struct why why = { "" };
		size_t which;
		bool fired;
		enum err e;

		fault_arm(n);
		e = dial_any(&m, to, 2, &s, &which, &why);
		fired = fault_fired();
		fault_arm(0);
		check_at(n, (e == OK) == (s != NULL) && (e == OK || why.text[0] != '\0'));
		stream_free(&s);
		check_at(n, first_free_fd() == before);
		if (!fired)
			break;
	}
	place_close(&hangs);
	place_close(&answers);
}

static void test_source_address(void **state)
{
	struct place p = place_open(true);
	struct dial_manner m = { 0 };
	struct stream *s = NULL;
	char text[ADDR_TEXT_MAX];
	size_t which;

	(void)state;
	assert_true(addr_parse_ip(STR("127.0.0.9"), &m.from4));
	assert_true(addr_parse_ip(STR("2001:db8::1"), &m.from6)); /* not of this family */
	assert_int_equal(dial_any(&m, &p.addr, 1, &s, &which, NULL), OK);
	check_str(addr_ip_text(stream_local(s), text), STR("127.0.0.9"));
	stream_free(&s);
	assert_true(addr_parse_ip(STR("192.0.2.77"), &m.from4)); /* not ours */
	assert_int_equal(dial_any(&m, &p.addr, 1, &s, &which, NULL), ERR_IO);
	place_close(&p);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static void test_stopped(void **state)
{
	struct place p = place_hanging();
	struct dial_manner m = { .go_on = never };
	struct stream *s = NULL;
	struct why why = { "" };
	size_t which;

	(void)state;
	assert_int_equal(dial_any(&m, &p.addr, 1, &s, &which, &why), ERR_RETRY);
	assert_string_equal(why.text, "stopped");
	place_close(&p);
}

static void test_unix(void **state)
{
	char folder[] = "/tmp/roost-dial-XXXXXX";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct dial_manner m = { 0 };
	struct stream *s = NULL;
	char longest[300];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/lmtp", folder);
	assert_int_equal(dial_unix(&m, str_of(at.sun_path), &s, NULL), ERR_RETRY);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(dial_unix(&m, str_of(at.sun_path), &s, NULL), ERR_RETRY);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(dial_unix(&m, str_of(at.sun_path), &s, NULL), OK);
	stream_free(&s);
	memset(longest, 'x', sizeof longest);
	assert_int_equal(dial_unix(&m, str_from(longest, sizeof longest), &s, NULL), ERR_LIMIT);
	assert_null(s);
	close(fd);
	unlink(at.sun_path);
	rmdir(folder);
}

/* --- SOCKS5: replies ------------------------------------------------------------------------ */

#define BYTES(text) { text, sizeof text - 1 }

static enum socks_got reply_parse(struct str bytes, size_t *used, unsigned *status)
{
	struct cur c = cur_of(bytes);
	enum socks_got got = socks_reply_parse(&c, status);

	*used = bytes.n - cur_left(&c);
	return got;
}

static void test_replies(void **state)
{
	static const struct {
		struct str in;
		enum socks_got got;
		unsigned status;
	} rows[] = {
		{ BYTES("\5\0\0\1\x7f\0\0\1\x04\x38"), SOCKS_DONE, 0 },
		{ BYTES("\5\0\0\4" "0123456789abcdef" "\0\0"), SOCKS_DONE, 0 },
		{ BYTES("\5\5\0\3\3abc\0\x19"), SOCKS_DONE, 5 },
		{ BYTES("\5\1\0\3\0\0\0"), SOCKS_DONE, 1 },
		{ BYTES("\4\0\0\1\x7f\0\0\1\x04\x38"), SOCKS_BAD, 0 },
		{ BYTES("HTTP/1.1 400"), SOCKS_BAD, 0 },
		{ BYTES("\5\0\0\2\x7f\0\0\1\x04\x38"), SOCKS_BAD, 0 },
		{ BYTES("\5\0\0\0"), SOCKS_BAD, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned status = 99;
		size_t used;

		check_at(i, reply_parse(rows[i].in, &used, &status) == rows[i].got);
		if (rows[i].got != SOCKS_DONE)
			continue;
		check_at(i, used == rows[i].in.n && status == rows[i].status);
		for (size_t n = 0; n < rows[i].in.n; n++) {
			check_at(i, reply_parse(str_sub(rows[i].in, 0, n), &used, &status) ==
			                    SOCKS_MORE);
			check_at(i, used == 0);
		}
	}
	for (unsigned s = 0; s < 300; s++)
		assert_true(socks_status_text(s)[0] != '\0');
}

/* --- SOCKS5: dialling ------------------------------------------------------------------------ */

/* A proxy that says its lines whatever it hears, then closes or goes on as the remote. */
struct proxy {
	int listener;
	struct addr addr;
	pthread_t thread;
	const struct str *says; /* one after each piece that is heard */
	size_t count;
	char heard[1000];
	size_t heard_n;
};

static void *proxy_run(void *arg)
{
	struct proxy *p = arg;
	int fd;

	assert_true(socket_wait(p->listener, POLLIN, clock_mono_ms() + 10000));
	fd = accept(p->listener, NULL, NULL);
	for (size_t i = 0; i < p->count; i++) {
		ssize_t n = recv(fd, p->heard + p->heard_n, sizeof p->heard - p->heard_n, 0);

		if (n <= 0)
			break;
		p->heard_n += (size_t)n;
		(void)!send(fd, p->says[i].p, p->says[i].n, MSG_NOSIGNAL);
	}
	close(fd);
	return NULL;
}

static void test_proxied(void **state)
{

	static const struct {
		const char *user, *host;
		struct str says[3];
		enum err e;
		const char *why;
		struct str heard;
	} rows[] = {
		{ "", "192.0.2.1", { BYTES("\5\0"), BYTES("\5\0\0\1\0\0\0\0\0\0hi\r\n") }, OK, "",
		  BYTES("\5\1\0\5\1\0\1\xc0\0\2\1\0\x19") },
		{ "", "2001:db8::1", { BYTES("\5\0"), BYTES("\5\0\0\3\2ab\0\0hi\r\n") }, OK, "",
		  BYTES("\5\1\0\5\1\0\4\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x19") },
		{ "u", "m.example.x",
		  { BYTES("\5\2"), BYTES("\1\0"), BYTES("\5\0\0\1\0\0\0\0\0\0hi\r\n") }, OK, "",
		  BYTES("\5\2\0\2\1\1u\3pwd\5\1\0\3\x0bm.example.x\0\x19") },
		{ "u", "m.example.x",
		  { BYTES("\5\0"), BYTES("\5\0\0\1\0\0\0\0\0\0hi\r\n") }, OK, "",
		  BYTES("\5\2\0\2\5\1\0\3\x0bm.example.x\0\x19") },
		{ "u", "h", { BYTES("\5\2"), BYTES("\1\1") }, ERR_DENIED, "refuses our login",
		  BYTES("\5\2\0\2\1\1u\3pwd") },
		{ "", "h", { BYTES("\5\xff") }, ERR_DENIED, "no login", BYTES("\5\1\0") },
		{ "", "h", { BYTES("\5\2") }, ERR_DENIED, "no login", BYTES("\5\1\0") },
		{ "", "h", { BYTES("\5\0"), BYTES("\5\5\0\1\0\0\0\0\0\0") }, ERR_RETRY,
		  "connection refused", BYTES("\5\1\0\5\1\0\3\1h\0\x19") },
		{ "", "h", { BYTES("\5\0"), BYTES("\5\2\0\1\0\0\0\0\0\0") }, ERR_RETRY, "its rules",
		  BYTES("\5\1\0\5\1\0\3\1h\0\x19") },
		{ "", "h", { BYTES("220 smtp") }, ERR_RETRY, "no SOCKS5", BYTES("\5\1\0") },
		{ "", "h", { BYTES("\5\0"), BYTES("220 smtp") }, ERR_RETRY, "no SOCKS5",
		  BYTES("\5\1\0\5\1\0\3\1h\0\x19") },
		{ "", "h", { BYTES("\5") }, ERR_RETRY, "closed", BYTES("\5\1\0") },
		{ "", "h", { BYTES("") }, ERR_RETRY, "", BYTES("\5\1\0") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dial_proxy to = { .user = str_of(rows[i].user), .password = STR("pwd") };
		struct dial_manner m = { .attempt_ms = 1000 };
		struct place at = place_open(true);
		struct proxy p = { .listener = at.fd, .says = rows[i].says };
		struct stream *s = NULL;
		struct why why = { "" };
		struct str line;
		enum err e;

		while (p.count < COUNT(rows[i].says) && rows[i].says[p.count].p != NULL)
			p.count++;
		to.at = at.addr;
		pthread_create(&p.thread, NULL, proxy_run, &p);
		e = dial_proxied(&m, &to, str_of(rows[i].host), 25, &s, &why);
		check_at(i, e == rows[i].e);
		check_at(i, strstr(why.text, rows[i].why) != NULL);
		check_at(i, strstr(why.text, "pwd") == NULL);
		/* Nothing of what the remote says is lost to the proxy's replies. */
		if (e == OK)
			check_at(i, stream_line(s, 100, &line, NULL) == OK &&
			                    str_eq(line, STR("hi")));
		stream_free(&s);
		pthread_join(p.thread, NULL);
		check_str_at(i, str_from(p.heard, p.heard_n), rows[i].heard);
		place_close(&at);
	}
}

static void test_proxy_that_is_not_there(void **state)
{
	struct place gone = place_open(false);
	struct dial_proxy to = { .at = gone.addr };
	struct dial_manner m = { 0 };
	struct stream *s = NULL;
	struct why why = { "" };

	(void)state;
	assert_int_equal(dial_proxied(&m, &to, STR("h"), 25, &s, &why), ERR_RETRY);
	assert_non_null(strstr(why.text, "the proxy: "));
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_source_address),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_proxied),
		cmocka_unit_test(test_proxy_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
