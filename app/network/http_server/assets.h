/* network/http_server/assets.h: the web interface, embedded in the program: the output of
 * scripts/build-web from web/.
 *
 * A file with a hash of its content in its name may be cached for ever; index.html, which names
 * them, must be revalidated. Each file is there uncompressed and, when that is smaller,
 * compressed. */
#ifndef HTTP_SERVER_ASSETS_H
#define HTTP_SERVER_ASSETS_H
#include "network/http_server/http.h"

struct http_asset {
	const char *path, *type;
	const char *etag; /* with its quotes */
	bool hashed;
	struct str plain, gzip, br; /* static; empty: not available */
};

extern const struct http_asset http_assets[];
extern const size_t http_asset_count;

/* Handle a request with the file of its path. index.html is the page of every view of the
 * interface: it also answers a path without a file when the client is a browser (it accepts
 * text/html) and the path is not an API path. Otherwise 404. This route comes last: its path is a
 * lone "*". */
void http_asset_page(const struct http_request *q, struct http_response *r);

/* Is the coding acceptable for this Accept-Encoding? RFC 9110 12.5.3; from a malformed part on,
 * nothing is accepted. */
bool http_coding_accepted(struct str field, struct str coding);

#endif
