/* network/http_server/server.h: HTTP/1.1 over the runtime's connections.
 *
 *	client ==TLS or TCP==> struct conn, relay.c ==socketpair==> libmicrohttpd, serving.h
 *
 * Listeners, limits, TLS and stopping are the runtime's, as for every protocol: a
 * conn_service with http_proto and the server as its context. The relay knows nothing of
 * HTTP but time: a request must come at a certain rate, an idle connection ends. */
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
	/* Answers what no handler sees: 404, 405, 413, 503; text is the reason in short. Runs in
	 * the HTTP thread. NULL: http_say. */
	void (*refuse)(const struct http_request *q, struct http_response *r, unsigned status,
	               const char *text);
	/* Called in the HTTP thread before a body is read: the most bytes that this client may
	 * send. max is the route's maximum, or LIMIT_http_body_open where the client announced no
	 * more than that. 0: none, and the response is sent at once. NULL: max for everybody. */
	size_t (*admit)(const struct http_request *q, struct http_response *r, size_t max);
	/* A new file for a body that is longer than that, or -1. In the HTTP thread. NULL: bodies
	 * stay in memory. */
	int (*body_file)(void *context);
	struct pool *pool; /* for HTTP_POOL handlers: the runtime's will do */
};

/* Starts the HTTP thread; it opens no socket. */
enum err http_server_new(const struct http_config *config, struct http_server **out,
                         struct why *why) MUST_USE;
/* Proxies whose X-Forwarded- fields are believed, from the next request on; nobody's at first.
 * proxies is as of network_list_parse, whose errors are returned: nothing has changed then. Any
 * thread. */
enum err http_server_trust(struct http_server *s, struct str proxies, struct why *why) MUST_USE;
/* After runtime_free of the runtime whose connections it serves and whose pool it uses.
 * NULL is a no-op. */
void http_server_free(struct http_server **s);

extern const struct proto http_proto;

#endif
