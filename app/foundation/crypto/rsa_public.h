/* foundation/crypto/rsa_public.h: signature checks with RSA public keys.
 *
 * This is our own code because BearSSL's arithmetic takes constant time, which costs speed. All
 * numbers here are public, and several signatures are checked for every incoming message. With a
 * modulus of 2048 bits and the exponent 65537, one core checks 22,000 signatures in a second,
 * against 5,200 with BearSSL's i62 or i31 code (1024 bits: 80,000 against 23,000; 4096 bits: 5,600
 * against 1,200). */
#ifndef CRYPTO_RSA_PUBLIC_H
#define CRYPTO_RSA_PUBLIC_H
#include "foundation/base/str.h"

enum {
	RSA_PUBLIC_MOST = 512,        /* bytes of the modulus  */
	RSA_PUBLIC_EXPONENT_MOST = 5, /* bytes of the exponent */
};

/* signature ^ exponent mod modulus (RFC 8017 5.2.2), all big-endian; out has modulus.n bytes.
 * False: the modulus is even, begins with a zero or has more than RSA_PUBLIC_MOST bytes, the
 * exponent has none or more than RSA_PUBLIC_EXPONENT_MOST, or the signature is not below the
 * modulus. */
bool rsa_public(struct str modulus, struct str exponent, struct str signature, uint8_t *out);

/* Is signature one of digest, RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2)? algorithm is the identifier of
 * the hash, see foundation/crypto/oid.h. The whole padded block is compared, so no part of it is
 * parsed. The hash's parameters may be NULL or absent (RFC 8017 A.2.4). */
bool rsa_public_check(struct str modulus, struct str exponent, struct str algorithm,
                      struct str digest, struct str signature);

#endif
