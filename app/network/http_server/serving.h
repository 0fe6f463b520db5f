/* network/http_server/serving.h: a request that libmicrohttpd serves. Private to server*.c, the
 * only files that use the library.
 *
 *	server.c           the library's thread and its connections
 *	server_request.c   a request: its origin, route, body and handler
 *	server_response.c  the response
 *
 * A request is processed in the library's thread: serving_request when its headers are there, again
 * for each piece of its body and when it is complete, then serving_respond. While a handler runs on
 * the pool, the library's connection is suspended; the library then calls again for the
 * response. */
#ifndef HTTP_SERVER_SERVING_H
#define HTTP_SERVER_SERVING_H
#include "foundation/base/map.h"
#include "network/http_server/body.h"
#include "network/http_server/forwarded.h"
#include "network/http_server/link.h"
#include "network/http_server/server.h"

#include <microhttpd.h>
#include <pthread.h>

struct http_server {
	struct http_config config;
	struct MHD_Daemon *daemon;
	struct http_bodies bodies; /* the library's thread's */
	pthread_mutex_t lock;
	struct map added;            /* lock: struct http_link by descriptor, until the library
			     has looked at it */
	struct network_list trusted; /* lock; lives in trusted_arena */
	struct arena trusted_arena;  /* lock                         */
	bool pool_gone;              /* lock                         */
};

/* One request and its response, from the headers on; owned by the library. */
struct http_message {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct http_link *link;
	const struct http_route *route; /* NULL: the response is already made */
	struct http_request request;
	struct http_response response;
	struct arena arena;
	struct http_body body;
	struct http_next next; /* a handler began a stream */
	uint64_t unwanted; /* bytes of a body without a route for it */
	bool begun;     /* the library's first call for it has returned */
	bool suspended; /* a handler has run, or runs, on the pool              */
};

/* MHD_AccessHandlerCallback: a part of a request has arrived. arg: struct http_server. */
enum MHD_Result serving_request(void *arg, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *bytes,
                                size_t *n, void **context);
/* MHD_RequestCompletedCallback: the request has ended, in whatever way. */
void serving_completed(void *arg, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode how);

/* Give the present response to the library. MHD_NO: the connection ends without one. */
enum MHD_Result serving_respond(struct http_message *m);

#endif
