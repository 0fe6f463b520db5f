/* foundation/crypto/scram.h: the arithmetic of SCRAM (RFC 5802 3, RFC 7677): what a server keeps of
 * a password, and what proves it. Both sides, so that tests and clients use the same.
 *
 * None of these functions can fail; those that say slow take thousands of hashes. */
#ifndef CRYPTO_SCRAM_H
#define CRYPTO_SCRAM_H
#include "foundation/base/str.h"

enum scram_hash { SCRAM_SHA_256, SCRAM_SHA_1 };

enum { SCRAM_BYTES_MAX = 32, SCRAM_SALT_BYTES = 16, SCRAM_SALT_KEY = 32 };

/* Bytes of a key, a signature and a proof: 32, 20. */
size_t scram_bytes(enum scram_hash h);

/* What a server keeps: with StoredKey it checks a proof, with ServerKey it proves that it has
 * one. Neither logs in, but both let passwords be tried. */
struct scram_keys {
	uint8_t stored[SCRAM_BYTES_MAX];
	uint8_t server[SCRAM_BYTES_MAX];
};

/* SaltedPassword = Hi(password, salt, iterations), which is PBKDF2 (RFC 8018 5.2). Slow. */
void scram_salted(enum scram_hash h, struct str password, struct str salt, uint32_t iterations,
                  uint8_t out[SCRAM_BYTES_MAX]);
void scram_keys(enum scram_hash h, const uint8_t *salted, struct scram_keys *out);

/* Is proof (scram_bytes long) made of the password behind stored, for this AuthMessage? */
bool scram_proof_check(enum scram_hash h, const uint8_t *stored, struct str auth_message,
                       struct str proof);
/* ClientProof: what a client sends. */
void scram_proof(enum scram_hash h, const uint8_t *salted, struct str auth_message,
                 uint8_t out[SCRAM_BYTES_MAX]);
/* ServerSignature. */
void scram_signature(enum scram_hash h, const uint8_t *server, struct str auth_message,
                     uint8_t out[SCRAM_BYTES_MAX]);

/* The salt of a login name (model/directory/login/salt.h tells why it is not random), under a
 * key of SCRAM_SALT_KEY bytes. NULL: the old salt, which no key protects. */
void scram_salt(const uint8_t *key, enum scram_hash h, struct str name,
                uint8_t out[SCRAM_SALT_BYTES]);

#endif
