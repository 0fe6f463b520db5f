/* network/tls/cert.h: the certificates of a TLS server: selected by server name (SNI), or the
 * default.
 *
 * struct certs is a table that is read at each handshake and changed rarely. A handshake has a
 * reference to one struct cert, so entries may be replaced at any time without dropping
 * connections. Thread-safe: the table has a lock, a struct cert is immutable.
 *
 * Callers store the PEM texts: console/server stores the self-signed one, acme/ those of
 * authorities and those that an administrator uploads; the operator's own are files. Private key
 * files should have mode 0600. */
#ifndef TLS_CERT_H
#define TLS_CERT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/crypto/x509.h"

struct arena;
struct certs;
struct cert;

struct certs *certs_new(void) MUST_USE;
/* NULL is a no-op. Handshakes in progress keep their references. */
void certs_free(struct certs *s);

/* Are chain and key usable? Errors as certs_put. */
enum err cert_check(struct str cert_pem, struct str key_pem, struct why *why) MUST_USE;

/* The source of a certificate. If several match equally, the first source is used. */
enum cert_source {
	CERT_FILES,     /* the operator's, from files                 */
	CERT_OWN,       /* uploaded by an administrator, in the store */
	CERT_AUTHORITY, /* issued by ACME */
	CERT_SELF,      /* self-signed, temporary */
};

/* Check chain and key and use them from now on for the names in the certificate; replaces the entry
 * with the same id. The entry with an empty id is the fallback: it is also used when no other
 * matches. cert_pem: leaf first; key_pem may be the same text. On error nothing has changed and why
 * has the reason: no certificate, bad base64, key of another certificate, unsupported key, chain in
 * the wrong order. An expired certificate is accepted, because it is better than none; see
 * cert_info. */
enum err certs_put(struct certs *s, struct str id, enum cert_source source, struct str cert_pem,
                   struct str key_pem, struct why *why) MUST_USE;
/* Set the fallback, from CERT_SELF. */
enum err certs_set(struct certs *s, struct str cert_pem, struct str key_pem,
                   struct why *why) MUST_USE;
/* Remove an entry; false when there is none. */
bool certs_remove(struct certs *s, struct str id);
/* Remove the entries of this source for which keep returns false. keep must not call back. */
typedef bool certs_keep_fn(void *arg, struct str id);
void certs_keep(struct certs *s, enum cert_source source, certs_keep_fn *keep, void *arg);

/* Set the default to the certificate of this name, the server's host name. It serves clients
 * without SNI and with unknown names. While the name has only a self-signed certificate, the
 * previous default stays. Before the first call the fallback is the default. */
void certs_default(struct certs *s, struct str name);

/* Load the fallback from two PEM files (may be the same path); the paths are stored for
 * certs_reload_if_changed. ERR_MISSING, ERR_IO with the path in why. */
enum err certs_load_files(struct certs *s, const char *cert_path, const char *key_path,
                          struct why *why) MUST_USE;
/* Read the files again if one of them has changed (inode, size or ctime): call it regularly and on
 * SIGHUP. On error the old certificate stays, and the next change is tried again. *changed (may be
 * NULL): a new one is in use. */
enum err certs_reload_if_changed(struct certs *s, bool *changed, struct why *why) MUST_USE;

/* Generate a key and a self-signed certificate (see x509_self_signed) as PEM texts in a, which
 * should be a secret arena. */
enum err cert_self_signed_make(struct str hostname, struct arena *a, struct str *cert_pem,
                               struct str *key_pem, struct why *why) MUST_USE;

/* The certificate for a server name, any case: among those with the name or a wildcard for it (RFC
 * 6125 6.4.3), a valid one before an expired one, an uploaded one before others, an exact name
 * before a wildcard, then in the order of enum cert_source; otherwise the default. NULL without a
 * default. name may be empty. Two binary searches. Release with cert_unref. */
struct cert *certs_find(struct certs *s, struct str name) MUST_USE;
/* The same for a client without ECDSA: prefers a certificate with an RSA key. */
struct cert *certs_find_rsa(struct certs *s, struct str name) MUST_USE;
struct cert *cert_ref(struct cert *c) MUST_USE;
/* NULL is a no-op. */
void cert_unref(struct cert *c);

/* Is there an uploaded certificate or one from files (CERT_FILES, CERT_OWN) for this name that is
 * valid at then_ms? */
bool certs_uploaded(struct certs *s, struct str name, int64_t then_ms);
/* Is the certificate for this name more than self-signed: issued by an authority, uploaded or from
 * files? ended: accept an expired one too. */
bool certs_vouched(struct certs *s, struct str name, bool ended);

/* Set the certificate that answers an ACME challenge (RFC 8737): used for exactly this server name,
 * and only for clients that offer the protocol "acme-tls/1". Replaces one of that name. Errors as
 * certs_set. */
enum err certs_challenge_set(struct certs *s, struct str name, struct str cert_pem,
                             struct str key_pem, struct why *why) MUST_USE;
void certs_challenge_remove(struct certs *s, struct str name);
/* NULL when there is none. Release with cert_unref. */
struct cert *certs_challenge_find(struct certs *s, struct str name) MUST_USE;

/* The leaf first; borrowed from c. */
const struct x509 *cert_chain(const struct cert *c, size_t *count);
const struct key *cert_key(const struct cert *c);

#endif
