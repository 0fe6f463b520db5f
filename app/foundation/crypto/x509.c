/* foundation/crypto/x509.c: reading certificates (RFC 5280 4.1).
 *
 *   Certificate    SEQUENCE { TBSCertificate, algorithm, signature }
 *   TBSCertificate SEQUENCE { [0] version, serial, algorithm, issuer, validity, subject,
 *                             subjectPublicKeyInfo, [1] [2] obsolete, [3] extensions }
 */
#include "foundation/crypto/x509.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/der.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/pem.h"

/* Name ::= SEQUENCE OF SET OF SEQUENCE { type OID, value string } */
static bool name_read(struct cur *c, struct str *der, struct str *common_name)
{
	const char *start = c->p;
	struct cur names, set, pair;
	struct str oid, value;
	uint8_t tag;

	*common_name = STR_EMPTY;
	if (!der_enter(c, DER_SEQUENCE, &names))
		return false;
	*der = str_from(start, (size_t)(c->p - start));
	while (!cur_done(&names)) {
		if (!der_enter(&names, DER_SET, &set))
			return false;
		while (!cur_done(&set)) {
			if (!der_enter(&set, DER_SEQUENCE, &pair) ||
			    !der_take(&pair, DER_OID, &oid) || !der_any(&pair, &tag, &value))
				return false;
			if (str_eq(oid, OID_COMMON_NAME))
				*common_name = value;
		}
	}
	return true;
}

static bool validity_read(struct cur *c, struct x509 *x)
{
	struct cur in;

	return der_enter(c, DER_SEQUENCE, &in) && der_time(&in, &x->not_before_ms) &&
	       der_time(&in, &x->not_after_ms);
}

/* The modulus of RSAPublicKey ::= SEQUENCE { n, e } */
static bool rsa_read(struct str bits, struct x509 *x)
{
	struct cur c = cur_of(bits), in;

	x->key_type = KEY_RSA;
	return der_enter(&c, DER_SEQUENCE, &in) && der_unsigned(&in, &x->key_public);
}

/* SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { algorithm OID, parameters }, BIT STRING } An
 * unsupported type of key is no error: it may be a root's. */
static bool public_key_read(struct cur *c, struct x509 *x)
{
	const char *start = c->p;
	struct cur in, algorithm;
	struct str oid, curve, bits;

	if (!der_enter(c, DER_SEQUENCE, &in))
		return false;
	x->spki = str_from(start, (size_t)(c->p - start));
	if (!der_enter(&in, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid) ||
	    !der_bits(&in, &bits))
		return false;
	if (str_eq(oid, OID_RSA)) {
		x->key_known = rsa_read(bits, x);
	} else if (str_eq(oid, OID_EC) && der_take(&algorithm, DER_OID, &curve)) {
		x->key_type = str_eq(curve, OID_P384) ? KEY_EC_P384 : KEY_EC_P256;
		x->key_known = str_eq(curve, OID_P256) || str_eq(curve, OID_P384);
		x->key_public = bits;
	}
	return true;
}

/* A valid DNS name of a certificate; "*." only at the start (RFC 6125 6.4.3). */
static bool name_valid(struct str name)
{
	if (str_starts(name, STR("*.")))
		name = str_sub(name, 2, name.n);
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '.' &&
		    name.p[i] != '_')
			return false;
	return name.n > 0 && name.n < 254 && name.p[0] != '.';
}

/* GeneralNames ::= SEQUENCE OF { [2] dNSName IA5String, others } */
static bool x509_names_read(struct str extension, struct arena *a, struct x509 *x)
{
	struct cur c = cur_of(extension), names, again;
	struct str name;
	uint8_t tag;
	size_t count = 0;

	if (!der_enter(&c, DER_SEQUENCE, &names))
		return false;
	for (again = names; !cur_done(&again);) {
		if (!der_any(&again, &tag, &name))
			return false;
		count += tag == DER_CONTEXT(2) && name_valid(name);
	}
	count = MIN(count, (size_t)X509_NAMES_MAX);
	x->names = arena_array(a, struct str, count);
	x->name_count = 0;
	while (x->name_count < count && der_any(&names, &tag, &name))
		if (tag == DER_CONTEXT(2) && name_valid(name))
			x->names[x->name_count++] = str_lower(a, name);
	return true;
}

/* AuthorityKeyIdentifier ::= SEQUENCE { [0] keyIdentifier OPTIONAL, ... } */
static bool authority_read(struct str extension, struct x509 *x)
{
	struct cur c = cur_of(extension), in;

	return der_enter(&c, DER_SEQUENCE, &in) && der_optional(&in, DER_CONTEXT(0), &x->authority);
}

/* Extension ::= SEQUENCE { OID, critical BOOLEAN, value OCTET STRING } */
bool x509_extension_next(struct cur *list, struct x509_extension *out)
{
	struct cur one;
	struct str critical;

	return !cur_done(list) && der_enter(list, DER_SEQUENCE, &one) &&
	       der_take(&one, DER_OID, &out->oid) &&
	       der_optional(&one, DER_BOOLEAN, &critical) &&
	       der_take(&one, DER_OCTET_STRING, &out->value);
}

/* Extensions ::= [3] SEQUENCE OF Extension */
static bool extensions_read(struct str extensions, struct arena *a, struct x509 *x)
{
	struct cur c = cur_of(extensions), list;
	struct x509_extension one;

	if (extensions.n == 0)
		return true;
	if (!der_enter(&c, DER_SEQUENCE, &list))
		return false;
	x->extensions = cur_rest(&list);
	while (!cur_done(&list)) {
		if (!x509_extension_next(&list, &one))
			return false;
		if (str_eq(one.oid, OID_SUBJECT_ALT) && !x509_names_read(one.value, a, x))
			return false;
		if (str_eq(one.oid, OID_AUTHORITY_KEY) && !authority_read(one.value, x))
			return false;
	}
	return true;
}

bool x509_read(struct str der, struct arena *a, struct x509 *out)
{
	struct cur c = cur_of(der), certificate, tbs;
	struct str skip, extensions;

	*out = (struct x509){ .der = der };
	if (!der_enter(&c, DER_SEQUENCE, &certificate) || !cur_done(&c) ||
	    !der_enter(&certificate, DER_SEQUENCE, &tbs) ||
	    !der_take(&certificate, DER_SEQUENCE, &skip) || !der_bits(&certificate, &skip) ||
	    !cur_done(&certificate))
		return false;
	if (!der_optional(&tbs, DER_CONTEXT_CONSTRUCTED(0), &skip) ||
	    !der_take(&tbs, DER_INTEGER, &out->serial) || !der_take(&tbs, DER_SEQUENCE, &skip) ||
	    !name_read(&tbs, &out->issuer, &out->issuer_cn) || !validity_read(&tbs, out) ||
	    !name_read(&tbs, &out->subject, &out->subject_cn) || !public_key_read(&tbs, out))
		return false;
	if (!der_optional(&tbs, DER_CONTEXT(1), &skip) ||
	    !der_optional(&tbs, DER_CONTEXT(2), &skip) ||
	    !der_optional(&tbs, DER_CONTEXT_CONSTRUCTED(3), &extensions) || !cur_done(&tbs) ||
	    !extensions_read(extensions, a, out))
		return false;
	if (out->name_count == 0 && name_valid(out->subject_cn)) {
		out->names = arena_new(a, struct str);
		out->names[out->name_count++] = str_lower(a, out->subject_cn);
	}
	return true;
}

enum err x509_read_chain(struct str pem, struct arena *a, struct x509 **out, size_t *count,
                         struct why *why)
{
	struct pem *blocks;
	size_t blocks_n;

	*count = 0;
	if (!pem_read(pem, a, &blocks, &blocks_n))
		return fail(why, ERR_SYNTAX, "the certificate is no readable PEM text");
	*out = arena_array(a, struct x509, X509_CHAIN_MAX);
	for (size_t i = 0; i < blocks_n; i++) {
		if (!str_eq(blocks[i].label, STR("CERTIFICATE")))
			continue;
		if (*count == X509_CHAIN_MAX)
			return fail(why, ERR_SYNTAX, "more than %d certificates in the chain",
			            X509_CHAIN_MAX);
		if (!x509_read(blocks[i].der, a, &(*out)[*count]))
			return fail(why, ERR_SYNTAX, "certificate %zu of the chain is damaged",
			            *count + 1);
		++*count;
	}
	if (*count == 0)
		return fail(why, ERR_SYNTAX, "there is no certificate in the PEM text");
	return OK;
}

static const char *type_name(enum key_type type)
{
	static const char *const names[] = {
		[KEY_RSA] = "RSA", [KEY_EC_P256] = "ECDSA P-256", [KEY_EC_P384] = "ECDSA P-384"
	};

	return names[type];
}

enum err x509_check_key(const struct x509 *leaf, const struct key *k, struct why *why)
{
	if (!leaf->key_known)
		return fail(why, ERR_CONFLICT,
		            "the certificate has a key of a type that is not "
		            "supported");
	if (leaf->key_type != key_type(k))
		return fail(why, ERR_CONFLICT,
		            "the certificate is for a key of type %s, the "
		            "private key is %s",
		            type_name(leaf->key_type), type_name(key_type(k)));
	if (!str_eq(leaf->key_public, key_public(k)))
		return fail(why, ERR_CONFLICT, "the private key belongs to another certificate");
	return OK;
}

struct str x509_key_describe(const struct x509 *x, struct arena *a)
{
	if (!x->key_known)
		return STR_EMPTY;
	if (x->key_type != KEY_RSA)
		return str_of(type_name(x->key_type));
	return str_fmt(a, "RSA %zu bits", x->key_public.n * 8);
}

bool x509_name_covers(struct str name, struct str host)
{
	ptrdiff_t dot = str_find_byte(host, '.');

	if (str_eqi(name, host))
		return name.n > 0;
	return str_starts(name, STR("*.")) && dot > 0 &&
	       str_eqi(str_sub(name, 1, name.n), str_sub(host, (size_t)dot, host.n));
}

bool x509_covers(const struct x509 *x, struct str host)
{
	for (size_t i = 0; i < x->name_count; i++)
		if (x509_name_covers(x->names[i], host))
			return true;
	return false;
}
