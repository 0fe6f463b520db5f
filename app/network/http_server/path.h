/* network/http_server/path.h: percent-decoding of a path in two steps, before and after it is
 * split.
 *
 * "%2F" is not a separator (RFC 3986 2.2) but part of a name, as in "a%2Fb@example.org". So the
 * first step leaves it and "%25" encoded; after the split, http_part decodes each part
 * completely. */
#ifndef HTTP_SERVER_PATH_H
#define HTTP_SERVER_PATH_H
#include "foundation/base/str.h"

struct arena;

/* Decode text in place, except "%2F" and "%25"; malformed escapes stay. A text with "%00" stays
 * unchanged, because decoding would truncate it to another path. Returns its length. */
size_t path_unescape(char *text);

/* Split a request-target in absolute form (RFC 9112 3.2.2), "http://HOST/PATH": *target becomes its
 * path, and *host its host. When the request had several Host fields (joined by a comma), *host
 * stays, because it is invalid. Any other target is unchanged. Borrowed. */
void http_target_split(struct str *target, struct str *host);

/* Decode a part of a split path completely, in a. */
struct str http_part(struct arena *a, struct str part);

#endif
