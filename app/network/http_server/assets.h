/* network/http_server/assets.h: the web interface inside the program: what scripts/build-web made
 * of web/.
 *
 * A file whose name holds a hash of its content may be kept for ever; the page that names it,
 * index.html, is asked about each time. Each is there plain and, when it saves something,
 * compressed. */
#ifndef HTTP_SERVER_ASSETS_H
#define HTTP_SERVER_ASSETS_H
#include "network/http_server/http.h"

struct http_asset {
	const char *path, *type;
	const char *etag; /* with its quotes */
	bool hashed;
	struct str plain, gzip, br; /* live for ever; empty: not there */
};

extern const struct http_asset http_assets[];
extern const size_t http_asset_count;

/* Answers with the file of the request's path. index.html stands for every page of the
 * interface, so it also answers for a path that is no file's when the request comes from a
 * browser that goes there (it accepts text/html) and the path is not below one of those where
 * programs ask. Others get 404. The route comes last: its path is a lone "*". */
void http_asset_page(const struct http_request *q, struct http_response *r);

/* Is the coding acceptable to who sent this Accept-Encoding? RFC 9110 12.5.3; a field that
 * does not parse accepts nothing from there on. */
bool http_coding_accepted(struct str field, struct str coding);

#endif
