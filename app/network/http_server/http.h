/* network/http_server/http.h: requests, responses and routes, for the code behind a URL.
 *
 * A request is complete when its handler runs: headers and body are there, within limits. A long
 * body is a file that is mapped (network/http_server/body.h). A handler fills the response and
 * returns; it never uses a socket. Handlers of HTTP_POOL routes run on a worker thread and may
 * block (store, DNS). Those of HTTP_QUICK routes run in the HTTP thread, between all other
 * requests, and must not block. */
#ifndef HTTP_SERVER_HTTP_H
#define HTTP_SERVER_HTTP_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

struct http_message; /* the HTTP library's, see network/http_server/server.c */

struct http_request {
	const char *method;
	struct str path; /* begins with a slash, has no NUL; decoded as in path.h */
	struct str rest; /* the part of path that the "*" of the route matches */
	struct str body;
	struct addr peer; /* this and the next two: of the client, also behind a trusted proxy */
	bool tls;
	bool local;            /* by the socket in the data folder: http_server/local.h */
	struct str host;       /* the Host field, unchecked */
	bool proxied;          /* a trusted proxy sent it and set host */
	int64_t began_mono_us; /* time of accept */
	struct str id;         /* the connection's, for logs                                  */
	struct arena *arena;   /* freed after the response was made */
	void *context;         /* the server's: http_config.context                           */
	struct http_message *message; /* NULL: no client sent it                              */
	const char *type; /* then: its Content-Type, its only field; NULL without a body  */
	struct str query; /* then: its query string, as in a request-target               */
};

/* The first header field of this name, any case; empty when absent. Borrowed. */
struct str http_header(const struct http_request *q, const char *name);
/* The client is authenticated, by session or token: do not evict its connection. */
void http_logged_in(const struct http_request *q);
/* The value of a cookie in a Cookie field (RFC 6265 5.4); empty when absent. Borrowed. */
struct str http_cookie(struct str field, struct str name);
/* The first argument of the query string of this name, decoded; empty when absent. */
struct str http_argument(const struct http_request *q, const char *name);

enum { HTTP_HEADERS_MAX = 12, HTTP_RESPONSE_MAX = 64 << 20 };

struct http_field {
	const char *name;
	struct str value;
};

struct http_response {
	unsigned status;  /* 200 at first                                            */
	const char *type; /* Content-Type; "text/plain; charset=utf-8" at first      */
	struct buf body;  /* append to it */
	struct str fixed; /* or set this: static bytes, not copied */
	int file;         /* or this: an open file, sent from its start, then closed; -1 at first */
	uint64_t file_bytes;
	struct http_field fields[HTTP_HEADERS_MAX]; /* use http_set                   */
	unsigned field_count;
};

/* Add a header field, or replace one, also a default of http_default_fields. value must live in the
 * request's arena or be static, and has no line ends (asserted). */
void http_set(struct http_response *r, const char *name, struct str value);
/* A short plain text for a person: "not found\n". Replaces the body. */
void http_say(struct http_response *r, unsigned status, const char *text);

typedef void http_handler(const struct http_request *q, struct http_response *r);

enum http_where { HTTP_QUICK, HTTP_POOL };

struct http_route {
	const char *method; /* "GET" answers HEAD too                                  */
	const char *path;   /* exact, or a prefix and "*": "/assets/" "*"              */
	http_handler *handle;
	enum http_where where;
	size_t body_max; /* bytes; 0: a body is read and ignored */
};

/* Fields that every response has unless it sets them itself: no sniffing, no framing, no caching,
 * no remote scripts. */
extern const struct http_field http_default_fields[];
extern const size_t http_default_field_count;

/* The route for a method and path, with *rest set. NULL: *status is 404, or 405 and *allow lists
 * the allowed methods, in a. The first matching row is used. */
const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, struct str path, struct arena *a,
                                         struct str *rest, unsigned *status, struct str *allow);

#endif
