/* foundation/crypto/key.h: private keys for TLS: RSA (1024 to 4096 bits), ECDSA on P-256 and P-384.
 *
 * A struct key is immutable once made, so it may be shared by threads; freeing wipes it. */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct key;

enum key_type { KEY_RSA, KEY_EC_P256, KEY_EC_P384 };

/* Read the first private key of a PEM text: PKCS#1 ("RSA PRIVATE KEY"), SEC1 ("EC PRIVATE
 * KEY") or PKCS#8 ("PRIVATE KEY"). ERR_SYNTAX with a reason in words: no key in it, the
 * key needs a passphrase, the type is not supported. On OK *out is the caller's. */
enum err key_read_pem(struct str pem, struct key **out, struct why *why) MUST_USE;

/* A new ECDSA P-256 key: three times cheaper per handshake than RSA-2048. Never fails. */
struct key *key_new_p256(void) MUST_USE;

/* A new RSA key of 2048 bits, for clients without ECDSA; takes about a second. */
struct key *key_new_rsa2048(void) MUST_USE;

/* NULL is a no-op. Wipes. */
void key_free(struct key *k);

enum key_type key_type(const struct key *k);
/* "RSA 2048 bits", "ECDSA P-256". Lives in a. */
struct str key_describe(const struct key *k, struct arena *a);

/* The public half as certificates carry it: the modulus without leading zeros (RSA) or
 * the uncompressed point (EC). Borrowed from k. */
struct str key_public(const struct key *k);
/* The public exponent of an RSA key. */
uint32_t key_rsa_exponent(const struct key *k);

/* PEM text in a, which should be a secret arena: PKCS#8 for EC keys; an RSA key in the form from
 * which it was read. */
struct str key_write_pem(const struct key *k, struct arena *a);

/* A signature with SHA-256 over s, in a: ECDSA in DER, or RSASSA-PKCS1-v1_5. */
struct str key_sign_sha256(const struct key *k, struct str s, struct arena *a);
/* The same by an RSA key, over a digest. */
struct str key_rsa_sign_digest(const struct key *k, const uint8_t digest[32], struct arena *a);
/* The same by an EC key as r and s concatenated, for JOSE (RFC 7518 3.4). */
struct str key_sign_sha256_raw(const struct key *k, struct str s, struct arena *a);

#endif
