/* foundation/crypto/x509_put.c: see x509_put.h. */
#include "foundation/crypto/x509_put.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/oid.h"

enum { ALT_DNS = 2, ALT_IP = 7 }; /* choices of GeneralName, RFC 5280 4.2.1.6 */
enum { PUBLIC_KEY_MAX = 1024 };   /* RSA of 4096 bits, and room */

/* ECDSA with SHA-256 has no parameters (RFC 5758 3.2), RSA a NULL (RFC 4055 5). */
void x509_algorithm_put(struct der_writer *w, const struct key *k)
{
	size_t mark = der_mark(w);

	if (key_type(k) == KEY_RSA)
		der_put(w, DER_NULL, STR_EMPTY);
	der_put(w, DER_OID, key_type(k) == KEY_RSA ? OID_RSA_SHA256 : OID_ECDSA_SHA256);
	der_wrap(w, DER_SEQUENCE, mark);
}

/* RSAPublicKey ::= SEQUENCE { n, e }  RFC 8017 A.1.1, as a BIT STRING */
static void rsa_public_put(struct der_writer *w, const struct key *k)
{
	uint32_t e = key_rsa_exponent(k);
	const char bytes[] = { (char)(e >> 24), (char)(e >> 16), (char)(e >> 8), (char)e };
	size_t mark = der_mark(w);

	der_put_unsigned(w, str_from(bytes, sizeof bytes));
	der_put_unsigned(w, key_public(k));
	der_wrap(w, DER_SEQUENCE, mark);
	der_raw(w, STR("\0")); /* no unused bits */
	der_wrap(w, DER_BIT_STRING, mark);
}

void x509_public_key_put(struct der_writer *w, const struct key *k)
{
	size_t mark = der_mark(w), inner;

	if (key_type(k) == KEY_RSA) {
		rsa_public_put(w, k);
		inner = der_mark(w);
		der_put(w, DER_NULL, STR_EMPTY);
		der_put(w, DER_OID, OID_RSA);
	} else {
		der_put_bits(w, key_public(k));
		inner = der_mark(w);
		der_put(w, DER_OID, key_type(k) == KEY_EC_P384 ? OID_P384 : OID_P256);
		der_put(w, DER_OID, OID_EC);
	}
	der_wrap(w, DER_SEQUENCE, inner);
	der_wrap(w, DER_SEQUENCE, mark);
}

struct str x509_public_key(const struct key *k, struct arena *a)
{
	struct der_writer w = der_writer_of(arena_alloc(a, PUBLIC_KEY_MAX), PUBLIC_KEY_MAX);

	x509_public_key_put(&w, k);
	assert(!w.over);
	return der_written(&w);
}

void x509_extension_wrap(struct der_writer *w, struct str oid, bool critical, size_t mark)
{
	der_wrap(w, DER_OCTET_STRING, mark);
	if (critical)
		der_put(w, DER_BOOLEAN, STR("\xff"));
	der_put(w, DER_OID, oid);
	der_wrap(w, DER_SEQUENCE, mark);
}

void x509_alt_names_put(struct der_writer *w, const struct x509_alt *names, size_t count)
{
	size_t mark = der_mark(w);

	for (size_t i = count; i > 0; i--)
		der_put(w, DER_CONTEXT(names[i - 1].ip ? ALT_IP : ALT_DNS), names[i - 1].s);
	der_wrap(w, DER_SEQUENCE, mark);
	x509_extension_wrap(w, OID_SUBJECT_ALT, false, mark);
}

void x509_signed_wrap(struct der_writer *w, const struct key *k, struct str tbs, struct arena *a)
{
	size_t mark = der_mark(w);

	der_put_bits(w, key_sign_sha256(k, tbs, a));
	x509_algorithm_put(w, k);
	der_raw(w, tbs);
	der_wrap(w, DER_SEQUENCE, mark);
}
