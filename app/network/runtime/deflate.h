/* network/runtime/deflate.h: a DEFLATE stream in both directions (RFC 1951), as RFC 4978 lays it
 * between a protocol and TLS. The only door to zlib for connections.
 *
 * Nothing here is larger than its caller allows: what a few bytes unpack to comes in pieces of
 * the caller's size, so a peer that sends a bomb gets as far as its literals may be long, and
 * takes no more memory than anybody else. */
#ifndef RUNTIME_DEFLATE_H
#define RUNTIME_DEFLATE_H
#include "foundation/base/buf.h"

struct deflate;

enum { DEFLATE_FLUSH_MIN = 16 }; /* bytes: zlib begins a flush anew that does not fit at all */

/* About 45 KiB at first, 80 KiB when both directions have been used: see deflate_memory. */
struct deflate *deflate_new(void) MUST_USE;
/* NULL is a no-op; clears *z. */
void deflate_free(struct deflate **z);
/* Heap bytes that it holds. */
size_t deflate_memory(const struct deflate *z);

/* Pack bytes of plain, and append at most max bytes to out. Returns how many of plain were
 * taken; they may stay inside until deflate_flush. */
size_t deflate_put(struct deflate *z, struct str plain, struct buf *out, size_t max) MUST_USE;
/* Append the rest of what was put, so that the peer can read all of it. False: max bytes, of
 * which there are DEFLATE_FLUSH_MIN at least, were not enough; call again before anything
 * else is put. */
bool deflate_flush(struct deflate *z, struct buf *out, size_t max) MUST_USE;
/* The same, and the end of the stream behind it: nothing is put any more. */
bool deflate_finish(struct deflate *z, struct buf *out, size_t max) MUST_USE;

enum deflate_state {
	DEFLATE_OPEN,
	DEFLATE_ENDED, /* the peer has ended its stream; what follows is no part of it */
	DEFLATE_BROKEN,
};

/* Unpack bytes of packed, no further than to the end of a block, and append at most max bytes
 * to out. Returns how many of packed were used up. Call again while bytes are left or
 * deflate_holds. */
size_t deflate_take(struct deflate *z, struct str packed, struct buf *out, size_t max) MUST_USE;
/* More can be unpacked without more bytes. */
bool deflate_holds(const struct deflate *z);
/* Of the peer's stream. */
enum deflate_state deflate_state(const struct deflate *z);
/* The peer's next byte begins a block, as behind a flush. */
bool deflate_between(const struct deflate *z);

/* The check sum of gzip and ZIP (RFC 1952 8), taken further over bytes; 0 at first. */
uint32_t deflate_crc32(uint32_t crc, struct str bytes);

#endif
