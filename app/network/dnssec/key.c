/* network/dnssec/key.c: see key.h. */
#include "network/dnssec/key.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/verify.h"

enum { PROTOCOL = 3, KEY_DATA_MAX = 65535 + DNAME_MAX };

/* --- algorithms ----------------------------------------------------------------------- */

/* RSA keys: the exponent after its length, of one octet, or of two after a 0 (RFC 3110 2). */
static bool rsa_take(struct str key, struct str *modulus, struct str *exponent)
{
	struct cur c = cur_of(key);
	uint64_t n;

	if (!cur_be(&c, 1, &n) || (n == 0 && !cur_be(&c, 2, &n)) || !cur_take(&c, n, exponent))
		return false;
	*modulus = cur_rest(&c);
	while (modulus->n > 0 && modulus->p[0] == 0)
		*modulus = str_sub(*modulus, 1, modulus->n);
	while (exponent->n > 0 && exponent->p[0] == 0)
		*exponent = str_sub(*exponent, 1, exponent->n);
	return true;
}

static bool rsa(enum verify_hash hash, struct str key, struct str bytes, struct str signature)
{
	struct str modulus, exponent;

	return rsa_take(key, &modulus, &exponent) &&
	       verify_rsa_hashed(hash, modulus, exponent, bytes, signature);
}

static bool rsa_sha1(struct str key, struct str bytes, struct str signature)
{
	return rsa(VERIFY_SHA1, key, bytes, signature);
}

static bool rsa_sha256(struct str key, struct str bytes, struct str signature)
{
	return rsa(VERIFY_SHA256, key, bytes, signature);
}

static bool rsa_sha512(struct str key, struct str bytes, struct str signature)
{
	return rsa(VERIFY_SHA512, key, bytes, signature);
}

static bool p256(struct str key, struct str bytes, struct str signature)
{
	return verify_ecdsa_raw(VERIFY_P256, key, bytes, signature);
}

static bool p384(struct str key, struct str bytes, struct str signature)
{
	return verify_ecdsa_raw(VERIFY_P384, key, bytes, signature);
}

static const struct algorithm {
	uint8_t number;
	bool sha1;
	const char *name;
	bool (*verify)(struct str key, struct str bytes, struct str signature);
} algorithms[] = {
	{ ALGORITHM_RSASHA1, true, "RSASHA1", rsa_sha1 },
	{ ALGORITHM_RSASHA1_NSEC3, true, "RSASHA1-NSEC3-SHA1", rsa_sha1 }, /* RFC 5155 2 */
	{ ALGORITHM_RSASHA256, false, "RSASHA256", rsa_sha256 },           /* RFC 5702 */
	{ ALGORITHM_RSASHA512, false, "RSASHA512", rsa_sha512 },
	{ ALGORITHM_ECDSAP256SHA256, false, "ECDSAP256SHA256", p256 }, /* RFC 6605 */
	{ ALGORITHM_ECDSAP384SHA384, false, "ECDSAP384SHA384", p384 },
	{ ALGORITHM_ED25519, false, "ED25519", verify_ed25519 }, /* RFC 8080 */
};

static const struct algorithm *algorithm_find(uint8_t number)
{
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

struct str dnssec_algorithm_text(uint8_t number, struct arena *a)
{
	const struct algorithm *found = algorithm_find(number);

	return found != NULL ? str_of(found->name) : str_fmt(a, "algorithm %u", number);
}

bool dnssec_algorithm_known(uint8_t number, bool sha1)
{
	const struct algorithm *found = algorithm_find(number);

	return found != NULL && (sha1 || !found->sha1);
}

/* --- DNSKEY --------------------------------------------------------------------------- */

/* RFC 4034 B. */
static uint16_t key_tag(struct str data)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < data.n; i++) {
		unsigned char byte = (unsigned char)data.p[i];

		sum += i & 1 ? byte : (uint32_t)byte << 8;
	}
	sum += sum >> 16 & 0xffff;
	return (uint16_t)sum;
}

bool dnssec_key_parse(struct str data, struct dnssec_key *out)
{
	struct cur c = cur_of(data);
	uint64_t flags, protocol, algorithm;

	if (!cur_be(&c, 2, &flags) || !cur_be(&c, 1, &protocol) || !cur_be(&c, 1, &algorithm))
		return false;
	*out = (struct dnssec_key){ .flags = (uint16_t)flags,
		                    .protocol = (uint8_t)protocol,
		                    .algorithm = (uint8_t)algorithm,
		                    .tag = key_tag(data),
		                    .key = cur_rest(&c),
		                    .data = data };
	return true;
}

bool dnssec_key_signs(const struct dnssec_key *k)
{
	return k->flags & KEY_ZONE && !(k->flags & KEY_REVOKED) && k->protocol == PROTOCOL;
}

bool dnssec_key_verify(const struct dnssec_key *k, struct str bytes, struct str signature)
{
	const struct algorithm *found = algorithm_find(k->algorithm);

	return found != NULL && found->verify(k->key, bytes, signature);
}

/* --- cost ----------------------------------------------------------------------------- */

/* Estimates of the CPU time of one check on a small VPS, rounded up. An RSA check is quadratic in
 * the modulus and linear in the bits of the exponent, which the zone chooses. */
enum {
	RSA_2048_US = 80,
	P256_US = 1000,
	P384_US = 3000,
	ED25519_US = 200,
	HASH_US = 1,
	HASHED_PER_US = 200, /* bytes */
};

static unsigned rsa_cost_us(struct str key)
{
	struct str modulus, exponent;
	uint64_t factor;

	if (!rsa_take(key, &modulus, &exponent))
		return HASH_US;
	factor = (modulus.n + 255) / 256;
	factor = factor * factor * MAX(exponent.n, 3);
	return (unsigned)MIN(factor * RSA_2048_US / 3, UINT32_MAX / 2);
}

unsigned dnssec_hash_cost_us(size_t bytes)
{
	return HASH_US + (unsigned)(bytes / HASHED_PER_US);
}

unsigned dnssec_key_cost_us(const struct dnssec_key *k, struct str bytes)
{
	unsigned hashed = dnssec_hash_cost_us(bytes.n);

	switch (k->algorithm) {
	case ALGORITHM_ECDSAP256SHA256:
		return hashed + P256_US;
	case ALGORITHM_ECDSAP384SHA384:
		return hashed + P384_US;
	case ALGORITHM_ED25519:
		return hashed + ED25519_US;
	default:
		return hashed + rsa_cost_us(k->key);
	}
}

/* --- DS ------------------------------------------------------------------------------- */

static const struct digest {
	uint8_t type;
	size_t n;
	void (*hash)(struct str s, uint8_t *out);
} digests[] = {
	{ DIGEST_SHA1, HASH_SHA1_BYTES, hash_sha1 },
	{ DIGEST_SHA256, HASH_BYTES, hash_sha256 },         /* RFC 4509 */
	{ DIGEST_SHA384, HASH_SHA384_BYTES, hash_sha384 }, /* RFC 6605 2 */
};

static const struct digest *digest_find(uint8_t type)
{
	for (size_t i = 0; i < COUNT(digests); i++)
		if (digests[i].type == type)
			return &digests[i];
	return NULL;
}

bool dnssec_ds_parse(struct str data, struct dnssec_ds *out)
{
	struct cur c = cur_of(data);
	uint64_t tag, algorithm, type;

	if (!cur_be(&c, 2, &tag) || !cur_be(&c, 1, &algorithm) || !cur_be(&c, 1, &type))
		return false;
	*out = (struct dnssec_ds){ .tag = (uint16_t)tag,
		                   .algorithm = (uint8_t)algorithm,
		                   .digest_type = (uint8_t)type,
		                   .digest = cur_rest(&c) };
	return true;
}

bool dnssec_ds_known(const struct dnssec_ds *ds, bool sha1)
{
	const struct digest *d = digest_find(ds->digest_type);

	return d != NULL && (sha1 || d->type != DIGEST_SHA1) &&
	       dnssec_algorithm_known(ds->algorithm, sha1);
}

bool dnssec_ds_matches(const struct dnssec_ds *ds, struct str zone, const struct dnssec_key *k)
{
	const struct digest *d = digest_find(ds->digest_type);
	uint8_t hash[HASH_SHA512_BYTES];
	struct buf b;
	bool same;

	if (d == NULL || ds->digest.n != d->n || ds->tag != k->tag ||
	    ds->algorithm != k->algorithm)
		return false;
	buf_init(&b, KEY_DATA_MAX);
	buf_put(&b, zone);
	buf_put(&b, k->data);
	d->hash(buf_str(&b), hash);
	same = buf_ok(&b) && memcmp(hash, ds->digest.p, d->n) == 0;
	buf_deinit(&b);
	return same;
}

/* --- RRSIG ---------------------------------------------------------------------------- */

bool dnssec_sig_parse(struct str data, struct dnssec_sig *out)
{
	struct cur c = cur_of(data);
	uint64_t covered, algorithm, labels, ttl, expiration, inception, tag;
	struct str signer;

	if (!cur_be(&c, 2, &covered) || !cur_be(&c, 1, &algorithm) || !cur_be(&c, 1, &labels) ||
	    !cur_be(&c, 4, &ttl) || !cur_be(&c, 4, &expiration) || !cur_be(&c, 4, &inception) ||
	    !cur_be(&c, 2, &tag) || !dname_take_plain(&c, &signer))
		return false;
	*out = (struct dnssec_sig){ .covered = (uint16_t)covered,
		                    .algorithm = (uint8_t)algorithm,
		                    .labels = (uint8_t)labels,
		                    .ttl = (uint32_t)ttl,
		                    .expiration = (uint32_t)expiration,
		                    .inception = (uint32_t)inception,
		                    .tag = (uint16_t)tag,
		                    .signer = signer,
		                    .head = str_sub(data, 0, data.n - cur_left(&c)),
		                    .signature = cur_rest(&c) };
	return true;
}

uint32_t dnssec_sig_lasts(const struct dnssec_sig *s, int64_t now_s, uint32_t skew_s)
{
	/* RFC 1982 3.2: a difference of up to half the range is in the future. */
	int32_t since = (int32_t)((uint32_t)now_s - s->inception);
	int32_t left = (int32_t)(s->expiration - (uint32_t)now_s);

	if ((int32_t)(s->expiration - s->inception) < 0 || since < -(int64_t)skew_s ||
	    left < -(int64_t)skew_s)
		return 0;
	return (uint32_t)MAX(left, 1);
}
