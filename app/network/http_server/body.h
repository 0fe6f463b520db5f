/* network/http_server/body.h: the body of a request while it is received, for http_server/ only.
 *
 * A short body stays in memory, a longer one goes to an unnamed file. All bodies of a server share
 * one budget, http_bodies: the announced size is reserved before a byte is read. All functions are
 * for the HTTP library's thread. */
#ifndef HTTP_SERVER_BODY_H
#define HTTP_SERVER_BODY_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

/* The budget. */
struct http_bodies {
	uint64_t bytes;                 /* reserved for bodies under way */
	int (*open_file)(void *context); /* a new file; -1: none. NULL: everything in memory   */
	void *context;
};

/* All-zero is a valid empty one. */
struct http_body {
	struct http_bodies *all;
	struct buf memory; /* all bytes until there is a file        */
	uint64_t max, size, promised;
	void *map; /* of the file, made by http_body_view    */
	int fd;    /* valid when in_file                     */
	bool in_file, failed;
};

/* Begin a body of at most max bytes and reserve the announced ones now; 0: unknown, they are
 * reserved as they arrive. False: the budget is exhausted. */
bool http_body_begin(struct http_body *b, struct http_bodies *all, uint64_t max,
                     uint64_t announced) MUST_USE;
/* ERR_LIMIT: more than max, or than the budget has. ERR_IO: it could not be stored; later bytes are
 * accepted and ignored. */
enum err http_body_put(struct http_body *b, struct str bytes) MUST_USE;
/* All of it, borrowed until http_body_end. ERR_IO. */
enum err http_body_view(struct http_body *b, struct str *out) MUST_USE;
/* Free everything; again is a no-op. */
void http_body_end(struct http_body *b);

#endif
