/* network/runtime/deflate.h: a DEFLATE stream in both directions (RFC 1951), for COMPRESS (RFC
 * 4978), between a protocol and TLS. Only deflate.c and deflate_gzip.c use zlib.
 *
 * Output never exceeds the caller's maximum: data is decompressed in pieces of the caller's size,
 * so a decompression bomb is stopped by the usual limit of literals and takes no more memory than
 * other input. */
#ifndef RUNTIME_DEFLATE_H
#define RUNTIME_DEFLATE_H
#include "foundation/base/buf.h"

struct deflate;

enum { DEFLATE_FLUSH_MIN = 16 }; /* bytes: with less room, zlib would begin a second flush */

/* About 45 KiB at first, 80 KiB after use in both directions: see deflate_memory. */
struct deflate *deflate_new(void) MUST_USE;
/* NULL is a no-op; clears *z. */
void deflate_free(struct deflate **z);
/* The heap memory of z in bytes. */
size_t deflate_memory(const struct deflate *z);

/* Compress plain, and append at most max bytes to out. Returns how many bytes of plain were taken;
 * they may stay inside until deflate_flush. */
size_t deflate_put(struct deflate *z, struct str plain, struct buf *out, size_t max) MUST_USE;
/* Append the rest of the compressed data, so that the peer can read all of it. False: max bytes, at
 * least DEFLATE_FLUSH_MIN, were not enough; call it again before any other output. */
bool deflate_flush(struct deflate *z, struct buf *out, size_t max) MUST_USE;
/* The same, and end the stream: no output may follow. */
bool deflate_finish(struct deflate *z, struct buf *out, size_t max) MUST_USE;

enum deflate_state {
	DEFLATE_OPEN,
	DEFLATE_ENDED, /* the peer has ended its stream; later bytes are not part of it */
	DEFLATE_BROKEN,
};

/* Decompress packed, at most to the end of a block, and append at most max bytes to out. Returns
 * how many bytes of packed were consumed. Call again while bytes are left or deflate_holds. */
size_t deflate_take(struct deflate *z, struct str packed, struct buf *out, size_t max) MUST_USE;
/* Can more be decompressed without further input? */
bool deflate_holds(const struct deflate *z);
/* The state of the peer's stream. */
enum deflate_state deflate_state(const struct deflate *z);
/* Does the peer's next byte begin a block, as after a flush? */
bool deflate_between(const struct deflate *z);

/* The CRC-32 of gzip and ZIP (RFC 1952 8), continued over bytes; 0 at first. */
uint32_t deflate_crc32(uint32_t crc, struct str bytes);

#endif
