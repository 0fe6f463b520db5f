/* network/http_server/server.h: HTTP/1.1 over the runtime's connections.
 *
 *	client ==TLS or TCP==> struct conn, relay.c ==socketpair==> libmicrohttpd, serving.h
 *
 * The runtime manages listeners, limits, TLS and stopping, as for every protocol: a conn_service
 * with http_proto and the server as its context. The relay only enforces times: a minimum rate for
 * requests, a maximum for idle connections. */
#ifndef HTTP_SERVER_SERVER_H
#define HTTP_SERVER_SERVER_H
#include "foundation/base/err.h"
#include "network/http_server/http.h"
#include "network/runtime/conn.h"

struct pool;
struct http_server;

struct http_config {
	const struct http_route *routes; /* borrowed, as context is */
	size_t route_count;
	void *context;
	/* Responds to requests without a handler: 404, 405, 413, 503; text is the reason in short.
	 * Runs in the HTTP thread. NULL: http_say. */
	void (*refuse)(const struct http_request *q, struct http_response *r, unsigned status,
	               const char *text);
	/* Called in the HTTP thread before a body is read: the most bytes that this client may
	 * send. max is the route's maximum, or LIMIT_http_body_open where the client announced no
	 * more than that. 0: none, and the response is sent at once. NULL: max for every client. */
	size_t (*admit)(const struct http_request *q, struct http_response *r, size_t max);
	/* A new file for a body that is longer than that, or -1. In the HTTP thread. NULL: bodies
	 * stay in memory. */
	int (*body_file)(void *context);
	struct pool *pool; /* for HTTP_POOL handlers; may be the runtime's */
};

/* Starts the HTTP thread; it opens no socket. */
enum err http_server_new(const struct http_config *config, struct http_server **out,
                         struct why *why) MUST_USE;
/* Trust the X-Forwarded- fields of these proxies from the next request on; initially none. proxies
 * is parsed by network_list_parse, whose errors are returned; then nothing has changed.
 * Thread-safe. */
enum err http_server_trust(struct http_server *s, struct str proxies, struct why *why) MUST_USE;
/* After runtime_free of the runtime whose connections it serves and whose pool it uses.
 * NULL is a no-op. */
void http_server_free(struct http_server **s);

extern const struct proto http_proto;

#endif
