/* foundation/crypto/rsa_public.c: see rsa_public.h. Montgomery's multiplication (Handbook of
 * Applied Cryptography 14.36): a * b / R mod n, where R is 2 to the power of all bits of the
 * limbs. */
#include "foundation/crypto/rsa_public.h"

#include "foundation/crypto/der.h"

#include <string.h>

enum {
	LIMB_BITS = 64,
	LIMB_BYTES = 8,
	LIMBS_MOST = RSA_PUBLIC_MOST / LIMB_BYTES,
	PADDING_LEAST = 8, /* RFC 8017 9.2, step 3 */
};

typedef unsigned __int128 wide;

/* Numbers are arrays of limbs, the lowest first. */
struct modulus {
	uint64_t n[LIMBS_MOST];
	size_t limbs;
	uint64_t inverse; /* n * inverse = -1 mod 2^64 */
};

/* --- numbers ------------------------------------------------------------------------------- */

static void limbs_read(uint64_t *out, size_t limbs, struct str bytes)
{
	memset(out, 0, limbs * sizeof *out);
	for (size_t i = 0; i < bytes.n; i++)
		out[i / LIMB_BYTES] |= (uint64_t)(uint8_t)bytes.p[bytes.n - 1 - i]
		                       << i % LIMB_BYTES * 8;
}

static void limbs_write(const uint64_t *x, uint8_t *out, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[bytes - 1 - i] = (uint8_t)(x[i / LIMB_BYTES] >> i % LIMB_BYTES * 8);
}

static bool rsa_is_below(const uint64_t *x, const struct modulus *m)
{
	for (size_t i = m->limbs; i-- > 0;)
		if (x[i] != m->n[i])
			return x[i] < m->n[i];
	return false;
}

/* x - n, with the carry of x. */
static void reduce(uint64_t *x, uint64_t carry, const struct modulus *m)
{
	uint64_t borrow = 0;

	if (carry == 0 && rsa_is_below(x, m))
		return;
	for (size_t i = 0; i < m->limbs; i++) {
		wide d = (wide)x[i] - m->n[i] - borrow;

		x[i] = (uint64_t)d;
		borrow = (uint64_t)(d >> LIMB_BITS) & 1;
	}
}

/* x = 2x mod n */
static void twice(uint64_t *x, const struct modulus *m)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < m->limbs; i++) {
		uint64_t top = x[i] >> (LIMB_BITS - 1);

		x[i] = x[i] << 1 | carry;
		carry = top;
	}
	reduce(x, carry, m);
}

/* out = a * b / R mod n; out may be a or b. Both rows are processed together: two independent
 * chains of carries. */
static void multiply(uint64_t *out, const uint64_t *a, const uint64_t *b, const struct modulus *m)
{
	uint64_t t[LIMBS_MOST + 1] = { 0 };
	size_t limbs = m->limbs;

	for (size_t i = 0; i < limbs; i++) {
		wide x = (wide)a[0] * b[i] + t[0], y;
		uint64_t q = (uint64_t)x * m->inverse;

		y = (wide)q * m->n[0] + (uint64_t)x;
		for (size_t j = 1; j < limbs; j++) {
			x = (wide)a[j] * b[i] + t[j] + (uint64_t)(x >> LIMB_BITS);
			y = (wide)q * m->n[j] + (uint64_t)x + (uint64_t)(y >> LIMB_BITS);
			t[j - 1] = (uint64_t)y;
		}
		x = (x >> LIMB_BITS) + (y >> LIMB_BITS) + t[limbs];
		t[limbs - 1] = (uint64_t)x;
		t[limbs] = (uint64_t)(x >> LIMB_BITS);
	}
	reduce(t, t[limbs], m);
	memcpy(out, t, limbs * sizeof *out);
}

/* --- powers -------------------------------------------------------------------------------- */

static bool modulus_read(struct modulus *m, struct str bytes)
{
	uint64_t inverse;

	if (bytes.n < LIMB_BYTES || bytes.n > RSA_PUBLIC_MOST || bytes.p[0] == 0 ||
	    bytes.p[bytes.n - 1] % 2 == 0)
		return false;
	m->limbs = (bytes.n + LIMB_BYTES - 1) / LIMB_BYTES;
	limbs_read(m->n, m->limbs, bytes);
	/* Each step doubles the number of correct bits; an odd number is its own inverse in
	 * three. */
	inverse = m->n[0];
	for (int bits = 3; bits < LIMB_BITS; bits *= 2)
		inverse *= 2 - m->n[0] * inverse;
	m->inverse = -inverse;
	return true;
}

/* out = R * R mod n: by doubling, from the greatest power of two below n to 2^64 * R; then raised
 * to the number of limbs, since multiplying divides by R. */
static void square_of_r(uint64_t *out, const struct modulus *m)
{
	uint64_t base[LIMBS_MOST] = { 0 };
	size_t top = m->limbs - 1, bit = LIMB_BITS - 1, power = 1;

	while ((m->n[top] >> bit) == 0)
		bit--;
	base[top] = (uint64_t)1 << bit;
	for (; bit < 2 * LIMB_BITS; bit++)
		twice(base, m);
	memcpy(out, base, sizeof base);
	while (power * 2 <= m->limbs)
		power *= 2;
	while ((power /= 2) != 0) {
		multiply(out, out, out, m);
		if (m->limbs & power)
			multiply(out, out, base, m);
	}
}

/* x = x ^ exponent mod n, from the top bit down. */
static void raise(uint64_t *x, struct str exponent, const struct modulus *m)
{
	static const uint64_t one[LIMBS_MOST] = { 1 };
	uint64_t base[LIMBS_MOST], r2[LIMBS_MOST], e = 0, bit = 1;

	for (size_t i = 0; i < exponent.n; i++)
		e = e << 8 | (uint8_t)exponent.p[i];
	while (e >> 1 >= bit)
		bit *= 2;
	square_of_r(r2, m);
	multiply(base, x, r2, m);
	memcpy(x, base, m->limbs * sizeof *x);
	while ((bit /= 2) != 0) {
		multiply(x, x, x, m);
		if (e & bit)
			multiply(x, x, base, m);
	}
	multiply(x, x, one, m);
}

static bool exponent_fits(struct str e)
{
	return e.n != 0 && e.n <= RSA_PUBLIC_EXPONENT_MOST && e.p[0] != 0;
}

bool rsa_public(struct str modulus, struct str exponent, struct str signature, uint8_t *out)
{
	struct modulus m;
	uint64_t x[LIMBS_MOST];

	if (!modulus_read(&m, modulus) || !exponent_fits(exponent) || signature.n > modulus.n)
		return false;
	limbs_read(x, m.limbs, signature);
	if (!rsa_is_below(x, &m)) /* RFC 8017 5.2.2, step 1 */
		return false;
	raise(x, exponent, &m);
	limbs_write(x, out, modulus.n);
	return true;
}

/* --- signatures ------------------------------------------------------------------------------ */

/* The encoded message of n bytes (RFC 8017 9.2). False: the digest does not fit. */
static bool encode(uint8_t *out, size_t n, struct str algorithm, struct str digest, bool null)
{
	const uint8_t id = (uint8_t)(algorithm.n + 2 + (null ? 2 : 0));
	const uint8_t all = (uint8_t)(2 + id + 2 + digest.n);
	uint8_t *p = out;

	if (n < (size_t)all + 2 + 3 + PADDING_LEAST)
		return false;
	*p++ = 0;
	*p++ = 1;
	memset(p, 0xff, n - all - 5);
	p += n - all - 5;
	*p++ = 0;
	*p++ = DER_SEQUENCE;
	*p++ = all;
	*p++ = DER_SEQUENCE;
	*p++ = id;
	*p++ = DER_OID;
	*p++ = (uint8_t)algorithm.n;
	p = (uint8_t *)memcpy(p, algorithm.p, algorithm.n) + algorithm.n;
	if (null) {
		*p++ = DER_NULL;
		*p++ = 0;
	}
	*p++ = DER_OCTET_STRING;
	*p++ = (uint8_t)digest.n;
	memcpy(p, digest.p, digest.n);
	return true;
}

bool rsa_public_check(struct str modulus, struct str exponent, struct str algorithm,
                      struct str digest, struct str signature)
{
	uint8_t said[RSA_PUBLIC_MOST], wanted[RSA_PUBLIC_MOST];

	if (signature.n != modulus.n || !rsa_public(modulus, exponent, signature, said))
		return false;
	for (int null = 0; null < 2; null++)
		if (encode(wanted, modulus.n, algorithm, digest, null != 0) &&
		    memcmp(said, wanted, modulus.n) == 0)
			return true;
	return false;
}
