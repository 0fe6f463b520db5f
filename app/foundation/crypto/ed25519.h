/* foundation/crypto/ed25519.h: Ed25519 signatures (RFC 8032), for DKIM (RFC 8463).
 *
 * A private key is its seed of 32 bytes, a secret. These functions cannot fail. */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H
#include "foundation/base/str.h"

enum { ED25519_SEED = 32, ED25519_PUBLIC = 32, ED25519_SIGNATURE = 64 };

void ed25519_new(uint8_t seed[static ED25519_SEED]);
void ed25519_public(const uint8_t seed[static ED25519_SEED], uint8_t public[static ED25519_PUBLIC]);
/* PureEdDSA (RFC 8032 5.1.6): message is hashed inside. */
void ed25519_sign(const uint8_t seed[static ED25519_SEED], struct str message,
                  uint8_t signature[static ED25519_SIGNATURE]);

#endif
