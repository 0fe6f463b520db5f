/* foundation/crypto/crypto.h: the folder wraps BearSSL and libsodium; no other code calls them.
 *
 * hash.h       BLAKE2b-256, SHA-256, HMAC-SHA-256
 * password.h   Argon2id
 * der.h pem.h  the two encodings of keys and certificates
 * key.h        private keys: read, make, write
 * web_push.h   encrypted push messages
 * verify.h     signature checks with public keys
 * x509.h       certificates: read the fields that Roost needs, make a self-signed one
 *
 * No function here does I/O, logs, or keeps state between calls, except for the limit of
 * concurrent password hashes. All are thread-safe once crypto_init has returned. */
#ifndef CRYPTO_H
#define CRYPTO_H

/* Once, before any other function of the folder; again is a no-op. A libsodium that
 * cannot start is a broken machine and ends the process. */
void crypto_init(void);

#endif
