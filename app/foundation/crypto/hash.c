/* foundation/crypto/hash.c: see hash.h. */
#include "foundation/crypto/hash.h"

#include <bearssl.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(struct hash_blake2b) == sizeof(crypto_generichash_state),
              "the hidden state is all of it");

static_assert(sizeof(br_sha256_context) <= sizeof(struct hash_sha256) &&
                      _Alignof(br_sha256_context) <= _Alignof(struct hash_sha256),
              "this one is used in place");

static const uint8_t *hash_bytes(struct str s)
{
	return (const uint8_t *)s.p;
}

/* libsodium's return values only report misuse of lengths, which are constants here. */
static void must(int result)
{
	assert(result == 0);
	(void)result;
}

void hash_blake2b_256(struct str s, uint8_t out[HASH_BYTES])
{
	must(crypto_generichash(out, HASH_BYTES, hash_bytes(s), s.n, NULL, 0));
}

/* libsodium's state needs an alignment of 64 that our callers' memory does not have, so it is
 * copied: 20 ns, little compared with the hashing of a chunk. */

void hash_blake2b_init(struct hash_blake2b *h)
{
	crypto_generichash_state s;

	must(crypto_generichash_init(&s, NULL, 0, HASH_BYTES));
	memcpy(h->state, &s, sizeof s);
}

void hash_blake2b_update(struct hash_blake2b *h, struct str more)
{
	crypto_generichash_state s;

	memcpy(&s, h->state, sizeof s);
	must(crypto_generichash_update(&s, hash_bytes(more), more.n));
	memcpy(h->state, &s, sizeof s);
}

void hash_blake2b_final(struct hash_blake2b *h, uint8_t out[HASH_BYTES])
{
	crypto_generichash_state s;

	memcpy(&s, h->state, sizeof s);
	must(crypto_generichash_final(&s, out, HASH_BYTES));
}

void hash_sha256(struct str s, uint8_t out[HASH_BYTES])
{
	br_sha256_context c;

	br_sha256_init(&c);
	br_sha256_update(&c, s.p, s.n);
	br_sha256_out(&c, out);
}

/* BearSSL's state needs no more alignment than ours has. */
static br_sha256_context *sha256_of(struct hash_sha256 *h)
{
	return (br_sha256_context *)(void *)h->state;
}

void hash_sha256_init(struct hash_sha256 *h)
{
	br_sha256_init(sha256_of(h));
}

void hash_sha256_update(struct hash_sha256 *h, struct str more)
{
	br_sha256_update(sha256_of(h), more.p, more.n);
}

void hash_sha256_final(struct hash_sha256 *h, uint8_t out[HASH_BYTES])
{
	br_sha256_out(sha256_of(h), out);
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

/* --- hashes of DNS records ---------------------------------------------------------- */

void hash_sha1(struct str s, uint8_t out[HASH_SHA1_BYTES])
{
	br_sha1_context c;

	br_sha1_init(&c);
	br_sha1_update(&c, s.p, s.n);
	br_sha1_out(&c, out);
}

void hash_sha384(struct str s, uint8_t out[HASH_SHA384_BYTES])
{
	br_sha384_context c;

	br_sha384_init(&c);
	br_sha384_update(&c, s.p, s.n);
	br_sha384_out(&c, out);
}

void hash_sha512(struct str s, uint8_t out[HASH_SHA512_BYTES])
{
	br_sha512_context c;

	br_sha512_init(&c);
	br_sha512_update(&c, s.p, s.n);
	br_sha512_out(&c, out);
}
