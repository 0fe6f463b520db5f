/* operations/acme/acme.h: obtains and renews certificates from a certification authority
 * (ACME, RFC 8555).
 *
 *	acme.h       the service: one thread that wakes up when something is due
 *	plan.h       the names of each certificate
 *	order.h      one order, from the names to the chain: a step is an exchange with the CA
 *	client.h     account, nonces, signed requests
 *	jws.h        the signature around a request (RFC 7515)
 *	wire_answer.h responses of the CA: directory, order, authorization, problem
 *	challenge.h  proves control of a name: http-01, tls-alpn-01 (RFC 8737), dns-01
 *	account.h    the account at the CA
 *	job.c        one certificate: ordered, renewed, revoked
 *	schedule.c   when to renew, when to retry
 *	uploaded.h        certificates that an administrator uploads
 *	records.h    all of it in the store
 *
 * Invariants: a certificate in use stays until a better one is in the store. A failure
 * only changes the time of the next attempt and the reported problem. A kill does not
 * lose a begun order. Nothing needs a restart. */
#ifndef ACME_H
#define ACME_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct acme;
struct certs;
struct dns;
struct live;
struct names;
struct settings;
struct store;

struct acme_config {
	struct store *store;
	struct live *live;   /* settings: each round uses those of its start */
	struct certs *certs; /* certificates in use; also for challenges     */
	struct dns *dns;     /* to find names that resolve to this server    */
	/* Put the mail domains into *out (in a). Called on acme's thread. NULL: there are none. */
	enum err (*domains)(void *arg, struct arena *a, struct names *out);
	/* Are keys of the host published before they are used (TLSA records)? Then *known
	 * says whether every resolver has this one, a SubjectPublicKeyInfo; an empty one
	 * is never known. Any thread, not inside a transaction. NULL: not published. */
	bool (*published)(void *arg, struct str spki, bool *known);
	void *arg;
};

/* Put the stored certificates of authorities into certs: for a command that runs next to
 * a server. */
enum err acme_certs_show(struct store *store, struct certs *certs) MUST_USE;

/* Load the stored certificates into certs, then work on an own thread. While the setting
 * "acme" is off, no request is sent. If the host name's certificate comes from files or
 * was uploaded, only those of further names are ordered. config's pointers outlive the
 * object. */
enum err acme_start(const struct acme_config *config, struct acme **out, struct why *why) MUST_USE;
/* Stop the current work (it continues after the next start) and end the thread, within
 * about 100 ms. NULL is a no-op; clears *a. */
void acme_stop(struct acme **a);

/* Are the settings valid? ERR_SYNTAX in words, with the name of the setting. No request
 * is sent. */
enum err acme_check(const struct settings *s, struct why *why) MUST_USE;
/* Reload settings, names and the store now, and retry failures at once: after a change of
 * settings, domains or DNS. Thread-safe, returns at once. NULL is a no-op, here and in the
 * next. */
void acme_wake(struct acme *a);
/* Use the certificates of uploaded.h that are now in the store. Thread-safe; not inside a
 * transaction. */
void acme_own_changed(struct acme *a);

/* --- state for administrators --------------------------------------------------------- */

struct acme_certificate {
	struct str id;     /* "host", "host-rsa", "host-2", "own-...": stable      */
	bool own;          /* uploaded; else from an authority                     */
	struct str *names; /* of the certificate; of the order while there is none */
	size_t name_count;
	struct str issuer; /* common name; empty: there is no certificate yet */
	struct str key;    /* "ECDSA P-256"; empty without one                */
	int64_t not_before_ms, not_after_ms; /* 0 without one                        */
	/* "valid": no work until next_try_ms. "ordering": in progress. "failed": problem
	 * has the reason, next attempt at next_try_ms; an existing certificate stays in
	 * use. "expired": an administrator must replace it. "revoking": see acme_revoke.
	 * "held": uploaded, and not used before its key is known (uploaded.h); its predecessor
	 * may have the same id. */
	const char *state;
	int64_t next_try_ms; /* real clock; 0: not planned                */
	struct str problem;  /* the CA's words if it sent any; else empty */
};
struct acme_list {
	struct acme_certificate *items; /* uploaded ones first, then the host name's */
	size_t count;
};

struct txn;
/* All existing or ordered certificates, in a. on: the setting "acme"; if off, no attempt
 * is planned. Also works in a command next to the server: it reads only the store. */
enum err acme_list(struct txn *t, bool on, struct arena *a, struct acme_list *out) MUST_USE;
/* The host's next keys, if keys are published before use: keys made ahead, and those of
 * held certificates. As SubjectPublicKeyInfo, in a. They later become known to
 * acme_config.published. */
enum { ACME_NEXT_KEYS = 8 };
enum err acme_next_keys(struct txn *t, struct str hostname, struct arena *a,
                        struct str out[static ACME_NEXT_KEYS], size_t *count) MUST_USE;

/* Order every certificate again. Call acme_wake after the transaction; `roost certificate
 * renew` does so from a command. ERR_MISSING: there are none. */
enum err acme_set_due(struct txn *t) MUST_USE;

/* Request the revocation of a certificate (RFC 8555 7.6). Call acme_wake after the
 * transaction. The service revokes it when the CA can be reached, removes certificate and
 * key, and orders another one if ACME is on. reason: a word of RFC 5280 5.3.1, empty for
 * none. ERR_MISSING: no certificate of an authority has this id; ERR_SYNTAX: reason; in
 * words. */
enum err acme_revoke(struct txn *t, struct str id, struct str reason) MUST_USE;

struct acme_account {
	struct str directory, url;
	struct str email, eab_id; /* as registered at the CA                   */
	struct str key;           /* its thumbprint (RFC 7638)                 */
	const char *pending;      /* "rollover", "end", or ""                  */
	struct str problem;       /* why pending is not done, or why it failed */
};
/* The account at this directory, in a. ERR_MISSING, in words; also for the following
 * functions. */
enum err acme_account(struct txn *t, struct str directory, struct arena *a,
                      struct acme_account *out) MUST_USE;
/* Request a key rollover (RFC 8555 7.3.5) or the deactivation (7.3.6), like acme_revoke.
 * on: the setting "acme"; then ERR_CONFLICT. */
enum err acme_account_rollover(struct txn *t, struct str directory) MUST_USE;
enum err acme_account_end(struct txn *t, struct str directory, bool on) MUST_USE;

/* The response for /.well-known/acme-challenge/TOKEN (RFC 8555 8.3): the key
 * authorization, in a; false: 404. Thread-safe, never blocks for long. */
bool acme_http_answer(struct acme *a, struct str token, struct arena *arena, struct str *out);

#endif
