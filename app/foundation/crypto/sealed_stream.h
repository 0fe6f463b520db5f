/* foundation/crypto/sealed_stream.h: bytes encrypted with a passphrase, chunk by chunk, so that a
 * stream of any length takes the memory of one chunk.
 *
 *	header   "roost sealed 1\n" NUL, passes (be32), memory in KiB (be32), salt,
 *	         secretstream header
 * chunks   SEALED_CHUNK bytes and SEALED_OVER more each; the last one may be shorter, and is
 *          marked as the last
 *
 * Argon2id derives the key from the passphrase. libsodium's secretstream (XChaCha20-Poly1305) seals
 * the chunks, with the header as additional data. So a changed header, a chunk that was changed,
 * removed or moved, and a truncated end are all detected. */
#ifndef CRYPTO_SEALED_STREAM_H
#define CRYPTO_SEALED_STREAM_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

#include <stdint.h>

struct sealed_stream;

enum {
	SEALED_HEADER = 64,
	SEALED_CHUNK = 1 << 16,
	SEALED_OVER = 17,
	SEALED_PASSPHRASE_MIN = 8, /* bytes */
};

/* Does text of at least SEALED_HEADER bytes begin like a sealed stream? */
bool sealed_stream_is(struct str begin);

/* Begin a new stream and fill in its header. ERR_SYNTAX: the passphrase is too short; ERR_LIMIT: no
 * memory for Argon2id (64 MiB). Takes some tenths of a second. */
enum err sealed_stream_new(struct str passphrase, uint8_t header[static SEALED_HEADER],
                           struct sealed_stream **out, struct why *why) MUST_USE;
/* Open the stream with this header. ERR_CORRUPT: the header is malformed, or needs more memory or
 * time than this server allows. A wrong passphrase is detected at the first chunk. */
enum err sealed_stream_open(struct str passphrase, const uint8_t header[static SEALED_HEADER],
                            struct sealed_stream **out, struct why *why) MUST_USE;
/* Wipe and free it. NULL is a no-op; clears *s. */
void sealed_stream_free(struct sealed_stream **s);

/* Seal n bytes, at most SEALED_CHUNK, to out, which has room for SEALED_OVER more. */
void sealed_stream_put(struct sealed_stream *s, const uint8_t *plain, size_t n, bool last,
                       uint8_t *out);
/* Open n bytes, SEALED_OVER included. False: they were changed. */
bool sealed_stream_take(struct sealed_stream *s, const uint8_t *sealed, size_t n, uint8_t *out,
                        bool *last) MUST_USE;

#endif
