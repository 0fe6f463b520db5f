/* network/http_server/body.h: the body of a request while it comes, for http_server/ only.
 *
 * A short body stays in memory, a longer one goes to a file without a name. All bodies of a server
 * share one budget, http_bodies: what a body has announced is taken from it before a byte is read.
 * All functions are for the HTTP library's thread. */
#ifndef HTTP_SERVER_BODY_H
#define HTTP_SERVER_BODY_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

/* The budget. */
struct http_bodies {
	uint64_t bytes;                 /* promised to bodies under way                       */
	int (*open_file)(void *context); /* a new file; -1: none. NULL: everything in memory   */
	void *context;
};

/* All zero holds nothing. */
struct http_body {
	struct http_bodies *all;
	struct buf memory; /* all bytes until there is a file        */
	uint64_t max, size, promised;
	void *map; /* of the file, made by http_body_view    */
	int fd;    /* valid when in_file                     */
	bool in_file, failed;
};

/* Begin a body of at most max bytes, of which announced are promised now; 0: not known, they are
 * promised as they come. False: the budget is used up. */
bool http_body_begin(struct http_body *b, struct http_bodies *all, uint64_t max,
                     uint64_t announced) MUST_USE;
/* ERR_LIMIT: more than max, or than the budget has. ERR_IO: it could not be stored; the rest may be
 * put and is ignored. */
enum err http_body_put(struct http_body *b, struct str bytes) MUST_USE;
/* All of it, borrowed until http_body_end. ERR_IO. */
enum err http_body_view(struct http_body *b, struct str *out) MUST_USE;
/* Give everything back; again is a no-op. */
void http_body_end(struct http_body *b);

#endif
