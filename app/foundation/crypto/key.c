/* foundation/crypto/key.c: private keys in memory.
 *
 * The three file forms are nested: PKCS#8 (RFC 5958) is an envelope with the algorithm around
 * PKCS#1 (RFC 8017 A.1.2) or SEC1 (RFC 5915). The key stores the DER from which it was read, and
 * BearSSL's structs point into it. */
#include "foundation/crypto/key.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/crypto/der.h"
#include "foundation/crypto/key_bear.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/pem.h"

#include <string.h>

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 4096, KEY_PUBLIC_MAX = RSA_BITS_MAX / 8 };

struct key {
	enum key_type type;
	br_rsa_private_key rsa; /* KEY_RSA: pointers into der  */
	br_ec_private_key ec;   /* KEY_EC_*: pointer into der  */
	uint32_t exponent;      /* KEY_RSA: the public one     */
	struct str der;         /* owned, secret               */
	const char *label;      /* KEY_RSA: of der in PEM      */
	uint8_t public[KEY_PUBLIC_MAX];
	size_t public_n;
};

static uint8_t *crypto_key_bytes(struct str s)
{
	return (uint8_t *)(uintptr_t)s.p;
}

/* RSAPrivateKey ::= SEQUENCE { version 0, n, e, d, p, q, dP, dQ, qInv }  RFC 8017 A.1.2 */
static bool rsa_parse(struct cur *c, struct key *k)
{
	struct str version, n, e, d, part[5];
	struct cur in;
	unsigned top;

	if (!der_enter(c, DER_SEQUENCE, &in) || !der_unsigned(&in, &version) || version.n != 0 ||
	    !der_unsigned(&in, &n) || n.n == 0 || !der_unsigned(&in, &e) || e.n == 0 ||
	    e.n > sizeof k->exponent || !der_unsigned(&in, &d))
		return false;
	for (size_t i = 0; i < COUNT(part); i++)
		if (!der_unsigned(&in, &part[i]) || part[i].n == 0)
			return false;
	top = (unsigned char)n.p[0];
	k->type = KEY_RSA;
	/* Read, because BearSSL can compute it only for certain primes. */
	for (size_t i = 0; i < e.n; i++)
		k->exponent = k->exponent << 8 | (unsigned char)e.p[i];
	k->rsa = (br_rsa_private_key){
		.n_bitlen = (uint32_t)(n.n * 8 - (size_t)__builtin_clz(top) + 24),
		.p = crypto_key_bytes(part[0]),
		.plen = part[0].n,
		.q = crypto_key_bytes(part[1]),
		.qlen = part[1].n,
		.dp = crypto_key_bytes(part[2]),
		.dplen = part[2].n,
		.dq = crypto_key_bytes(part[3]),
		.dqlen = part[3].n,
		.iq = crypto_key_bytes(part[4]),
		.iqlen = part[4].n,
	};
	return true;
}

static bool curve_of(struct str oid, struct key *k)
{
	if (str_eq(oid, OID_P256)) {
		k->type = KEY_EC_P256;
		k->ec.curve = BR_EC_secp256r1;
	} else if (str_eq(oid, OID_P384)) {
		k->type = KEY_EC_P384;
		k->ec.curve = BR_EC_secp384r1;
	} else {
		return false;
	}
	return true;
}

/* ECPrivateKey ::= SEQUENCE { version 1, privateKey OCTET STRING,
 *                             [0] parameters OPTIONAL, [1] publicKey OPTIONAL }  RFC 5915 3
 * curve: from an envelope, or empty. */
static bool ec_parse(struct cur *c, struct str curve, struct key *k)
{
	struct str version, x, parameters;
	struct cur in, inner;

	if (!der_enter(c, DER_SEQUENCE, &in) || !der_unsigned(&in, &version) ||
	    !str_eq(version, STR("\1")) || !der_take(&in, DER_OCTET_STRING, &x) ||
	    !der_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &parameters))
		return false;
	inner = cur_of(parameters);
	if (parameters.n > 0 && !der_take(&inner, DER_OID, &curve))
		return false;
	while (x.n > 0 && x.p[0] == 0)
		x = str_sub(x, 1, x.n);
	k->ec.x = crypto_key_bytes(x);
	k->ec.xlen = x.n;
	return curve_of(curve, k);
}

/* OneAsymmetricKey ::= SEQUENCE { version, SEQUENCE { algorithm OID, parameters },
 *                                 privateKey OCTET STRING, ... }  RFC 5958 2 */
static bool pkcs8_parse(struct cur *c, struct key *k)
{
	struct cur in, algorithm, inner;
	struct str version, oid, curve;

	if (!der_enter(c, DER_SEQUENCE, &in) || !der_unsigned(&in, &version) ||
	    !der_enter(&in, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid) ||
	    !der_enter(&in, DER_OCTET_STRING, &inner))
		return false;
	if (str_eq(oid, OID_RSA))
		return rsa_parse(&inner, k);
	return str_eq(oid, OID_EC) && der_optional(&algorithm, DER_OID, &curve) &&
	       ec_parse(&inner, curve, k);
}

/* 0 < x < order of the curve: required by BearSSL's curve code. */
static bool ec_in_range(const struct key *k)
{
	size_t n;
	const uint8_t *order = br_ec_get_default()->order(k->ec.curve, &n);

	return k->ec.xlen > 0 &&
	       (k->ec.xlen < n || (k->ec.xlen == n && memcmp(k->ec.x, order, n) < 0));
}

/* Compute the public half from the private one; the file's public key is not used. */
static bool public_set(struct key *k)
{
	if (k->type == KEY_RSA) {
		br_rsa_compute_modulus modulus = br_rsa_compute_modulus_get_default();

		if (k->rsa.n_bitlen < RSA_BITS_MIN || k->rsa.n_bitlen > RSA_BITS_MAX ||
		    modulus(NULL, &k->rsa) > sizeof k->public)
			return false;
		k->public_n = modulus(k->public, &k->rsa);
		return k->public_n == (k->rsa.n_bitlen + 7) / 8 && k->public[0] != 0;
	}
	if (!ec_in_range(k))
		return false;
	k->public_n = br_ec_compute_pub(br_ec_get_default(), NULL, k->public, &k->ec);
	return k->public_n != 0;
}

static bool der_parse(struct str label, struct key *k)
{
	struct cur c = cur_of(k->der);

	if (str_eq(label, STR("PRIVATE KEY")))
		return pkcs8_parse(&c, k);
	if (str_eq(label, STR("RSA PRIVATE KEY")))
		return rsa_parse(&c, k);
	return ec_parse(&c, STR_EMPTY, k);
}

static bool label_is_key(struct str label)
{
	return str_eq(label, STR("PRIVATE KEY")) || str_eq(label, STR("RSA PRIVATE KEY")) ||
	       str_eq(label, STR("EC PRIVATE KEY"));
}

/* The first private key of the text, borrowed from a, or the reason why there is none. */
static enum err block_find(struct str text, struct arena *a, const struct pem **out,
                           struct why *why)
{
	struct pem *blocks;
	size_t count;

	/* RFC 1421 headers of encrypted keys break the base64, so search for the word. */
	if (str_find(text, STR("ENCRYPTED")) >= 0)
		return fail(why, ERR_SYNTAX,
		            "the private key is protected by a passphrase; "
		            "store it without one");
	if (!pem_read(text, a, &blocks, &count))
		return fail(why, ERR_SYNTAX, "the private key is no readable PEM text");
	for (size_t i = 0; i < count; i++) {
		if (label_is_key(blocks[i].label)) {
			*out = &blocks[i];
			return OK;
		}
	}
	return fail(why, ERR_SYNTAX, "there is no private key in the PEM text");
}

enum err key_read_pem(struct str pem, struct key **out, struct why *why)
{
	const struct pem *block = NULL;
	struct key *k = NULL;
	struct arena a;
	enum err e;

	*out = NULL;
	arena_init(&a, true);
	e = block_find(pem, &a, &block, why);
	if (e)
		goto out;
	k = NEW(struct key);
	k->der = str_new(block->der);
	k->label = str_eq(block->label, STR("PRIVATE KEY")) ? "PRIVATE KEY" : "RSA PRIVATE KEY";
	if (!der_parse(block->label, k) || !public_set(k)) {
		e = fail(why, ERR_SYNTAX,
		         "the private key is damaged or of no supported type "
		         "(RSA 1024 to 4096 bits, ECDSA P-256 or P-384)");
		goto out;
	}
	*out = k;
	k = NULL;
out:
	key_free(k);
	arena_deinit(&a);
	return e;
}

/* A private number below 2^256 - 2^224 is below the order of P-256, with a probability of 1 -
 * 2^-32; otherwise draw again: every key is equally likely. */
struct key *key_new_p256(void)
{
	struct key *k = NEW(struct key);
	char x[32];

	k->type = KEY_EC_P256;
	k->ec.curve = BR_EC_secp256r1;
	do {
		random_bytes(x, sizeof x);
		k->ec.x = (uint8_t *)x;
		k->ec.xlen = sizeof x;
	} while (!ec_in_range(k));
	k->der = str_new(str_from(x, sizeof x));
	k->ec.x = crypto_key_bytes(k->der);
	mem_wipe(x, sizeof x);
	if (!public_set(k))
		assert(!"a private number in range has a public point");
	return k;
}

void key_free(struct key *k)
{
	if (k == NULL)
		return;
	mem_wipe(crypto_key_bytes(k->der), k->der.n);
	str_free(&k->der);
	mem_wipe(k, sizeof *k);
	mem_free(k);
}

enum key_type key_type(const struct key *k)
{
	return k->type;
}

struct str key_describe(const struct key *k, struct arena *a)
{
	switch (k->type) {
	case KEY_EC_P256:
		return STR("ECDSA P-256");
	case KEY_EC_P384:
		return STR("ECDSA P-384");
	case KEY_RSA:
		break;
	}
	return str_fmt(a, "RSA %" PRIu32 " bits", k->rsa.n_bitlen);
}

struct str key_public(const struct key *k)
{
	return str_from((const char *)k->public, k->public_n);
}

uint32_t key_rsa_exponent(const struct key *k)
{
	assert(k->type == KEY_RSA);
	return k->exponent;
}

static struct str ec_der(const struct key *k, struct arena *a)
{
	br_ec_public_key public = { .curve = k->ec.curve,
		                    .q = (uint8_t *)(uintptr_t)k->public,
		                    .qlen = k->public_n };
	size_t n = br_encode_ec_pkcs8_der(NULL, &k->ec, &public);
	char *p = arena_alloc(a, n);

	br_encode_ec_pkcs8_der(p, &k->ec, &public);
	return str_from(p, n);
}

struct str key_write_pem(const struct key *k, struct arena *a)
{
	struct str pem;
	struct buf b;

	buf_init(&b, PEM_TEXT_MAX);
	if (k->type == KEY_RSA)
		pem_put(&b, str_of(k->label), k->der);
	else
		pem_put(&b, STR("PRIVATE KEY"), ec_der(k, a));
	pem = str_dup(a, buf_str(&b));
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return pem;
}

static void sha256(struct str s, uint8_t out[br_sha256_SIZE])
{
	br_sha256_context c;

	br_sha256_init(&c);
	br_sha256_update(&c, s.p, s.n);
	br_sha256_out(&c, out);
}

static struct str ec_sign(const struct key *k, struct str s, br_ecdsa_sign sign, struct arena *a)
{
	char *out = arena_alloc(a, 139); /* the maximum of BearSSL, for P-521 */
	uint8_t hash[br_sha256_SIZE];
	size_t n;

	assert(k->type != KEY_RSA);
	sha256(s, hash);
	n = sign(br_ec_get_default(), &br_sha256_vtable, hash, &k->ec, out);
	assert(n != 0);
	return str_from(out, n);
}

struct str key_rsa_sign_digest(const struct key *k, const uint8_t digest[32], struct arena *a)
{
	uint8_t *out = arena_alloc(a, k->public_n);
	uint32_t done;

	assert(k->type == KEY_RSA);
	done = br_rsa_pkcs1_sign_get_default()(BR_HASH_OID_SHA256, digest, br_sha256_SIZE, &k->rsa,
	                                       out);
	assert(done == 1);
	return str_from((char *)out, k->public_n);
}

static struct str rsa_sign(const struct key *k, struct str s, struct arena *a)
{
	uint8_t hash[br_sha256_SIZE];

	sha256(s, hash);
	return key_rsa_sign_digest(k, hash, a);
}

struct str key_sign_sha256(const struct key *k, struct str s, struct arena *a)
{
	return k->type == KEY_RSA ? rsa_sign(k, s, a)
	                          : ec_sign(k, s, br_ecdsa_sign_asn1_get_default(), a);
}

struct str key_sign_sha256_raw(const struct key *k, struct str s, struct arena *a)
{
	return ec_sign(k, s, br_ecdsa_sign_raw_get_default(), a);
}

const br_rsa_private_key *key_bear_rsa(const struct key *k)
{
	return k->type == KEY_RSA ? &k->rsa : NULL;
}

const br_ec_private_key *key_bear_ec(const struct key *k)
{
	return k->type != KEY_RSA ? &k->ec : NULL;
}
