/* foundation/crypto/web_push.h: encryption of push messages (RFC 8291).
 *
 * The message is one record of the content coding aes128gcm (RFC 8188) for the client's P-256 key.
 * Each has a new key pair and salt. */
#ifndef CRYPTO_WEB_PUSH_H
#define CRYPTO_WEB_PUSH_H
#include "foundation/base/buf.h"

struct key;

enum {
	WEB_PUSH_PUBLIC = 65, /* an uncompressed point */
	WEB_PUSH_AUTH = 16,   /* RFC 8291 3.2 */
	WEB_PUSH_SALT = 16,
	WEB_PUSH_PLAIN_MAX = 3993, /* RFC 8291 4: push services accept 4096 bytes in all */
	WEB_PUSH_ROOM = 4096,
};

/* Append the encrypted message, at most WEB_PUSH_ROOM bytes. public must be a point of P-256
 * (verify_p256_point), auth have WEB_PUSH_AUTH bytes, and plain at most WEB_PUSH_PLAIN_MAX. */
void web_push_seal(struct str public, struct str auth, struct str plain, struct buf *out);
/* The same with this key pair (P-256) and salt, for tests. */
void web_push_seal_with(const struct key *sender, const uint8_t salt[static WEB_PUSH_SALT],
                        struct str public, struct str auth, struct str plain, struct buf *out);

#endif
