/* network/http_server/local.h: the HTTP server for local commands: a socket in the data folder.
 *
 * "api.sock" has mode 0600. A process that may open it may also read and write the store, so its
 * requests count as the administrator's (http_request.local) and need neither login nor TLS. The
 * protocol is HTTP/1.1. A browser cannot reach it. */
#ifndef HTTP_SERVER_LOCAL_H
#define HTTP_SERVER_LOCAL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct http_local;
struct http_server;
struct sockaddr_un;

/* Its address, for both ends; false: the folder's path is too long for a socket address. */
bool http_local_address(struct str folder, struct sockaddr_un *out);

/* Open it, replacing one that a killed server left; its own thread serves it. */
enum err http_local_open(struct http_server *s, struct str folder, struct http_local **out,
                         struct why *why) MUST_USE;
/* Call it before runtime_free: afterwards no handler starts on the pool, since a connection over
 * this socket may still be open. NULL is a no-op; clears *l. */
void http_local_close(struct http_local **l);

#endif
