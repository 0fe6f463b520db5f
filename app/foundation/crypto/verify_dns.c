/* foundation/crypto/verify_dns.c: signatures of DNSSEC; see verify.h. */
#include "foundation/crypto/verify.h"

#include "foundation/crypto/hash.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/rsa_public.h"

#include <bearssl.h>
#include <string.h>

enum { POINT_MOST = 1 + 96 };

static const struct {
	void (*hash)(struct str s, uint8_t *out);
	size_t n;
	struct str oid;
} hashes[] = {
	[VERIFY_SHA1] = { hash_sha1, HASH_SHA1_BYTES, OID_SHA1 },
	[VERIFY_SHA256] = { hash_sha256, HASH_BYTES, OID_SHA256 },
	[VERIFY_SHA384] = { hash_sha384, HASH_SHA384_BYTES, OID_SHA384 },
	[VERIFY_SHA512] = { hash_sha512, HASH_SHA512_BYTES, OID_SHA512 },
};

bool verify_rsa_hashed(enum verify_hash hash, struct str modulus, struct str exponent,
                       struct str message, struct str signature)
{
	uint8_t own[HASH_SHA512_BYTES];

	if (modulus.n < VERIFY_RSA_SHORT)
		return false;
	hashes[hash].hash(message, own);
	return rsa_public_check(modulus, exponent, hashes[hash].oid,
	                        str_from((const char *)own, hashes[hash].n), signature);
}

bool verify_ecdsa_raw(enum verify_curve curve, struct str point, struct str message,
                      struct str signature)
{
	static const struct {
		int id;
		size_t n; /* of the point without its first byte, and of the signature */
		enum verify_hash hash;
	} curves[] = {
		[VERIFY_P256] = { BR_EC_secp256r1, 64, VERIFY_SHA256 },
		[VERIFY_P384] = { BR_EC_secp384r1, 96, VERIFY_SHA384 },
	};
	unsigned char q[POINT_MOST] = { 4 }; /* uncompressed, SEC 1 2.3.3 */
	const br_ec_public_key key = { .curve = curves[curve].id,
		                       .q = q,
		                       .qlen = 1 + curves[curve].n };
	uint8_t hash[HASH_SHA512_BYTES];

	if (point.n != curves[curve].n || signature.n != curves[curve].n)
		return false;
	memcpy(q + 1, point.p, point.n);
	hashes[curves[curve].hash].hash(message, hash);
	return br_ecdsa_vrfy_raw_get_default()(br_ec_get_default(), hash,
	                                       hashes[curves[curve].hash].n, &key, signature.p,
	                                       signature.n) == 1;
}
