/* crypto/hash.c: see hash.h. */
#include "crypto/hash.h"

#include <bearssl.h>
#include <sodium.h>

static_assert(sizeof(struct hash_blake2b) >= sizeof(crypto_generichash_state),
              "the hidden state must fit");
static_assert(_Alignof(struct hash_blake2b) >= _Alignof(crypto_generichash_state),
              "the hidden state must be aligned");

static const uint8_t *bytes(struct str s)
{
	return (const uint8_t *)s.p;
}

/* libsodium's return values only report misuse of lengths, which are constants here. */
static void must(int result)
{
	assert(result == 0);
	(void)result;
}

static crypto_generichash_state *blake2b(struct hash_blake2b *h)
{
	return (crypto_generichash_state *)(void *)h->state;
}

void hash_blake2b_256(struct str s, uint8_t out[HASH_BYTES])
{
	must(crypto_generichash(out, HASH_BYTES, bytes(s), s.n, NULL, 0));
}

void hash_blake2b_init(struct hash_blake2b *h)
{
	must(crypto_generichash_init(blake2b(h), NULL, 0, HASH_BYTES));
}

void hash_blake2b_update(struct hash_blake2b *h, struct str s)
{
	must(crypto_generichash_update(blake2b(h), bytes(s), s.n));
}

void hash_blake2b_final(struct hash_blake2b *h, uint8_t out[HASH_BYTES])
{
	must(crypto_generichash_final(blake2b(h), out, HASH_BYTES));
}

void hash_sha256(struct str s, uint8_t out[HASH_BYTES])
{
	br_sha256_context c;

	br_sha256_init(&c);
	br_sha256_update(&c, s.p, s.n);
	br_sha256_out(&c, out);
}

void hash_hmac_sha256(struct str key, struct str s, uint8_t out[HASH_BYTES])
{
	br_hmac_key_context k;
	br_hmac_context c;

	br_hmac_key_init(&k, &br_sha256_vtable, key.p, key.n);
	br_hmac_init(&c, &k, 0);
	br_hmac_update(&c, s.p, s.n);
	br_hmac_out(&c, out);
	sodium_memzero(&k, sizeof k);
	sodium_memzero(&c, sizeof c);
}
