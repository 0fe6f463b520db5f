/* network/tls/cert.h: which certificate a TLS server shows: by server name (SNI), else the default.
 *
 * struct certs is a table read at each handshake and changed rarely. A handshake takes a
 * reference to one struct cert and keeps it until it is done, so entries may be replaced
 * at any time without dropping connections. Thread-safe: the table has a lock, a struct
 * cert is immutable.
 *
 * Where PEM texts are kept is not known here: server/ keeps the self-signed one in the store,
 * acme/ those of authorities and those an administrator brings; the operator's own come from
 * files. Private key files should have mode 0600. */
#ifndef TLS_CERT_H
#define TLS_CERT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/crypto/x509.h"

struct arena;
struct certs;
struct cert;

struct certs *certs_new(void) MUST_USE;
/* NULL is a no-op. Handshakes in flight keep what they hold. */
void certs_free(struct certs *s);

/* Could chain and key be shown? Errors as certs_put. */
enum err cert_check(struct str cert_pem, struct str key_pem, struct why *why) MUST_USE;

/* Where a certificate comes from. Where several fit as well, the first of these is shown. */
enum cert_source {
	CERT_FILES,     /* the operator's, from files                 */
	CERT_OWN,       /* brought by an administrator, in the store  */
	CERT_AUTHORITY, /* got by ACME                                */
	CERT_SELF,      /* self-signed: a stopgap                     */
};

/* Check chain and key and show them from now on for the names they carry, in place of those with
 * the same id. The one with an empty id is the fallback: also shown when nothing else fits.
 * cert_pem: leaf first; key_pem may be the same text.
 * On error nothing has changed and why says what is wrong: no certificate in it, broken
 * base64, key of another certificate, unsupported key, chain in the wrong order.
 * An expired certificate is taken: showing it beats showing none, but see cert_info. */
enum err certs_put(struct certs *s, struct str id, enum cert_source source, struct str cert_pem,
                   struct str key_pem, struct why *why) MUST_USE;
/* The fallback from CERT_SELF. */
enum err certs_set(struct certs *s, struct str cert_pem, struct str key_pem,
                   struct why *why) MUST_USE;
/* Forget it; false when there is none. */
bool certs_remove(struct certs *s, struct str id);
/* Forget those from this source that keep says false to. keep must not call back. */
typedef bool certs_keep_fn(void *arg, struct str id);
void certs_keep(struct certs *s, enum cert_source source, certs_keep_fn *keep, void *arg);

/* Who asks for no name, or for one that no certificate carries, sees the certificate of this
 * name: the host's. While there is only a stopgap for it, the one that was the default before
 * stays. Until this is called the fallback is the default. */
void certs_default(struct certs *s, struct str name);

/* The fallback from two PEM files (may be the same path), which are remembered for
 * certs_reload_if_changed. ERR_MISSING, ERR_IO with the path in why. */
enum err certs_load_files(struct certs *s, const char *cert_path, const char *key_path,
                          struct why *why) MUST_USE;
/* Read the files again if one of them has changed since (inode, size or time of change):
 * call it once in a while and on SIGHUP. On error the old certificate stays, and the next
 * change is tried again. *changed (not NULL): a new one is shown now. */
enum err certs_reload_if_changed(struct certs *s, bool *changed, struct why *why) MUST_USE;

/* Make a key and a self-signed certificate (see x509_self_signed) as PEM texts in a, which
 * should be a secret arena. */
enum err cert_self_signed_make(struct str hostname, struct arena *a, struct str *cert_pem,
                               struct str *key_pem, struct why *why) MUST_USE;

/* The certificate for a server name, any case: of those that carry it, or a wildcard above it
 * (RFC 6125 6.4.3), one in its time before one out of it, one that was brought before others, the
 * name written out before a wildcard, then as enum cert_source orders; else the default. NULL when
 * there is not even a default. name may be empty. Two binary searches. Release with cert_unref. */
struct cert *certs_find(struct certs *s, struct str name) MUST_USE;
/* The same for a client that knows no ECDSA: one with an RSA key before all others. */
struct cert *certs_find_rsa(struct certs *s, struct str name) MUST_USE;
struct cert *cert_ref(struct cert *c) MUST_USE;
/* NULL is a no-op. */
void cert_unref(struct cert *c);

/* Does a certificate that somebody brought (CERT_FILES, CERT_OWN) serve this name, and will it
 * still be in its time then? */
bool certs_brought(struct certs *s, struct str name, int64_t then_ms);
/* Is what is shown for this name more than a stopgap of our own making: does somebody else vouch
 * for it, or has somebody brought it? ended: also when its time is over. */
bool certs_vouched(struct certs *s, struct str name, bool ended);

/* The certificate that answers an ACME challenge (RFC 8737): shown for exactly this server
 * name, and only to who asks for the protocol "acme-tls/1". Replaces one of that name. Errors as
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
