/* foundation/crypto/ed25519.c: see ed25519.h. */
#include "foundation/crypto/ed25519.h"

#include "foundation/base/mem.h"
#include "foundation/base/random.h"

#include <sodium.h>

static_assert(ED25519_SEED == crypto_sign_SEEDBYTES &&
                      ED25519_PUBLIC == crypto_sign_PUBLICKEYBYTES &&
                      ED25519_SIGNATURE == crypto_sign_BYTES,
              "libsodium's are the RFC's");

void ed25519_new(uint8_t seed[static ED25519_SEED])
{
	random_bytes(seed, ED25519_SEED);
}

void ed25519_public(const uint8_t seed[static ED25519_SEED], uint8_t public[static ED25519_PUBLIC])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(public, secret, seed);
	mem_wipe(secret, sizeof secret);
}

void ed25519_sign(const uint8_t seed[static ED25519_SEED], struct str message,
                  uint8_t signature[static ED25519_SIGNATURE])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], public[ED25519_PUBLIC];

	crypto_sign_seed_keypair(public, secret, seed);
	crypto_sign_detached(signature, NULL, (const uint8_t *)message.p, message.n, secret);
	mem_wipe(secret, sizeof secret);
}
