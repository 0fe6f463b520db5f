/* HTTP over the runtime: routes, limits, slow peers, stopping. */
#include "harness/check.h"
#include "harness/peer.h"
#include "harness/tls_pair.h"

#include "console/api/admin.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "network/http_server/server.h"
#include "network/runtime/runtime.h"
#include "network/runtime/stream.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say_echo(const struct http_request *q, struct http_response *r)
{
	buf_put(&r->body, q->body);
}

static void say_slowly(const struct http_request *q, struct http_response *r)
{
	(void)q;
	usleep(300000);
	http_say(r, 200, "at last");
}

static void say_rest(const struct http_request *q, struct http_response *r)
{
	buf_fmt(&r->body, "%.*s|%.*s|%.*s", STR_ARG(q->rest), STR_ARG(http_argument(q, "a")),
	        STR_ARG(http_header(q, "X-Test")));
	http_set(r, "Cache-Control", STR("max-age=60"));
}

static const struct http_route routes[] = {
	{ "POST", "/echo", say_echo, HTTP_QUICK, LIMIT_http_body },
	{ "PUT", "/echo", say_echo, HTTP_POOL, LIMIT_http_body },
	{ "GET", "/slow", say_slowly, HTTP_POOL, 0 },
	{ "GET", "/files/*", say_rest, HTTP_QUICK, 0 },
};

static struct runtime *runtime;
static struct http_server *server;
static struct admin admin;
static struct addr at, at_tls;
static struct arena arena;
static struct certs *certs;
static struct tls_server *tls;

static const struct runtime_config usual = { .workers_max = 8 };

static void start_with(const struct runtime_config *config, const struct http_route *r,
                       size_t count, void *context)
{
	struct conn_service service = { .name = "http", .proto = &http_proto };
	struct http_config http = { .routes = r, .route_count = count, .context = context };
	struct addr loopback;
	struct why why = { "" };

	event_fd_set(-1);
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(runtime_new(config, &runtime, &why), OK);
	http.pool = runtime_pool(runtime);
	assert_int_equal(http_server_new(&http, &server, &why), OK);
	service.context = server;
	assert_int_equal(runtime_listen(runtime, &service, &loopback, &at, &why), OK);
	certs = tls_pair_certs("www.example.org", &arena, NULL);
	service.tls = tls = tls_server_open(certs, 0);
	service.implicit_tls = true;
	assert_int_equal(runtime_listen(runtime, &service, &loopback, &at_tls, &why), OK);
	assert_int_equal(runtime_start(runtime, &why), OK);
	admin.runtime = runtime;
}

static int fixture_make(void **state)
{
	(void)state;
	start_with(&usual, routes, COUNT(routes), NULL);
	return 0;
}

static int admin_make(void **state)
{
	(void)state;
	start_with(&usual, admin_routes, admin_route_count, &admin);
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	runtime_stop(runtime, 1000);
	runtime_free(&runtime);
	http_server_free(&server);
	tls_server_close(tls);
	certs_free(certs);
	arena_deinit(&arena);
	return 0;
}

/* Everything until the end of the connection; NUL-terminated, static. */
static const char *read_all(int fd)
{
	static char all[1 << 20];
	size_t n = 0;
	ssize_t got;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, 10000) <= 0)
			fail_msg("no end of the connection after \"%.*s\", fault %s", (int)n, all,
			         fault_name());
		got = recv(fd, all + n, sizeof all - 1 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	all[n] = '\0';
	return all;
}

static const char *ask(const char *request)
{
	int fd = peer_connect(&at);
	const char *answer;

	peer_send(fd, request);
	answer = read_all(fd);
	peer_close(fd);
	return answer;
}

static size_t count_of(const char *in, const char *what)
{
	size_t n = 0;

	for (; (in = strstr(in, what)) != NULL; in += strlen(what))
		n++;
	return n;
}

#define HOST "Host: x\r\n"
#define LAST "Connection: close\r\n\r\n"

static const struct {
	const char *request;
	const char *has[4];
} rows[] = {
	{ "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" LAST "hello",
	  { "HTTP/1.1 200 ", "\r\n\r\nhello", "X-Content-Type-Options: nosniff\r\n",
	    "Cache-Control: no-store\r\n" } },
	{ "PUT /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST
	  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
	  { "HTTP/1.1 200 ", "\r\n\r\nabcde" } },
	{ "GET /files/a%20b/c?a=%41&b=2 HTTP/1.1\r\nX-Test: yes\r\n" HOST LAST,
	  { "HTTP/1.1 200 ", "\r\n\r\na b/c|A|yes", "Cache-Control: max-age=60\r\n" } },
	{ "GET /nothing HTTP/1.1\r\n" HOST LAST, { "HTTP/1.1 404 ", "not found\n" } },
	{ "GET /echo HTTP/1.1\r\n" HOST LAST, { "HTTP/1.1 405 ", "Allow: POST, PUT\r\n" } },
	{ "HEAD /slow HTTP/1.1\r\n" HOST LAST, { "HTTP/1.1 200 ", "Content-Length: 8\r\n" } },
	{ "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n" LAST, { "HTTP/1.1 413 " } },
	{ "POST /echo HTTP/1.1\r\n" HOST "Content-Length: -1\r\n" LAST, { "HTTP/1.1 400 " } },
	/* two lengths: one request may hide in another */
	{ "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 5\r\n" LAST "hello",
	  { "HTTP/1.1 400 ", "Connection: close\r\n" } },
	{ "GET /echo%00 HTTP/1.1\r\n" HOST LAST, { "HTTP/1.1 404 " } },
	{ "GET /files/x HTTP/1.1\r\n" LAST, { "HTTP/1.1 400 " } }, /* RFC 9112 3.2: no Host */
	{ "garbage\r\n\r\n", { "" } },                             /* just ends */
};

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *answer = ask(rows[i].request);

		for (size_t k = 0; k < COUNT(rows[i].has) && rows[i].has[k] != NULL; k++) {
			if (strstr(answer, rows[i].has[k]) == NULL)
				fail_msg("row %zu: no \"%s\" in:\n%s", i, rows[i].has[k], answer);
		}
	}
}

static void test_dribble(void **state)
{
	int fd = peer_connect(&at);

	(void)state;
	for (const char *p = rows[0].request; *p != '\0'; p++)
		peer_send_bytes(fd, p, 1);
	assert_non_null(strstr(read_all(fd), "\r\n\r\nhello"));
	peer_close(fd);
}

static void test_pipelining(void **state)
{
	enum { REQUESTS = 50 };
	struct buf all;
	const char *answer;

	(void)state;
	buf_init(&all, MIB(1));
	for (int i = 0; i < REQUESTS; i++)
		buf_fmt(&all, "%s /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n%s\r\n%03d",
		        i % 2 ? "PUT" : "POST", i == REQUESTS - 1 ? "Connection: close\r\n" : "",
		        i);
	buf_byte(&all, '\0');
	answer = ask(all.p);
	assert_int_equal(count_of(answer, "HTTP/1.1 200"), REQUESTS);
	for (int i = 0; i < REQUESTS; i++) {
		char want[16];

		snprintf(want, sizeof want, "\r\n\r\n%03d", i);
		answer = strstr(answer, want);
		check_at(i, answer != NULL);
	}
	buf_deinit(&all);
}

static void test_large(void **state)
{
	static const struct {
		const char *before;
		size_t n;
		const char *after, *want;
	} large[] = {
		{ "GET /files/x HTTP/1.1\r\n" HOST "X: ", 40000, "\r\n" LAST, "HTTP/1.1 431 " },
		{ "GET /files/", 40000, " HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 414 " },
		/* No answer is possible amid the body: the connection just ends. */
		{ "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST "200000\r\n",
		  0x200000, "\r\n0\r\n\r\n", "" },
		/* A body that no route takes is not kept, and has the same limit. */
		{ "PUT /nothing HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST
		  "100000\r\n",
		  0x100000, "\r\n0\r\n\r\n", "HTTP/1.1 404 " },
		{ "PUT /nothing HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST
		  "100001\r\n",
		  0x100001, "\r\n0\r\n\r\n", "" },
		{ "GET /files/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST
		  "100000\r\n",
		  0x100000, "\r\n0\r\n\r\n", "HTTP/1.1 200 " },
		{ "GET /files/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST
		  "100001\r\n",
		  0x100001, "\r\n0\r\n\r\n", "" },
		{ "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n" LAST, 1048576 - 2000,
		  NULL, "HTTP/1.1 200 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(large); i++) {
		int fd = peer_connect(&at);
		char *filler = test_malloc(large[i].n);
		const char *answer;

		memset(filler, 'x', large[i].n);
		peer_send(fd, large[i].before);
		(void)!send(fd, filler, large[i].n, MSG_NOSIGNAL);
		if (large[i].after != NULL) {
			(void)!send(fd, large[i].after, strlen(large[i].after), MSG_NOSIGNAL);
		} else {
			memset(filler, 'y', 2000);
			peer_send_bytes(fd, filler, 2000);
		}
		answer = read_all(fd);
		check_at(i, strncmp(answer, large[i].want, strlen(large[i].want)) == 0);
		test_free(filler);
		peer_close(fd);
	}
}

static void test_half_close(void **state)
{
	static const char *const requests[] = {
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello",
		"PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		int fd = peer_connect(&at);
		const char *answer;

		peer_send(fd, requests[i]);
		shutdown(fd, SHUT_WR);
		answer = read_all(fd);
		check_at(i, strstr(answer, "\r\n\r\nhello") != NULL);
		peer_close(fd);
	}
}

/* Requests that stop in the middle: the library does not always notice, the relay does. */
static void test_half_closed_amid_a_request(void **state)
{
	static const char *const requests[] = {
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: ",
		"PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel",
		"GET /files/x HTTP/1.1\r\n" HOST "\r\nGET /files",
	};

	int fds[150];

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = peer_connect(&at);
		peer_send(fds[i], requests[i % COUNT(requests)]);
		shutdown(fds[i], SHUT_WR);
	}
	for (size_t i = 0; i < COUNT(fds); i++) {
		read_all(fds[i]);
		peer_close(fds[i]);
	}
}

/* Through TLS both ways, with a body larger than any buffer on the way. */
static void test_tls(void **state)
{
	static const struct tls_client_config client = { .verify = TLS_VERIFY_NONE };
	static char body[1000000];
	struct dial_config config = { .to = at_tls, .timeout_ms = 5000 };
	struct stream *s = NULL;
	struct why why = { "" };
	struct str line;

	(void)state;
	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (char)('a' + i % 23);
	assert_int_equal(stream_dial(&config, &s, &why), OK);
	assert_int_equal(stream_starttls(s, &client, STR("www.example.org"), &why), OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(stream_write(s,
		                              STR("PUT /echo HTTP/1.1\r\n" HOST
		                                  "Content-Length: 1000000\r\n\r\n"),
		                              NULL),
		                 OK);
		assert_int_equal(stream_write(s, str_from(body, sizeof body), NULL), OK);
		assert_int_equal(stream_line(s, 1000, &line, NULL), OK);
		check_str(line, STR("HTTP/1.1 200 OK"));
		while (line.n != 0)
			assert_int_equal(stream_line(s, 1000, &line, NULL), OK);
		for (size_t at_byte = 0, got; at_byte < sizeof body; at_byte += got) {
			char chunk[8192];
			size_t want = MIN(sizeof chunk, sizeof body - at_byte);

			assert_int_equal(stream_read(s, chunk, want, &got, NULL), OK);
			assert_true(got != 0 && memcmp(chunk, body + at_byte, got) == 0);
		}
	}
	stream_free(&s);
}

/* A request that never ends, with a byte now and then, is cut; one that is being handled
 * is not. */
static void test_slow_peer(void **state)
{
	int slow = peer_connect(&at), idle = peer_connect(&at), kick;

	(void)state;
	peer_send(slow, "GET /files/x HTTP/1.1\r\n" HOST);
	usleep(100000);
	for (int i = 0; i < 4; i++) {
		clock_shift_mono(10000);
		kick = peer_connect(&at); /* wakes the poller, which then sees the time */
		usleep(100000);
		peer_close(kick);
		(void)!send(slow, "X", 1, MSG_NOSIGNAL);
	}
	peer_expect_end(slow, true);
	peer_expect_quiet(idle, 10);
	clock_shift_mono(30000);
	kick = peer_connect(&at);
	peer_expect_end(idle, false);
	peer_close(kick);
	peer_close(slow);
	peer_close(idle);
}

struct talker {
	int fd;
	const char *text;
};

static void test_stop(void **state)
{
	int idle = peer_connect(&at), busy = peer_connect(&at);

	(void)state;
	peer_send(busy, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	usleep(100000);
	assert_int_equal(runtime_stop(runtime, 5000), 0);
	peer_expect_end(idle, false);
	assert_non_null(strstr(read_all(busy), "at last"));
	peer_close(idle);
	peer_close(busy);
}

/* For two seconds something comes every 50 ms: an unfinished request stays one. */
static void *keep_talking(void *arg)
{
	const struct talker *t = arg;

	for (int i = 0; i < 40; i++) {
		(void)!send(t->fd, t->text, strlen(t->text), MSG_NOSIGNAL);
		usleep(50000);
	}
	return NULL;
}

/* Neither who trickles a request nor who asks and asks again holds up a stop. */
static void test_stop_is_not_put_off(void **state)
{
	struct talker talkers[] = {
		{ peer_connect(&at), "x" },
		{ peer_connect(&at), "GET /files/x HTTP/1.1\r\n" HOST "\r\n" },
	};
	pthread_t threads[COUNT(talkers)];
	int64_t began;

	(void)state;
	peer_send(talkers[0].fd, "GET /files/x HTTP/1.1\r\n" HOST "X: ");
	for (size_t i = 0; i < COUNT(talkers); i++)
		pthread_create(&threads[i], NULL, keep_talking, &talkers[i]);
	usleep(200000);
	began = clock_mono_ms();
	assert_int_equal(runtime_stop(runtime, 5000), 0);
	assert_true(clock_mono_ms() - began < 2500);
	for (size_t i = 0; i < COUNT(talkers); i++) {
		pthread_join(threads[i], NULL);
		peer_close(talkers[i].fd);
	}
}

/* Each connection counts with the three descriptors that it has. */
static void test_descriptors_are_counted(void **state)
{
	static const struct runtime_config few = { .workers_max = 8, .descriptors_max = 8 };
	int fds[2], third = -1;
	char line[64];

	fixture_drop(state);
	start_with(&few, routes, COUNT(routes), NULL);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = peer_connect(&at);
		peer_send(fds[i], "GET /files/x HTTP/1.1\r\n" HOST "\r\n");
		peer_expect(fds[i], "HTTP/1.1 200 OK\r\n");
	}
	/* Three do not fit, so the idle ones end. They are idle a moment after their answer. */
	for (unsigned n = 0; n == 0 || strcmp(line, "HTTP/1.1 200 OK") != 0; n++) {
		assert_true(n < 10000);
		if (n > 0)
			peer_close(third);
		third = peer_connect(&at);
		peer_send(third, "GET /files/x HTTP/1.1\r\n" HOST "\r\n");
		peer_line(third, line, sizeof line);
	}
	assert_true(runtime_stats(runtime).open <= 2);
	peer_close(third);
	for (size_t i = 0; i < COUNT(fds); i++)
		peer_close(fds[i]);
}

/* Whatever fails for one connection, the next one is served. */
static void test_faults(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 100; n++) {
		int fd = peer_connect(&at);
		bool fired;

		fault_arm(n);
		(void)!send(fd, rows[1].request, strlen(rows[1].request), MSG_NOSIGNAL);
		read_all(fd);
		fired = fault_fired();
		fault_arm(0);
		peer_close(fd);
		check_at(n, strstr(ask(rows[0].request), "hello") != NULL);
		if (!fired)
			return;
	}
	fail_msg("faults never end");
}

static bool not_yet(void *arg, struct why *why)
{
	(void)arg;
	(void)fail(why, ERR_RETRY, "the store is being opened");
	return false;
}

static void test_admin(void **state)
{
	static const struct {
		const char *request;
		const char *has[3];
	} pages[] = {
		{ "GET /healthz/live HTTP/1.1\r\n" HOST LAST, { "HTTP/1.1 200 ", "live\n" } },
		{ "GET /healthz/ready HTTP/1.1\r\n" HOST LAST,
		  { "HTTP/1.1 503 ", "the store is being opened\n" } },
		{ "GET /metrics HTTP/1.1\r\n" HOST LAST,
		  { "version=0.0.4", "roost_service_connections{service=\"http\"} 1\n",
		    "roost_connections_total " } },
		{ "GET / HTTP/1.1\r\n" HOST LAST,
		  { "Content-Type: text/html", "<title>Roost</title>", "</html>\n" } },
	};

	(void)state;
	admin.ready = not_yet;
	for (size_t i = 0; i < COUNT(pages); i++) {
		const char *answer = ask(pages[i].request);

		for (size_t k = 0; k < COUNT(pages[i].has) && pages[i].has[k] != NULL; k++) {
			if (strstr(answer, pages[i].has[k]) == NULL)
				fail_msg("row %zu: no \"%s\" in:\n%s", i, pages[i].has[k], answer);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_requests),
		TEST(test_dribble),
		TEST(test_pipelining),
		TEST(test_large),
		TEST(test_half_close),
		TEST(test_half_closed_amid_a_request),
		TEST(test_tls),
		TEST(test_slow_peer),
		TEST(test_stop),
		TEST(test_stop_is_not_put_off),
		TEST(test_descriptors_are_counted),
		TEST(test_faults),
		cmocka_unit_test_setup_teardown(test_admin, admin_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
