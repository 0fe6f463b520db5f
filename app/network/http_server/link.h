/* network/http_server/link.h: the shared state of the two halves of a connection, for http_server/
 * only.
 *
 * Created by the relay, shared by it and the HTTP library's connection; the last one frees it. */
#ifndef HTTP_SERVER_LINK_H
#define HTTP_SERVER_LINK_H
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

#include <stdatomic.h>

struct http_server;
struct proto;

/* The protocol that follows HTTP on a connection: stream.h. */
struct http_next {
	const struct proto *proto;
	void *session;
	void (*drop)(void *session);
	struct buf head; /* of the response */
};

struct http_link {
	atomic_uint owners;
	atomic_bool busy; /* a handler is running: the peer waits for the server */
	atomic_bool login; /* an authenticated request came over it */
	struct addr peer;
	bool tls;
	int64_t began_mono_us;
	bool local; /* by the socket in the data folder */
	char id[16];
	struct http_next next; /* the relay's once leaves is set */
	atomic_bool leaves;    /* the library closes its end for a stream */
};

void http_link_unref(struct http_link *l);

/* Give the library one end of a socketpair, which it closes in any case. Takes a reference to link
 * for it. False: the library refused it. */
bool http_server_add(struct http_server *s, int fd, struct http_link *link) MUST_USE;
/* Start no handlers on the pool any more; refuse such requests. */
void http_server_pool_gone(struct http_server *s);
/* The relay has ended: release an end that the library has not taken yet. */
void http_server_forget(struct http_server *s, int fd, struct http_link *link);

#endif
