/* foundation/crypto/x509.h: certificates (RFC 5280): read the fields that an operator and SNI need,
 * make self-signed certificates and certificate requests.
 *
 * The reader does not decide about trust; BearSSL verifies peers in network/tls/verify.c. */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/crypto/key.h"

enum {
	X509_CHAIN_MAX = 8,   /* certificates in one chain        */
	X509_NAMES_MAX = 256, /* DNS names read of one certificate */
};

struct cur;

struct x509 {
	struct str der;        /* the whole certificate                              */
	struct str serial;     /* contents of the INTEGER, a leading zero included   */
	struct str authority;  /* identifier of the issuer's key (RFC 5280 4.2.1.1), or empty */
	struct str subject_cn; /* last common name of the subject, may be empty      */
	struct str issuer_cn;
	struct str subject, issuer; /* the DER of both names, for comparing             */
	struct str *names;          /* DNS names (SAN; RFC 6125: the CN if there are none), */
	size_t name_count;          /* ASCII lower case, may start with "*."               */
	int64_t not_before_ms, not_after_ms;
	bool key_known; /* of a type we support; else key_type is not set     */
	enum key_type key_type;
	struct str key_public; /* as key_public()                                    */
	struct str spki;       /* the DER of SubjectPublicKeyInfo, hashed by TLSA */
	struct str extensions; /* the DER of all, for x509_extension_next; may be empty */
};

/* Read one DER certificate. Strings borrow from der, names live in a. False: not a
 * certificate. Its signature is not checked. */
bool x509_read(struct str der, struct arena *a, struct x509 *out);

/* Walk the extensions (RFC 5280 4.2): list is cur_of(x->extensions) at first. False after the last
 * one, and when they are malformed, which x509_read excludes. */
struct x509_extension {
	struct str oid;   /* foundation/crypto/oid.h */
	struct str value; /* DER          */
};
bool x509_extension_next(struct cur *list, struct x509_extension *out);

/* Read the certificates of a PEM text, leaf first. Other blocks are skipped, so the file may also
 * contain the key. ERR_SYNTAX with a reason: no certificate, malformed, more than
 * X509_CHAIN_MAX. */
enum err x509_read_chain(struct str pem, struct arena *a, struct x509 **out, size_t *count,
                         struct why *why) MUST_USE;

/* Does the private key belong to the certificate? ERR_CONFLICT with a reason in words. */
enum err x509_check_key(const struct x509 *leaf, const struct key *k, struct why *why) MUST_USE;

enum { X509_END_POINT_MAX = 64 };
/* The channel binding of a certificate: its hash, by the hash function of its signature, or SHA-256
 * instead of MD5 and SHA-1 (RFC 5929 4.1). Returns the length; 0 when the signature's hash is
 * unknown. */
size_t x509_end_point(const struct x509 *x, uint8_t out[X509_END_POINT_MAX]);

/* "ECDSA P-256", "RSA 2048 bits", in a; empty for another type. */
struct str x509_key_describe(const struct x509 *x, struct arena *a);

/* Does a name of the certificate cover this host? "*." matches exactly one label (RFC 6125 6.4.3).
 * host without a final dot, any case. */
bool x509_covers(const struct x509 *x, struct str host);
/* The same for one name of a certificate. */
bool x509_name_covers(struct str name, struct str host);

/* Make a self-signed certificate for hostname with this EC key, valid from a day before
 * now for ten years, random serial number, SAN = hostname; PEM text in a.
 * ERR_SYNTAX: hostname is empty, longer than 253 bytes or not letters, digits, '-', '.'. */
enum err x509_self_signed(const struct key *k, struct str hostname, int64_t now_ms, struct arena *a,
                          struct str *pem, struct why *why) MUST_USE;

/* A name for the extension subjectAltName. */
struct x509_alt {
	bool ip;      /* s has the 4 or 16 bytes of an address */
	struct str s; /* else a DNS name in lower case          */
};

/* The certificate that answers a tls-alpn-01 challenge (RFC 8737 3): self-signed, for this
 * name alone, with the SHA-256 digest of the key authorization. PEM text in a. */
struct str x509_challenge(const struct key *k, struct x509_alt name, const uint8_t *digest,
                          int64_t now_ms, struct arena *a);

/* The public half of a key as a SubjectPublicKeyInfo (RFC 5280 4.1.2.7); DER in a. */
struct str x509_public_key(const struct key *k, struct arena *a);

/* A request (RFC 2986) for a certificate with this key and these names; DER in a. */
struct str x509_csr(const struct key *k, const struct x509_alt *names, size_t count,
                    struct arena *a);

#endif
