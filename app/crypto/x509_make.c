/* crypto/x509_make.c: a self-signed certificate.
 *
 * It is written backwards (see der.h), so read each function from its end: the last call
 * makes the first element. */
#include "crypto/x509.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/oid.h"
#include "crypto/pem.h"

enum {
	CERT_DER_MAX = 2048,   /* two names of 253 bytes, a key, a signature */
	SERIAL_BYTES = 16,     /* RFC 5280 4.1.2.2 allows 20                 */
	KEY_ID_BYTES = 20,
	COMMON_NAME_MAX = 64,  /* RFC 5280 A.1 ub-common-name                */
};
static const int64_t day_ms = 86400 * INT64_C(1000);

static bool hostname_valid(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '.')
			return false;
	return name.n > 0 && name.n <= 253 && name.p[0] != '.' && name.p[name.n - 1] != '.';
}

/* AlgorithmIdentifier of ECDSA with SHA-256: no parameters (RFC 5758 3.2). */
static void algorithm_put(struct der_writer *w)
{
	size_t mark = der_mark(w);

	der_put(w, DER_OID, OID_ECDSA_SHA256);
	der_wrap(w, DER_SEQUENCE, mark);
}

/* A Name with one common name; a host name too long for that goes to the SAN only. */
static void name_put(struct der_writer *w, struct str host)
{
	size_t mark = der_mark(w);

	der_put(w, DER_UTF8_STRING, host.n <= COMMON_NAME_MAX ? host : STR("mail server"));
	der_put(w, DER_OID, OID_COMMON_NAME);
	der_wrap(w, DER_SEQUENCE, mark);
	der_wrap(w, DER_SET, mark);
	der_wrap(w, DER_SEQUENCE, mark);
}

static void validity_put(struct der_writer *w, int64_t now_ms)
{
	size_t mark = der_mark(w);

	der_put_time(w, now_ms + 3652 * day_ms);
	der_put_time(w, now_ms - day_ms); /* the reader's clock may be slow */
	der_wrap(w, DER_SEQUENCE, mark);
}

static void public_key_put(struct der_writer *w, const struct key *k)
{
	size_t mark = der_mark(w), inner;

	der_put_bits(w, key_public(k));
	inner = der_mark(w);
	der_put(w, DER_OID, key_type(k) == KEY_EC_P384 ? OID_P384 : OID_P256);
	der_put(w, DER_OID, OID_EC);
	der_wrap(w, DER_SEQUENCE, inner);
	der_wrap(w, DER_SEQUENCE, mark);
}

/* Close an extension whose value was written since the mark. */
static void extension_wrap(struct der_writer *w, struct str oid, bool critical, size_t mark)
{
	der_wrap(w, DER_OCTET_STRING, mark);
	if (critical)
		der_put(w, DER_BOOLEAN, STR("\xff"));
	der_put(w, DER_OID, oid);
	der_wrap(w, DER_SEQUENCE, mark);
}

/* RFC 5280 4.2.1.2: any short digest of the public key names it. */
static void subject_key_put(struct der_writer *w, const struct key *k)
{
	uint8_t id[HASH_BYTES];
	size_t mark = der_mark(w);

	hash_sha256(key_public(k), id);
	der_put(w, DER_OCTET_STRING, str_from((char *)id, KEY_ID_BYTES));
	extension_wrap(w, OID_SUBJECT_KEY, false, mark);
}

static void extensions_put(struct der_writer *w, const struct key *k, struct str host)
{
	size_t all = der_mark(w), mark;

	mark = der_mark(w); /* it is no CA: an empty BasicConstraints (4.2.1.9) */
	der_put(w, DER_SEQUENCE, STR_EMPTY);
	extension_wrap(w, OID_BASIC, true, mark);

	mark = der_mark(w); /* digitalSignature: bit 0, so 7 bits unused (4.2.1.3) */
	der_put(w, DER_BIT_STRING, STR("\x07\x80"));
	extension_wrap(w, OID_KEY_USAGE, true, mark);

	mark = der_mark(w);
	der_put(w, DER_OID, OID_SERVER_AUTH);
	der_wrap(w, DER_SEQUENCE, mark);
	extension_wrap(w, OID_EXT_KEY_USAGE, false, mark);

	subject_key_put(w, k);

	mark = der_mark(w); /* dNSName is [2] (4.2.1.6) */
	der_put(w, DER_CONTEXT(2), host);
	der_wrap(w, DER_SEQUENCE, mark);
	extension_wrap(w, OID_SUBJECT_ALT, false, mark);

	der_wrap(w, DER_SEQUENCE, all);
	der_wrap(w, DER_CONTEXT_CONSTRUCTED(3), all);
}

static void serial_put(struct der_writer *w)
{
	char serial[SERIAL_BYTES];

	random_bytes(serial, sizeof serial);
	serial[0] |= 0x40; /* never zero, always of full length */
	der_put_unsigned(w, str_from(serial, sizeof serial));
}

static struct str tbs_make(const struct key *k, struct str host, int64_t now_ms,
                           struct arena *a)
{
	struct der_writer w = der_writer_of(arena_alloc(a, CERT_DER_MAX), CERT_DER_MAX);

	extensions_put(&w, k, host);
	public_key_put(&w, k);
	name_put(&w, host); /* subject */
	validity_put(&w, now_ms);
	name_put(&w, host); /* issuer */
	algorithm_put(&w);
	serial_put(&w);
	der_put_unsigned(&w, STR("\2")); /* v3, inside [0] */
	der_wrap(&w, DER_CONTEXT_CONSTRUCTED(0), der_mark(&w) - 3);
	der_wrap(&w, DER_SEQUENCE, 0);
	return der_written(&w);
}

enum err x509_self_signed(const struct key *k, struct str hostname, int64_t now_ms,
                          struct arena *a, struct str *pem, struct why *why)
{
	struct der_writer w;
	struct str host, tbs;
	struct buf b;

	if (!hostname_valid(hostname))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is no host name", STR_ARG(hostname));
	host = str_lower(a, hostname);
	tbs = tbs_make(k, host, now_ms, a);
	w = der_writer_of(arena_alloc(a, CERT_DER_MAX), CERT_DER_MAX);
	der_put_bits(&w, key_sign_sha256(k, tbs, a));
	algorithm_put(&w);
	der_raw(&w, tbs);
	der_wrap(&w, DER_SEQUENCE, 0);
	assert(tbs.n > 0 && !w.over);
	buf_init(&b, PEM_TEXT_MAX);
	pem_put(&b, STR("CERTIFICATE"), der_written(&w));
	*pem = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return OK;
}
