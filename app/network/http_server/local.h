/* network/http_server/local.h: the HTTP server for commands beside it: a socket in the data folder.
 *
 * "api.sock", of mode 0600: who may open it may read and write the store as well, so a request
 * that comes this way is believed to be of who administers the machine (http_request.local), and
 * needs neither login nor TLS. It is HTTP/1.1 as everywhere. A browser cannot reach it. */
#ifndef HTTP_SERVER_LOCAL_H
#define HTTP_SERVER_LOCAL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct http_local;
struct http_server;
struct sockaddr_un;

/* Where it is, for both ends; false: the folder's path is too long for a socket in it. */
bool http_local_address(struct str folder, struct sockaddr_un *out);

/* Open it, replacing one a killed server left; it is served on a thread of its own. */
enum err http_local_open(struct http_server *s, struct str folder, struct http_local **out,
                         struct why *why) MUST_USE;
/* Before runtime_free: from here on the server begins no handler on the pool, since a connection
 * that came this way may still be open. NULL is a no-op; clears *l. */
void http_local_close(struct http_local **l);

#endif
