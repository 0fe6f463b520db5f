/* network/http_server/path.h: percent-decoding of a path, as far as it can go before the path is
 * taken apart.
 *
 * A slash that is written "%2F" separates nothing (RFC 3986 2.2): it belongs to the name it
 * stands in, "a%2Fb@example.org". So it stays as it is in the path, and "%25" does, which would
 * otherwise look like one; who has found the parts of the path decodes each by http_part. */
#ifndef HTTP_SERVER_PATH_H
#define HTTP_SERVER_PATH_H
#include "foundation/base/str.h"

struct arena;

/* Decode text in place, but for "%2F" and "%25"; what is no escape stays. A text with "%00" is
 * left alone: decoded it would end there, and be one that nobody asked for. Returns its length. */
size_t path_unescape(char *text);

/* A request-target in absolute form (RFC 9112 3.2.2), "http://HOST/PATH": leave its path in *target
 * and put its host in place of the Host field's, which only counts as to how many there were: two,
 * joined by a comma, stay, as they are no host. Any other target stays as it is. Borrowed. */
void http_target_split(struct str *target, struct str *host);

/* A part of a path after that, decoded to the end, in a. */
struct str http_part(struct arena *a, struct str part);

#endif
