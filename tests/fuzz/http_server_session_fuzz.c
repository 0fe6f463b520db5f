/* The HTTP server in each state of a connection, over the real way: runtime, relay, socketpair
 * and library, with threads. The first byte chooses the state, the rest is what the client sends
 * before it closes its half. Laws: what is said is a row of whole responses; a handler sees a
 * path that begins with a slash and has no NUL, a body within its limit, and none for GET; what
 * our handlers say is the same whether the bytes come at once or in pieces; and the connection
 * ends. */
#include "network/runtime/runtime_private.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "network/http_server/server.h"
#include "network/runtime/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 8192, SAID_MAX = 16 << 20, END_MS = 20000 };

#define HOST "Host: x\r\n"
#define GET "GET /a%20b?c=d HTTP/1.1\r\n" HOST "\r\n"

static const char *const states[] = {
	"",
	"GET /",
	"HEAD / HTTP/1.1\r\n",
	"GET / HTTP/1.0\r\n",
	"GET / HTTP/1.1\r\n" HOST "X: ",
	"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n",
	"POST /echo HTTP/1.1\r\n" HOST "Content-Length: ",
	"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 20\r\n\r\n",
	"PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 20\r\n\r\n",
	"PUT /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
	"PUT /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	"PUT /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	GET,
	"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" GET,
};

/* --- the server ---------------------------------------------------------------- */

static void request_check(const struct http_request *q)
{
	assert(q->path.n != 0 && q->path.p[0] == '/');
	assert(str_find_byte(q->path, '\0') < 0);
	assert(q->method[0] != '\0');
	assert(q->body.n <= LIMIT_http_body);
	assert(!q->tls && q->id.n == 8);
}

static void echo(const struct http_request *q, struct http_response *r)
{
	request_check(q);
	buf_put(&r->body, q->body);
}

/* A HEAD's answer has no body, whatever its Content-Length: the check below has to know. */
static void page(const struct http_request *q, struct http_response *r)
{
	struct str argument = http_argument(q, "c");

	request_check(q);
	assert(q->body.n == 0);
	assert(str_eq(q->rest, str_sub(q->path, 1, q->path.n)));
	buf_fmt(&r->body, "%.*s|%.*s", STR_ARG(q->rest), STR_ARG(argument));
	if (strcmp(q->method, "HEAD") == 0)
		http_set(r, "X-Head", STR("yes"));
}

static const struct http_route routes[] = {
	{ "POST", "/echo", echo, HTTP_QUICK, LIMIT_http_body },
	{ "PUT", "/echo", echo, HTTP_POOL, LIMIT_http_body },
	{ "GET", "/*", page, HTTP_QUICK, 0 },
};

static struct listener *server_start(void)
{
	static struct runtime *runtime;
	static const struct runtime_config few = { .workers_max = 4 };
	struct conn_service service = { .name = "http", .proto = &http_proto };
	struct http_config http = { .routes = routes, .route_count = COUNT(routes) };
	struct http_server *server;
	struct addr loopback;

	event_fd_set(-1);
	if (!addr_parse(STR("127.0.0.1:0"), &loopback) || runtime_new(&few, &runtime, NULL) != OK)
		abort();
	http.pool = runtime_pool(runtime);
	if (http_server_new(&http, &server, NULL) != OK)
		abort();
	service.context = server;
	if (runtime_listen(runtime, &service, &loopback, NULL, NULL) != OK ||
	    runtime_start(runtime, NULL) != OK)
		abort();
	return container_of(runtime->listeners.next, struct listener, link);
}

/* --- the client ---------------------------------------------------------------- */

/* Everything that is said until the end. */
static void read_all(int fd, struct buf *said)
{
	int64_t until_ms = clock_mono_ms() + END_MS; /* else it does not end */
	ssize_t got = 1;

	while (got > 0) {
		if (!socket_wait(fd, POLLIN, until_ms))
			abort();
		got = recv(fd, buf_room(said, 4096), 4096, 0);
		if (got > 0)
			buf_commit(said, (size_t)got);
	}
}

static void send_pieces(int fd, struct str bytes, size_t piece)
{
	while (bytes.n != 0) {
		struct str some = str_sub(bytes, 0, piece);

		if (send(fd, some.p, some.n, MSG_NOSIGNAL) != (ssize_t)some.n)
			return; /* it has heard enough */
		bytes = str_sub(bytes, some.n, bytes.n);
	}
}

static void converse(struct listener *l, const char *before, struct str input, size_t piece,
                     struct buf *said)
{
	static const struct addr peer = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
	    fcntl(pair[1], F_SETFL, O_NONBLOCK) != 0)
		abort();
	listener_welcome(l, pair[1], &peer);
	send_pieces(pair[0], str_of(before), SIZE_MAX);
	send_pieces(pair[0], input, piece);
	shutdown(pair[0], SHUT_WR);
	read_all(pair[0], said);
	close(pair[0]);
}

/* --- what was said ------------------------------------------------------------- */

struct head {
	unsigned status;
	uint64_t length;
	bool has_length, of_head, ours;
};

/* A status line and fields, up to the empty line, to out without the Date. */
static void head_take(struct cur *c, struct head *h, struct buf *out)
{
	struct str line, status;
	struct cur s;
	uint32_t n;

	*h = (struct head){ 0 };
	assert(cur_line(c, &line));
	assert(str_starts(line, STR("HTTP/1.1 ")) || str_starts(line, STR("HTTP/1.0 ")));
	s = cur_of(str_sub(line, 9, line.n));
	assert(cur_take(&s, 3, &status));
	s = cur_of(status);
	assert(cur_u32(&s, &n) && cur_done(&s));
	h->status = n;
	buf_put(out, line);
	for (;;) {
		assert(cur_line(c, &line));
		if (line.n == 0)
			return;
		assert(str_find_byte(line, '\r') < 0 && str_find_byte(line, ':') > 0);
		s = cur_of(line);
		if (!cur_stri(&s, STR("Date: ")))
			buf_put(out, line);
		if (str_eqi(line, STR("X-Head: yes")))
			h->of_head = true;
		if (str_eqi(line, STR("X-Content-Type-Options: nosniff")))
			h->ours = true;
		if (cur_stri(&s, STR("Content-Length: "))) {
			assert(!h->has_length && cur_u64(&s, &h->length) && cur_done(&s));
			h->has_length = true;
		}
	}
}

/* Check the responses and put to out what may not differ between two runs: ours, but for dates.
 * The library's own depend on when the end comes: it may tell a client with its body ready to
 * continue (RFC 9110 10.1.1), and what is wrong to one that has hung up. */
static void responses_check(struct str said, struct buf *out)
{
	struct cur c = cur_of(said);
	struct str body;
	struct head h;

	while (!cur_done(&c)) {
		size_t before = out->n;

		head_take(&c, &h, out);
		if (!h.ours)
			buf_cut(out, before);
		if (h.status < 200 || h.of_head)
			continue;
		assert(h.has_length);
		/* The library's own refusal of a HEAD has no body either, and ends all. */
		if (!cur_take(&c, h.length, &body))
			assert(h.status >= 400 && cur_done(&c));
		else if (h.ours)
			buf_put(out, body);
	}
}

static void try_it(struct listener *l, const char *before, struct str input, size_t piece,
                   struct buf *out)
{
	struct buf said;

	buf_init(&said, SAID_MAX);
	converse(l, before, input, piece, &said);
	responses_check(buf_str(&said), out);
	buf_deinit(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct listener *listener;
	struct buf whole, pieces;
	const char *before;
	struct str input;

	if (listener == NULL)
		listener = server_start();
	if (n < 2 || n > INPUT_MAX)
		return 0;
	before = states[data[0] % COUNT(states)];
	input = str_from((const char *)data + 1, n - 1);
	buf_init(&whole, SAID_MAX);
	buf_init(&pieces, SAID_MAX);
	try_it(listener, before, input, SIZE_MAX, &whole);
	try_it(listener, before, input, 1 + n / 16, &pieces);
	assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_deinit(&pieces);
	buf_deinit(&whole);
	return 0;
}
