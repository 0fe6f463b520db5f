/* foundation/crypto/hash.h: hashes of bytes. None of these functions can fail. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H
#include "foundation/base/str.h"

enum { HASH_BYTES = 32 }; /* of all three */

/* BLAKE2b with a 32-byte result (RFC 7693): the name of a blob in the store. */
void hash_blake2b_256(struct str s, uint8_t out[HASH_BYTES]);

/* The same over bytes in pieces. The state is libsodium's, opaque here; it may be copied to hash
 * two continuations of one prefix, and owns no memory. */
struct hash_blake2b {
	uint8_t state[384];
};
void hash_blake2b_init(struct hash_blake2b *h);
void hash_blake2b_update(struct hash_blake2b *h, struct str s);
/* h must be initialised again before further use. */
void hash_blake2b_final(struct hash_blake2b *h, uint8_t out[HASH_BYTES]);

/* SHA-256 (RFC 6234): the hash of most protocols. */
void hash_sha256(struct str s, uint8_t out[HASH_BYTES]);

/* The same over bytes in pieces, which may be small; as struct hash_blake2b. */
struct hash_sha256 {
	_Alignas(8) uint8_t state[128];
};
void hash_sha256_init(struct hash_sha256 *h);
void hash_sha256_update(struct hash_sha256 *h, struct str s);
void hash_sha256_final(struct hash_sha256 *h, uint8_t out[HASH_BYTES]);

/* The hashes of DNS records: SHA-384, SHA-512 (RFC 6234) and SHA-1 (RFC 3174). SHA-1 hashes the
 * names of NSEC3; it must not be used where a collision would matter. */
enum { HASH_SHA1_BYTES = 20, HASH_SHA384_BYTES = 48, HASH_SHA512_BYTES = 64 };
void hash_sha1(struct str s, uint8_t out[HASH_SHA1_BYTES]);
void hash_sha384(struct str s, uint8_t out[HASH_SHA384_BYTES]);
void hash_sha512(struct str s, uint8_t out[HASH_SHA512_BYTES]);

/* HMAC-SHA-256 (RFC 2104); key of any length. */
void hash_hmac_sha256(struct str key, struct str s, uint8_t out[HASH_BYTES]);

#endif
