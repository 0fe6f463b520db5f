/* network/runtime/deflate_gzip.h: a gzip file (RFC 1952) from data in memory. */
#ifndef RUNTIME_DEFLATE_GZIP_H
#define RUNTIME_DEFLATE_GZIP_H
#include "foundation/base/buf.h"

/* Append the file: one member, without name and time, so that equal data gives equal files. False,
 * with nothing appended: out has no room. Takes about 270 KiB while it runs. */
bool gzip_put(struct buf *out, struct str plain) MUST_USE;

#endif
