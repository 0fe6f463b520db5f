/* operations/acme/acme.h: certificates from a certification authority, got and renewed by itself
 * (ACME, RFC 8555).
 *
 *	acme.h       the service: one thread that wakes up when something is due
 *	plan.h       which names belong into which certificate
 *	order.h      one order, from the names to the chain: a step is an exchange with the CA
 *	client.h     account, nonces, signed requests
 *	jws.h        the signature around a request (RFC 7515)
 *	wire_answer.h what the CA says: directory, order, authorization, problem
 *	challenge.h  proof that a name is ours: http-01, tls-alpn-01 (RFC 8737), dns-01
 *	account.h    our account there
 *	job.h        one certificate: got, renewed, revoked
 *	schedule.h   when to renew, when to try again
 *	own.h        certificates that an administrator brings instead
 *	records.h    all of it in the store
 *
 * What always holds: a certificate that is shown stays until a better one is in the store. A
 * failure changes nothing but the time of the next try and the problem that is told. An order
 * that was begun is gone on with after a kill. Nothing needs a restart. */
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
	struct live *live;   /* settings: each round of work has those of its beginning  */
	struct certs *certs; /* where certificates are shown; challenges too             */
	struct dns *dns;     /* to see which names lead here                             */
	/* Put the mail domains into *out (in a). Called on acme's thread. NULL: there are none. */
	enum err (*domains)(void *arg, struct arena *a, struct names *out);
	/* Are keys of the host told to others before they are shown (TLSA records)? Then *known
	 * says whether all of them know this one, a SubjectPublicKeyInfo; an empty one is never
	 * known. Any thread, not inside a transaction. NULL: they are not. */
	bool (*told)(void *arg, struct str spki, bool *known);
	void *arg;
};

/* Show the certificates that the store has from authorities: for who runs beside a server. */
enum err acme_certs_show(struct store *store, struct certs *certs) MUST_USE;

/* Take up the certificates in the store and begin to show them, then work on a thread of its
 * own. While the setting "acme" is off nothing is sent. Where the host name's certificate comes
 * from files, or is brought, only those of further names are got. config's pointers outlive the
 * object. */
enum err acme_start(const struct acme_config *config, struct acme **out, struct why *why) MUST_USE;
/* Give up what is under way (it is gone on with after the next start) and end the thread, within
 * some 100 ms. NULL is a no-op; clears *a. */
void acme_stop(struct acme **a);

/* Do the settings make sense? ERR_SYNTAX in words, with the name of the setting. Nothing is
 * sent. */
enum err acme_check(const struct settings *s, struct why *why) MUST_USE;
/* Look at the settings, the names and the store again now, and try at once what waits after a
 * failure: after a change of settings, domains or DNS. Thread-safe, returns at once. */
void acme_wake(struct acme *a);
/* Show the certificates that own.h has in the store now. Thread-safe; not inside a
 * transaction. */
void acme_own_changed(struct acme *a);

/* --- what is told ------------------------------------------------------------------------ */

struct acme_certificate {
	struct str id;     /* "host", "host-rsa", "host-2", "own-...": stable       */
	bool own;          /* brought; else from an authority                       */
	struct str *names; /* as in the certificate, or as asked for while there is none */
	size_t name_count;
	struct str issuer; /* common name; empty: there is no certificate yet       */
	struct str key;    /* "ECDSA P-256"; empty without one                      */
	int64_t not_before_ms, not_after_ms; /* 0 without one                        */
	/* "valid": nothing to do until next_try_ms. "ordering": under way. "failed": problem
	 * says why, tried again at next_try_ms; a certificate that there is stays in use.
	 * "expired": it must be replaced by hand. "revoking": as acme_revoke. "held": brought, and
	 * not shown before others know its key (own.h); the one before it may have the same id. */
	const char *state;
	int64_t next_try_ms; /* of the real clock; 0: not planned                    */
	struct str problem;  /* in the CA's words where it said some; else empty     */
};
struct acme_list {
	struct acme_certificate *items; /* brought ones first, then the host name's */
	size_t count;
};

struct txn;
/* Every certificate there is or that is tried for, in a. on: the setting "acme"; else no try is
 * planned. Works in a command beside the server too: it reads the store alone. */
enum err acme_list(struct txn *t, bool on, struct arena *a, struct acme_list *out) MUST_USE;
/* The keys that the host may show soon, where they are told before: those that are made ahead, of
 * certificates that others go before, and of some that are held back. As SubjectPublicKeyInfo, in
 * a. They become known to acme_config.told in time. */
enum { ACME_NEXT_KEYS = 8 };
enum err acme_next_keys(struct txn *t, struct str hostname, struct arena *a,
                        struct str out[static ACME_NEXT_KEYS], size_t *count) MUST_USE;

/* Ask for every certificate anew, in a transaction that acme_wake follows; `roost certificate
 * renew` does it beside the server and pokes it. ERR_MISSING: there are none. */
enum err acme_set_due(struct txn *t) MUST_USE;

/* Have a certificate revoked (RFC 8555 7.6), in a transaction that acme_wake follows. The service
 * does it when the CA can be reached, forgets certificate and key, and gets another where ACME is
 * on. reason: a word of RFC 5280 5.3.1, empty for none. ERR_MISSING: no certificate of an
 * authority has this id; ERR_SYNTAX: reason; in words. */
enum err acme_revoke(struct txn *t, struct str id, struct str reason) MUST_USE;

struct acme_account {
	struct str directory, url;
	struct str email, eab_id; /* as the CA knows them         */
	struct str key;           /* thumbprint of it (RFC 7638)  */
	const char *pending;      /* "rollover", "end", or ""     */
	struct str problem;       /* why that is not done yet, or was not */
};
/* The account at this directory, in a. ERR_MISSING, in words, as for those below. */
enum err acme_account(struct txn *t, struct str directory, struct arena *a,
                      struct acme_account *out) MUST_USE;
/* Have it given another key (RFC 8555 7.3.5), or ended for good (7.3.6), as acme_revoke. on: the
 * setting "acme"; then ERR_CONFLICT. */
enum err acme_account_rollover(struct txn *t, struct str directory) MUST_USE;
enum err acme_account_end(struct txn *t, struct str directory, bool on) MUST_USE;

/* What /.well-known/acme-challenge/TOKEN answers (RFC 8555 8.3): the key authorization, in a;
 * false: 404. Thread-safe, never blocks for long. */
bool acme_http_answer(struct acme *a, struct str token, struct arena *arena, struct str *out);

#endif
