/* crypto/verify_dns.c: signatures as DNSSEC has them; see verify.h. */
#include "crypto/verify.h"

#include "crypto/hash.h"

#include <bearssl.h>
#include <string.h>

enum { POINT_MOST = 1 + 96 };

static unsigned char *bytes(struct str s)
{
	return (unsigned char *)(uintptr_t)s.p;
}

static const struct {
	void (*hash)(struct str s, uint8_t *out);
	size_t n;
	const unsigned char *oid;
} hashes[] = {
	[VERIFY_SHA1] = { hash_sha1, HASH_SHA1_BYTES, BR_HASH_OID_SHA1 },
	[VERIFY_SHA256] = { hash_sha256, HASH_BYTES, BR_HASH_OID_SHA256 },
	[VERIFY_SHA384] = { hash_sha384, HASH_SHA384_BYTES, BR_HASH_OID_SHA384 },
	[VERIFY_SHA512] = { hash_sha512, HASH_SHA512_BYTES, BR_HASH_OID_SHA512 },
};

bool verify_rsa_hashed(enum verify_hash hash, struct str modulus, struct str exponent,
                       struct str message, struct str signature)
{
	const br_rsa_public_key key = {
		.n = bytes(modulus), .nlen = modulus.n, .e = bytes(exponent), .elen = exponent.n
	};
	uint8_t own[HASH_SHA512_BYTES], theirs[HASH_SHA512_BYTES];

	if (modulus.n < VERIFY_RSA_SHORT || modulus.n > VERIFY_RSA_MOST || modulus.p[0] == 0 ||
	    exponent.n == 0 || exponent.n > VERIFY_RSA_EXPONENT || signature.n != modulus.n)
		return false;
	hashes[hash].hash(message, own);
	return br_rsa_pkcs1_vrfy_get_default()(bytes(signature), signature.n, hashes[hash].oid,
	                                       hashes[hash].n, &key, theirs) == 1 &&
	       memcmp(own, theirs, hashes[hash].n) == 0;
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
