/* network/http_server/link.h: what the two halves of a connection know of each other, for
 * http_server/ only.
 *
 * Made by the relay, held by it and by the HTTP library's connection; the last one frees. */
#ifndef HTTP_SERVER_LINK_H
#define HTTP_SERVER_LINK_H
#include "network/runtime/addr.h"

#include <stdatomic.h>

struct http_server;

struct http_link {
	atomic_uint owners;
	atomic_bool busy; /* a handler is running: the peer waits for us, not we for it */
	atomic_bool login; /* a request of somebody who has logged in came by it */
	struct addr peer;
	bool tls;
	int64_t began_mono_us;
	bool local; /* by the socket in the data folder */
	char id[16];
};

void http_link_unref(struct http_link *l);

/* Give the library one end of a socketpair, which it closes in any case. Takes a reference
 * to link for it. False: it does not want it. */
bool http_server_add(struct http_server *s, int fd, struct http_link *link) MUST_USE;
/* No handler begins on the pool any more: such a request is refused. */
void http_server_pool_gone(struct http_server *s);
/* The relay has ended: forget an end that the library never looked at. */
void http_server_forget(struct http_server *s, int fd, struct http_link *link);

#endif
