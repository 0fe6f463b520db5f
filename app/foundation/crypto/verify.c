/* foundation/crypto/verify.c: see verify.h. */
#include "foundation/crypto/verify.h"

#include "foundation/crypto/der.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/rsa_public.h"

#include <bearssl.h>
#include <sodium.h>
#include <string.h>

enum { POINT = 1 + 2 * VERIFY_P256_COORDINATE };

static unsigned char *verify_bytes(struct str s)
{
	return (unsigned char *)(uintptr_t)s.p;
}

/* The uncompressed form, SEC 1 2.3.3. */
static bool point_of(struct str x, struct str y, unsigned char out[static POINT])
{
	if (x.n != VERIFY_P256_COORDINATE || y.n != VERIFY_P256_COORDINATE)
		return false;
	out[0] = 4;
	memcpy(out + 1, x.p, x.n);
	memcpy(out + 1 + x.n, y.p, y.n);
	return true;
}

bool verify_p256_point(struct str x, struct str y)
{
	static const unsigned char one[] = { 1 };
	unsigned char point[POINT];

	/* The multiplication fails for a point that is not on the curve. */
	return point_of(x, y, point) &&
	       br_ec_get_default()->mul(point, sizeof point, one, sizeof one, BR_EC_secp256r1) == 1;
}

bool verify_p256(struct str x, struct str y, struct str message, struct str signature)
{
	unsigned char point[POINT];
	uint8_t hash[HASH_BYTES];
	const br_ec_public_key key = { .curve = BR_EC_secp256r1, .q = point, .qlen = sizeof point };

	if (!point_of(x, y, point))
		return false;
	hash_sha256(message, hash);
	return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), hash, sizeof hash, &key,
	                                        signature.p, signature.n) == 1;
}

bool verify_ed25519(struct str key, struct str message, struct str signature)
{
	return key.n == VERIFY_ED25519_KEY && signature.n == crypto_sign_BYTES &&
	       crypto_sign_verify_detached(verify_bytes(signature), verify_bytes(message),
	                                   message.n, verify_bytes(key)) == 0;
}

static bool rsa_check(struct str modulus, struct str exponent, const uint8_t *digest,
                      struct str signature)
{
	return rsa_public_check(modulus, exponent, OID_SHA256,
	                        str_from((const char *)digest, HASH_BYTES), signature);
}

bool verify_rsa(struct str modulus, struct str exponent, struct str message, struct str signature)
{
	uint8_t hash[HASH_BYTES];

	if (modulus.n < VERIFY_RSA_LEAST)
		return false;
	hash_sha256(message, hash);
	return rsa_check(modulus, exponent, hash, signature);
}

/* --- DKIM ---------------------------------------------------------------------------------- */

/* SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { RSAPublicKey } }, or only the contents
 * of the BIT STRING. */
bool verify_rsa_key_read(struct str der, struct str *modulus, struct str *exponent)
{
	struct cur c = cur_of(der), in, inner;
	struct str oid, bits;

	if (!der_enter(&c, DER_SEQUENCE, &in) || !cur_done(&c))
		return false;
	if (der_enter(&in, DER_SEQUENCE, &inner)) {
		if (!der_take(&inner, DER_OID, &oid) || !str_eq(oid, OID_RSA) ||
		    !der_bits(&in, &bits) || !cur_done(&in))
			return false;
		c = cur_of(bits);
		if (!der_enter(&c, DER_SEQUENCE, &in) || !cur_done(&c))
			return false;
	}
	return der_unsigned(&in, modulus) && der_unsigned(&in, exponent) && cur_done(&in);
}

bool verify_rsa_digest(struct str modulus, struct str exponent, const uint8_t digest[static 32],
                       struct str signature)
{
	return modulus.n >= VERIFY_RSA_MAIL_LEAST &&
	       rsa_check(modulus, exponent, digest, signature);
}
