/* The requests of mail clients for their settings by Autodiscover, through the HTTP server. The
 * first byte chooses: even, the rest is the body of a POST of version 1; odd, it is the path and
 * the query of version 2, up to a space. Laws: the answer to version 1 is XML of one of two
 * forms, and to version 2 is JSON; an address at another domain gets no settings; nothing of the
 * request stands in the answer but an address of ours. */
#include "network/runtime/runtime_private.h"

#include "console/api/admin.h"
#include "console/api/clients/client_setup.h"
#include "formats/reports/xml.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "foundation/text/json.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/http_server/server.h"
#include "network/runtime/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 8192, SAID_MAX = 1 << 20, END_MS = 20000 };

static const struct http_route routes[] = {
	{ "POST", "/autodiscover.xml", client_autodiscover_xml, HTTP_POOL, 65536 },
	{ "GET", "/*", client_autodiscover_json, HTTP_POOL, 0 },
};

static enum err domain_make(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, STR("example.org"), NULL);
}

static struct listener *server_start(void)
{
	static const struct settings settings = { .hostname = { "mail.example.org", 16 },
		                                  .listen_imaps = { "*:993", 5 },
		                                  .listen_submission = { "*:587", 5 } };
	static const struct store_config memory = { .backend = STORE_MEMORY, .create = true };
	static const struct runtime_config few = { .workers_max = 4 };
	static struct runtime *runtime;
	static struct admin admin;
	struct http_config http = { .routes = routes,
		                    .route_count = COUNT(routes),
		                    .context = &admin };
	struct conn_service service = { .name = "http", .proto = &http_proto };
	struct http_server *server;
	struct addr loopback;

	event_fd_set(-1);
	admin.live = live_of(&settings);
	if (store_open(&admin.store, &memory, NULL) != OK ||
	    store_write(admin.store, domain_make, NULL, NULL) != OK ||
	    !addr_parse(STR("127.0.0.1:0"), &loopback) || runtime_new(&few, &runtime, NULL) != OK)
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

/* Everything that is said until the end. */
static void converse(struct listener *l, struct str request, struct buf *said)
{
	static const struct addr peer = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	int64_t until_ms = clock_mono_ms() + END_MS;
	ssize_t got = 1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
	    fcntl(pair[1], F_SETFL, O_NONBLOCK) != 0)
		abort();
	listener_welcome(l, pair[1], &peer);
	(void)!send(pair[0], request.p, request.n, MSG_NOSIGNAL);
	shutdown(pair[0], SHUT_WR);
	while (got > 0) {
		if (!socket_wait(pair[0], POLLIN, until_ms))
			abort();
		got = recv(pair[0], buf_room(said, 4096), 4096, 0);
		if (got > 0)
			buf_commit(said, (size_t)got);
	}
	close(pair[0]);
}

static bool is_ours(struct str address)
{
	static const struct str domain = STR("@example.org");

	return address.n > domain.n &&
	       str_eqi(str_sub(address, address.n - domain.n, address.n), domain);
}

/* One document, whose LoginName, if any, is an address of ours. */
static void xml_check(struct str body)
{
	static struct wire_xml x;
	bool settings = false, error = false;
	enum xml_event event;

	wire_xml_init(&x);
	wire_xml_feed(&x, body);
	while ((event = wire_xml_next(&x)) == XML_OPEN || event == XML_CLOSE) {
		settings |= event == XML_OPEN && str_eq(x.name, STR("Protocol"));
		if (event == XML_CLOSE && str_eq(x.name, STR("ErrorCode")))
			error = str_eq(x.text, STR("600"));
		if (event == XML_CLOSE && str_eq(x.name, STR("LoginName")))
			assert(x.text.n == XML_TEXT_MAX || is_ours(x.text));
	}
	assert(event == XML_DONE);
	assert(settings != error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct listener *listener;
	struct str input, answer, head, body;
	struct buf request, said;
	struct arena a = { 0 };
	struct json json;
	ptrdiff_t end;

	if (listener == NULL)
		listener = server_start();
	if (n < 2 || n > INPUT_MAX)
		return 0;
	input = str_from((const char *)data + 1, n - 1);
	buf_init(&request, 2 * INPUT_MAX);
	buf_init(&said, SAID_MAX);
	if (data[0] % 2 == 0) {
		buf_fmt(&request, "POST /autodiscover.xml HTTP/1.0\r\nContent-Length: %zu\r\n\r\n",
		        input.n);
		buf_put(&request, input);
	} else {
		buf_put(&request, STR("GET /"));
		for (size_t i = 0; i < input.n && (unsigned char)input.p[i] > ' '; i++)
			buf_byte(&request, input.p[i]);
		buf_put(&request, STR(" HTTP/1.0\r\n\r\n"));
	}
	converse(listener, buf_str(&request), &said);
	answer = buf_str(&said);
	end = str_find(answer, STR("\r\n\r\n"));
	head = str_sub(answer, 0, (size_t)MAX(end, 0));
	body = str_sub(answer, (size_t)(end + 4), answer.n);
	if (str_find(head, STR("text/xml")) >= 0)
		xml_check(body);
	else if (str_find(head, STR("application/json")) >= 0)
		assert(json_parse(&a, body, &json));
	else
		assert(data[0] % 2 != 0); /* the library's: no path, or too long */
	arena_deinit(&a);
	buf_deinit(&request);
	buf_deinit(&said);
	return 0;
}
