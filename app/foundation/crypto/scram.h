/* foundation/crypto/scram.h: the arithmetic of SCRAM (RFC 5802 3, RFC 7677): the keys that a server
 * stores for a password, and the proofs. Both sides, so that tests and clients share it.
 *
 * None of these functions can fail. "Slow": takes thousands of hashes. */
#ifndef CRYPTO_SCRAM_H
#define CRYPTO_SCRAM_H
#include "foundation/base/str.h"

enum scram_hash { SCRAM_SHA_256, SCRAM_SHA_1 };

enum { SCRAM_BYTES_MAX = 32, SCRAM_SALT_BYTES = 16, SCRAM_SALT_KEY = 32 };

/* Bytes of a key, a signature and a proof: 32, 20. */
size_t scram_bytes(enum scram_hash h);

/* The keys that a server stores: StoredKey checks a client's proof, ServerKey signs the server's.
 * Neither logs in, but both allow guesses at the password. */
struct scram_keys {
	uint8_t stored[SCRAM_BYTES_MAX];
	uint8_t server[SCRAM_BYTES_MAX];
};

/* SaltedPassword = Hi(password, salt, iterations), which is PBKDF2 (RFC 8018 5.2). Slow. */
void scram_salted(enum scram_hash h, struct str password, struct str salt, uint32_t iterations,
                  uint8_t out[SCRAM_BYTES_MAX]);
void scram_keys(enum scram_hash h, const uint8_t *salted, struct scram_keys *out);

/* Was proof (scram_bytes long) made with the password behind stored, for this AuthMessage? */
bool scram_proof_check(enum scram_hash h, const uint8_t *stored, struct str auth_message,
                       struct str proof);
/* ClientProof: the proof that a client sends. */
void scram_proof(enum scram_hash h, const uint8_t *salted, struct str auth_message,
                 uint8_t out[SCRAM_BYTES_MAX]);
/* ServerSignature. */
void scram_signature(enum scram_hash h, const uint8_t *server, struct str auth_message,
                     uint8_t out[SCRAM_BYTES_MAX]);

/* The salt of a login name (model/directory/login/salt.h explains why it is not random), under a
 * key of SCRAM_SALT_KEY bytes. NULL: the older salt without a key. */
void scram_salt(const uint8_t *key, enum scram_hash h, struct str name,
                uint8_t out[SCRAM_SALT_BYTES]);

#endif
