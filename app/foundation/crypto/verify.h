/* foundation/crypto/verify.h: checks of signatures with public keys that are given as numbers.
 *
 * Each function returns whether signature is that key's over message, and false for an invalid key:
 * callers need no checks before. Keys and signatures are public, so time may depend on them. */
#ifndef CRYPTO_VERIFY_H
#define CRYPTO_VERIFY_H
#include "foundation/crypto/rsa_public.h"

enum {
	VERIFY_P256_COORDINATE = 32, /* bytes of x, and of y */
	VERIFY_ED25519_KEY = 32,
	VERIFY_RSA_LEAST = 256, /* bytes of the modulus: 2048 bits ... */
	VERIFY_RSA_MOST = RSA_PUBLIC_MOST, /* ... to 4096 */
};

/* Is (x, y) a point of P-256? VERIFY_P256_COORDINATE bytes each, big-endian. */
bool verify_p256_point(struct str x, struct str y);
/* ECDSA with SHA-256 (FIPS 186-4); the signature in DER. */
bool verify_p256(struct str x, struct str y, struct str message, struct str signature);
/* Ed25519 (RFC 8032 5.1.7). */
bool verify_ed25519(struct str key, struct str message, struct str signature);
/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2.2); modulus and exponent big-endian, without
 * leading zeros. */
bool verify_rsa(struct str modulus, struct str exponent, struct str message, struct str signature);

/* ---- DKIM ---- */

enum { VERIFY_RSA_MAIL_LEAST = 128 }; /* bytes of the modulus: 1024 bits (RFC 8301 3.2) */
/* An RSA public key in DER, as SubjectPublicKeyInfo (RFC 5280 4.1.2.7) or as RSAPublicKey (RFC 8017
 * A.1.1): both numbers big-endian without leading zeros, borrowed. False: it is neither. */
bool verify_rsa_key_read(struct str der, struct str *modulus, struct str *exponent);
/* RSASSA-PKCS1-v1_5 over the SHA-256 digest of a message; moduli of VERIFY_RSA_MAIL_LEAST to
 * VERIFY_RSA_MOST bytes, exponents of at most VERIFY_RSA_EXPONENT. */
bool verify_rsa_digest(struct str modulus, struct str exponent, const uint8_t digest[static 32],
                       struct str signature);

/* ---- DNSSEC (foundation/crypto/verify_dns.c) ---- */

enum verify_hash { VERIFY_SHA1, VERIFY_SHA256, VERIFY_SHA384, VERIFY_SHA512 };
enum verify_curve { VERIFY_P256, VERIFY_P384 };
enum {
	VERIFY_RSA_SHORT = 64,   /* bytes of the modulus: DNS has keys of 512 bits (RFC 5702 2.1) */
	/* bytes: a longer exponent only costs time */
	VERIFY_RSA_EXPONENT = RSA_PUBLIC_EXPONENT_MOST,
};
/* RSASSA-PKCS1-v1_5 by the given hash, moduli of VERIFY_RSA_SHORT to VERIFY_RSA_MOST bytes. */
bool verify_rsa_hashed(enum verify_hash hash, struct str modulus, struct str exponent,
                       struct str message, struct str signature);
/* ECDSA with the curve's own hash: point is x and y, signature r and s, one after the other
 * (RFC 6605 4). */
bool verify_ecdsa_raw(enum verify_curve curve, struct str point, struct str message,
                      struct str signature);

#endif
