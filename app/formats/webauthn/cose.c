/* formats/webauthn/cose.c: see cose.h. */
#include "formats/webauthn/cose.h"

#include "formats/webauthn/cbor.h"
#include "foundation/crypto/verify.h"

const enum cose_algorithm cose_algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256 };
const size_t cose_algorithm_count = COUNT(cose_algorithms);

/* Labels: of every key (RFC 9052 7.1), and those that depend on its type. */
enum { LABEL_TYPE = 1, LABEL_ALGORITHM = 3 };
enum { LABEL_CURVE = -1, LABEL_X = -2, LABEL_Y = -3 };      /* RFC 9053 7.1.1, 7.2 */
enum { LABEL_MODULUS = -1, LABEL_EXPONENT = -2 };           /* RFC 8230 4          */
enum { TYPE_OKP = 1, TYPE_EC2 = 2, TYPE_RSA = 3 };          /* RFC 9053 7, RFC 8230 4 */
enum { CURVE_NONE = 0, CURVE_P256 = 1, CURVE_ED25519 = 6 }; /* RFC 9053 7.1        */

enum { LABELS_MAX = 16 }; /* of a key: five are used */

/* The parts of a key, by label; absent ones are 0 or empty. */
struct parts {
	int32_t type, algorithm, curve;
	struct str minus_1, minus_2, minus_3;
};

static bool take_bytes(struct cur *c, struct str *out)
{
	struct cbor item;

	/* Repeated labels are refused: RFC 8949 5.6. */
	if (out->n != 0 || !cbor_take_kind(c, CBOR_BYTES, &item))
		return false;
	*out = item.s;
	return true;
}

static bool take_int(struct cur *c, int32_t *out)
{
	return *out == 0 && cbor_take_int(c, out);
}

static bool take_part(struct cur *c, struct parts *p)
{
	struct cbor next;
	struct cur ahead;
	int32_t label;

	if (!cbor_take_int(c, &label))
		return cbor_skip(c) && cbor_skip(c); /* a label may be text */
	ahead = *c;
	switch (label) {
	case LABEL_TYPE:
		return take_int(c, &p->type);
	case LABEL_ALGORITHM:
		return take_int(c, &p->algorithm);
	case LABEL_CURVE: /* or LABEL_MODULUS */
		if (cbor_take(&ahead, &next) && next.kind == CBOR_BYTES)
			return take_bytes(c, &p->minus_1);
		return take_int(c, &p->curve);
	case LABEL_X: /* or LABEL_EXPONENT */
		return take_bytes(c, &p->minus_2);
	case LABEL_Y:
		return take_bytes(c, &p->minus_3);
	default:
		return cbor_skip(c);
	}
}

static bool parts_take(struct cur *c, struct parts *p)
{
	struct cbor map;

	if (!cbor_take_kind(c, CBOR_MAP, &map) || map.n > LABELS_MAX)
		return false;
	for (uint64_t i = 0; i < map.n; i++)
		if (!take_part(c, p))
			return false;
	return true;
}

/* Type, algorithm and curve must agree. */
static bool cose_key_of(const struct parts *p, struct cose_key *out)
{
	out->algorithm = (enum cose_algorithm)p->algorithm;
	switch (p->algorithm) {
	case COSE_ES256:
		out->first = p->minus_2;
		out->second = p->minus_3;
		return p->type == TYPE_EC2 && p->curve == CURVE_P256 &&
		       verify_p256_point(out->first, out->second);
	case COSE_EDDSA:
		out->first = p->minus_2;
		out->second = STR_EMPTY;
		return p->type == TYPE_OKP && p->curve == CURVE_ED25519 &&
		       out->first.n == VERIFY_ED25519_KEY;
	case COSE_RS256:
		out->first = p->minus_1;
		out->second = p->minus_2;
		return p->type == TYPE_RSA && p->curve == CURVE_NONE &&
		       out->first.n >= VERIFY_RSA_LEAST && out->first.n <= VERIFY_RSA_MOST &&
		       out->second.n != 0;
	default:
		return false;
	}
}

bool cose_key_parse(struct cur *c, struct cose_key *out)
{
	struct parts parts = { 0 };
	struct cur at = *c;

	if (!parts_take(&at, &parts) || !cose_key_of(&parts, out))
		return false;
	*c = at;
	return true;
}

bool cose_verify(const struct cose_key *key, struct str message, struct str signature)
{
	switch (key->algorithm) {
	case COSE_ES256:
		return verify_p256(key->first, key->second, message, signature);
	case COSE_EDDSA:
		return verify_ed25519(key->first, message, signature);
	case COSE_RS256:
		return verify_rsa(key->first, key->second, message, signature);
	}
	return false;
}
