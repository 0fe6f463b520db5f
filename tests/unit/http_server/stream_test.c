/* Responses without an end: event streams and WebSockets over the runtime. */
#include "harness/check.h"
#include "harness/peer.h"

#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "network/http_server/server.h"
#include "network/http_server/websocket.h"
#include "network/http_server/wire_websocket.h"
#include "network/runtime/runtime.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct runtime *runtime;
static struct http_server *server;
static struct addr at;

/* --- an event stream: one event for each wake -------------------------------------------- */

struct listener {
	struct waker waker;
	atomic_bool open;
	atomic_uint ended;
};
static struct listener listener;

static enum step events_run(struct conn *c, unsigned events)
{
	struct listener *l = conn_session(c);

	if (conn_stopping(c) || (events & CONN_EOF))
		return STEP_CLOSE;
	if (events & CONN_WAKE)
		http_event_put(conn_out(c), "state", STR("7"), STR("{}"));
	if (!l->open)
		http_event_comment(conn_out(c));
	l->waker = conn_waker(c);
	l->open = true;
	return STEP_PARK;
}

static void events_drop(void *session)
{
	((struct listener *)session)->ended++;
}

static void events_close(struct conn *c)
{
	events_drop(conn_session(c));
}

static const struct proto events_proto = { .name = "events",
	                                   .run = events_run,
	                                   .close = events_close };

static void events_serve(const struct http_request *q, struct http_response *r)
{
	r->type = "text/event-stream";
	if (!http_stream_begin(q, r, &events_proto, &listener, events_drop))
		http_set(r, "X-Stream", STR("none"));
}

/* --- a WebSocket that repeats -------------------------------------------------------------- */

static atomic_uint sockets_open, sockets_ended;
static struct waker socket_waker;

static void socket_opened(struct websocket *w, void *arg)
{
	(void)arg;
	socket_waker = websocket_waker(w);
	sockets_open++;
}

static void socket_text(struct websocket *w, void *arg, struct str text)
{
	struct buf b;

	(void)arg;
	if (str_eq(text, STR("bye"))) {
		websocket_close(w, WEBSOCKET_POLICY);
		return;
	}
	if (str_eq(text, STR("later"))) {
		websocket_timer(w, 10);
		return;
	}
	buf_init(&b, 8 << 20);
	for (int i = 0; i < (str_eq(text, STR("much")) ? 1 << 20 : 1); i++)
		buf_put(&b, text);
	websocket_send(w, &b);
}

static void socket_wake(struct websocket *w, void *arg)
{
	struct buf b;

	(void)arg;
	buf_init(&b, 100);
	buf_put(&b, STR("awake"));
	websocket_send(w, &b);
}

static void socket_end(void *arg)
{
	(void)arg;
	sockets_ended++;
}

static const struct websocket_ops ops = { 1000, socket_opened, socket_text, socket_wake,
	                                  socket_end };

static void socket_serve(const struct http_request *q, struct http_response *r)
{
	if (!websocket_begin(q, r, STR("echo"), &ops, &sockets_open))
		http_set(r, "X-Socket", STR("none"));
}

/* --- the server ---------------------------------------------------------------------------- */

static const struct http_route routes[] = {
	{ "GET", "/events", events_serve, HTTP_POOL, 0 },
	{ "GET", "/quick", events_serve, HTTP_QUICK, 0 },
	{ "GET", "/socket", socket_serve, HTTP_POOL, 0 },
};

static int fixture_make(void **state)
{
	struct conn_service service = { .name = "http", .proto = &http_proto };
	const struct runtime_config usual = { .workers_max = 4 };
	struct http_config http = { .routes = routes, .route_count = COUNT(routes) };
	struct addr loopback;
	struct why why = { "" };

	(void)state;
	event_fd_set(-1);
	listener.open = false;
	listener.ended = sockets_open = sockets_ended = 0;
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(runtime_new(&usual, &runtime, &why), OK);
	http.pool = runtime_pool(runtime);
	assert_int_equal(http_server_new(&http, &server, &why), OK);
	service.context = server;
	assert_int_equal(runtime_listen(runtime, &service, &loopback, &at, &why), OK);
	assert_int_equal(runtime_start(runtime, &why), OK);
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	runtime_stop(runtime, 2000);
	runtime_free(&runtime);
	http_server_free(&server);
	return 0;
}

/* Read up to the empty line after a head. */
static void head_read(int fd, char *to, size_t size)
{
	size_t n = 0;
	char line[512];

	do {
		peer_line(fd, line, sizeof line);
		n += (size_t)snprintf(to + n, size - n, "%s\n", line);
		assert_true(n < size);
	} while (line[0] != '\0');
}

static void head_check(const char *head, const char *has)
{
	if (strstr(head, has) == NULL)
		fail_msg("no \"%s\" in:\n%s", has, head);
}

/* The server closes the peer's connections in threads of its own. */
static void until(const atomic_uint *n, unsigned value)
{
	for (int i = 0; i < 1000 && *n != value; i++)
		poll(NULL, 0, 10);
	assert_int_equal(*n, value);
}

/* --- event streams ------------------------------------------------------------------------- */

static int stream_open(const char *path)
{
	char head[2048], request[200];
	int fd = peer_connect(&at);

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	peer_send(fd, request);
	head_read(fd, head, sizeof head);
	head_check(head, "HTTP/1.1 200 OK\n");
	head_check(head, "Content-Type: text/event-stream\n");
	head_check(head, "Cache-Control: no-store\n");
	head_check(head, "Connection: close\n");
	peer_expect(fd, ":\n\n");
	return fd;
}

static void stream(void **state)
{
	static const char *const paths[] = { "/events", "/quick" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		int fd = stream_open(paths[i]);

		conn_wake(listener.waker);
		peer_expect(fd, "event: state\nid: 7\ndata: {}\n\n");
		conn_wake(listener.waker);
		peer_expect(fd, "event: state\nid: 7\ndata: {}\n\n");
		peer_close(fd);
		until(&listener.ended, (unsigned)i + 1);
		conn_wake(listener.waker); /* harmless */
		listener.open = false;
	}
}

static void stream_stops(void **state)
{
	int fd = stream_open("/events");

	(void)state;
	assert_int_equal(runtime_stop(runtime, 2000), 0);
	peer_expect_end(fd, false);
	peer_close(fd);
	assert_int_equal(listener.ended, 1);
}

static void stream_of_head(void **state)
{
	int fd = peer_connect(&at);
	char head[2048];

	(void)state;
	peer_send(fd, "HEAD /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	head_read(fd, head, sizeof head);
	head_check(head, "X-Stream: none\n");
	peer_expect_end(fd, false);
	peer_close(fd);
}

/* A client that leaves at any time of the handler: the session is freed exactly once. */
static void stream_left(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		int fd = peer_connect(&at);

		peer_send(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
		peer_close(fd);
	}
	until(&listener.ended, 50);
}

/* --- WebSocket ----------------------------------------------------------------------------- */

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define HANDSHAKE \
	"GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" \
	"Connection: keep-alive, Upgrade\r\n" KEY

static void handshakes(void **state)
{
	static const struct {
		const char *request, *status, *has;
	} rows[] = {
		{ "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "426",
		  "Upgrade: websocket" },
		{ HANDSHAKE "Sec-WebSocket-Version: 12\r\nSec-WebSocket-Protocol: echo\r\n\r\n",
		  "426", "Sec-WebSocket-Version: 13" },
		{ HANDSHAKE "Sec-WebSocket-Version: 13\r\n\r\n", "400", "X-Socket: none" },
		{ HANDSHAKE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: echos\r\n\r\n",
		  "400", "X-Socket: none" },
		{ "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		  "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n"
		  "Sec-WebSocket-Protocol: echo\r\n\r\n",
		  "400", "X-Socket: none" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fd = peer_connect(&at);
		char head[2048];

		peer_send(fd, rows[i].request);
		head_read(fd, head, sizeof head);
		head_check(head, rows[i].status);
		head_check(head, rows[i].has);
		peer_close(fd);
	}
}

static int socket_open(void)
{
	int fd = peer_connect(&at);
	char head[2048];

	peer_send(fd, HANDSHAKE "Sec-WebSocket-Version: 13\r\n"
	                        "Sec-WebSocket-Protocol: chat, echo\r\n\r\n");
	head_read(fd, head, sizeof head);
	assert_string_equal(head, "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n"
	                          "Connection: Upgrade\n"
	                          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n"
	                          "Sec-WebSocket-Protocol: echo\n\n");
	return fd;
}

#define FRAME(head, text) head "\0\0\0\0" text
#define SEND(fd, bytes) peer_send_bytes(fd, bytes, sizeof(bytes) - 1)

static void socket_echo(void **state)
{
	int fd = socket_open();

	(void)state;
	SEND(fd, FRAME("\x81\x82", "hi"));
	peer_expect(fd, "\x81\x02hi");
	SEND(fd, FRAME("\x01\x81", "h") FRAME("\x89\x81", "p") FRAME("\x80\x81", "i"));
	peer_expect(fd, "\x8a\x01p\x81\x02hi");
	SEND(fd, FRAME("\x81\x81", "a") FRAME("\x81\x81", "b"));
	peer_expect(fd, "\x81\x01"
	                "a"
	                "\x81\x01"
	                "b");
	conn_wake(socket_waker);
	peer_expect(fd, "\x81\x05"
	                "awake");
	SEND(fd, FRAME("\x81\x85", "later"));
	peer_expect(fd, "\x81\x05"
	                "awake");
	SEND(fd, FRAME("\x88\x82", "\x03\xe8"));
	peer_expect(fd, "\x88\x02\x03\xe8");
	peer_expect_end(fd, false);
	peer_close(fd);
	until(&sockets_ended, 1);
}

/* A long message in pieces, while the peer does not read and others follow it. */
static void socket_long(void **state)
{
	static char got[1 << 16];
	int fd = socket_open();
	size_t all = 0;

	(void)state;
	SEND(fd, FRAME("\x81\x84", "much") FRAME("\x81\x81", "z"));
	while (all < (4u << 20) + 10 + 3) {
		ssize_t n = recv(fd, got, sizeof got, 0);

		assert_true(n > 0);
		all += (size_t)n;
	}
	assert_int_equal(all, (4u << 20) + 10 + 3);
	peer_close(fd);
	until(&sockets_ended, 1);
}

static void socket_ends(void **state)
{
	static char long_frame[] = "\x81\xfe\x03\xe9\0\0\0\0";
	int fd;

	(void)state;
	fd = socket_open();
	SEND(fd, FRAME("\x81\x83", "bye"));
	peer_expect(fd, "\x88\x02\x03\xf0"); /* 1008 */
	SEND(fd, FRAME("\x81\x81", "x") FRAME("\x88\x80", ""));
	peer_expect_end(fd, false);
	peer_close(fd);
	fd = socket_open();
	SEND(fd, long_frame);
	peer_expect(fd, "\x88\x02\x03\xf1"); /* 1009 */
	peer_close(fd);
	fd = socket_open();
	SEND(fd, "\x81\x01x");
	peer_expect(fd, "\x88\x02\x03\xea"); /* 1002 */
	peer_close(fd);
	fd = socket_open();
	assert_int_equal(runtime_stop(runtime, 2000), 0);
	peer_expect(fd, "\x88\x02\x03\xe9"); /* 1001 */
	peer_expect_end(fd, false);
	peer_close(fd);
	until(&sockets_ended, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stream),     TEST(stream_stops), TEST(stream_of_head), TEST(stream_left),
		TEST(handshakes), TEST(socket_echo),  TEST(socket_long),    TEST(socket_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
