/* foundation/crypto/x509_make.c: self-signed certificates.
 *
 * It is written backwards (see der.h), so read each function from its end: the last call
 * makes the first element. */
#include "foundation/crypto/x509.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/random.h"
#include "foundation/crypto/der.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/x509_put.h"

enum {
	CERT_DER_MAX = 2048, /* two names of 253 bytes, a key, a signature */
	SERIAL_BYTES = 16,   /* RFC 5280 4.1.2.2 allows 20                 */
	KEY_ID_BYTES = 20,
	COMMON_NAME_MAX = 64, /* RFC 5280 A.1 ub-common-name                */
};
static const int64_t day_ms = 86400 * INT64_C(1000);

struct subject {
	const struct key *key;
	struct str name; /* the common name, as text */
	struct x509_alt alt;
	const uint8_t *challenge; /* HASH_BYTES; NULL: none */
};

static bool hostname_valid(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '.')
			return false;
	return name.n > 0 && name.n <= 253 && name.p[0] != '.' && name.p[name.n - 1] != '.';
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
	der_put_time(w, now_ms - day_ms); /* for clients with a slow clock */
	der_wrap(w, DER_SEQUENCE, mark);
}

/* RFC 5280 4.2.1.2: any short digest of the public key names it. */
static void subject_key_put(struct der_writer *w, const struct key *k)
{
	uint8_t id[HASH_BYTES];
	size_t mark = der_mark(w);

	hash_sha256(key_public(k), id);
	der_put(w, DER_OCTET_STRING, str_from((char *)id, KEY_ID_BYTES));
	x509_extension_wrap(w, OID_SUBJECT_KEY, false, mark);
}

/* RFC 8737 3: the digest of the key authorization in a critical extension. */
static void challenge_put(struct der_writer *w, const uint8_t *digest)
{
	size_t mark = der_mark(w);

	der_put(w, DER_OCTET_STRING, str_from((const char *)digest, HASH_BYTES));
	x509_extension_wrap(w, OID_ACME_IDENTIFIER, true, mark);
}

static void extensions_put(struct der_writer *w, const struct subject *s)
{
	size_t all = der_mark(w), mark;

	if (s->challenge != NULL)
		challenge_put(w, s->challenge);
	mark = der_mark(w); /* not a CA: an empty BasicConstraints (4.2.1.9) */
	der_put(w, DER_SEQUENCE, STR_EMPTY);
	x509_extension_wrap(w, OID_BASIC, true, mark);

	mark = der_mark(w); /* digitalSignature: bit 0, so 7 bits unused (4.2.1.3) */
	der_put(w, DER_BIT_STRING, STR("\x07\x80"));
	x509_extension_wrap(w, OID_KEY_USAGE, true, mark);

	mark = der_mark(w);
	der_put(w, DER_OID, OID_SERVER_AUTH);
	der_wrap(w, DER_SEQUENCE, mark);
	x509_extension_wrap(w, OID_EXT_KEY_USAGE, false, mark);

	subject_key_put(w, s->key);
	x509_alt_names_put(w, &s->alt, 1);

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

static struct str tbs_make(const struct subject *s, int64_t now_ms, struct arena *a)
{
	struct der_writer w = der_writer_of(arena_alloc(a, CERT_DER_MAX), CERT_DER_MAX);

	extensions_put(&w, s);
	x509_public_key_put(&w, s->key);
	name_put(&w, s->name);
	validity_put(&w, now_ms);
	name_put(&w, s->name); /* issuer */
	x509_algorithm_put(&w, s->key);
	serial_put(&w);
	der_put_unsigned(&w, STR("\2")); /* v3, inside [0] */
	der_wrap(&w, DER_CONTEXT_CONSTRUCTED(0), der_mark(&w) - 3);
	der_wrap(&w, DER_SEQUENCE, 0);
	return der_written(&w);
}

static struct str pem_of(struct arena *a, struct str der)
{
	struct str pem;
	struct buf b;

	buf_init(&b, PEM_TEXT_MAX);
	pem_put(&b, STR("CERTIFICATE"), der);
	pem = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return pem;
}

static struct str x509_body_make(const struct subject *s, int64_t now_ms, struct arena *a)
{
	struct der_writer w = der_writer_of(arena_alloc(a, CERT_DER_MAX), CERT_DER_MAX);
	struct str tbs = tbs_make(s, now_ms, a);

	assert(tbs.n > 0);
	x509_signed_wrap(&w, s->key, tbs, a);
	assert(!w.over);
	return pem_of(a, der_written(&w));
}

enum err x509_self_signed(const struct key *k, struct str hostname, int64_t now_ms, struct arena *a,
                          struct str *pem, struct why *why)
{
	struct str host;

	if (!hostname_valid(hostname))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is no host name", STR_ARG(hostname));
	host = str_lower(a, hostname);
	*pem = x509_body_make(&(struct subject){ k, host, { .s = host }, NULL }, now_ms, a);
	return OK;
}

struct str x509_challenge(const struct key *k, struct x509_alt name, const uint8_t *digest,
                          int64_t now_ms, struct arena *a)
{
	return x509_body_make(&(struct subject){ k, STR("ACME challenge"), name, digest }, now_ms,
	                      a);
}
