/* network/runtime/deflate_gzip.h: a gzip file (RFC 1952), made at once of what is in memory. */
#ifndef RUNTIME_DEFLATE_GZIP_H
#define RUNTIME_DEFLATE_GZIP_H
#include "foundation/base/buf.h"

/* Append the file: one member, without name and time, so that the same bytes give the same file.
 * False, and nothing is appended: there is no room for it. About 270 KiB meanwhile. */
bool gzip_put(struct buf *out, struct str plain) MUST_USE;

#endif
