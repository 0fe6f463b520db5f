/* acme/acme.h: certificates from a certification authority, got and renewed by itself (ACME,
 * RFC 8555).
 *
 *	acme.h       the service: one thread that wakes up when something is due
 *	plan.h       which names belong into which certificate
 *	order.h      one order, from the names to the chain: a step is an exchange with the CA
 *	client.h     account, nonces, signed requests
 *	jws.h        the signature around a request (RFC 7515)
 *	answer.h     what the CA says: directory, order, authorization, problem
 *	challenge.h  proof that a name is ours: http-01, tls-alpn-01 (RFC 8737), dns-01
 *	dns_update.h a TXT record put into a zone: RFC 2136 with TSIG (RFC 8945)
 *	hook.h       the same by a program or an HTTP interface
 *	records.h    all of it in the store
 *
 * What always holds: a certificate that is shown stays until a better one is in the store. A
 * failure changes nothing but the time of the next try and the problem that is told. An order
 * that was begun is gone on with after a kill. Nothing needs a restart. */
#ifndef ACME_ACME_H
#define ACME_ACME_H
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct acme;
struct certs;
struct dns;
struct store;

/* What the administrator says. Strings are borrowed for the call they are given to. */
struct acme_settings {
	bool enabled;
	struct str directory; /* URL of the CA's directory, https                        */
	struct str email;     /* whom the CA writes to; may be empty                     */
	struct str challenge; /* "http-01", "tls-alpn-01", "dns-01"; empty: dns-01 when a way
	                       * to change DNS is given, else http-01, else tls-alpn-01  */
	struct str eab;       /* external account binding (RFC 8555 7.3.4), "id:key", the key
	                       * in base64url as the CA hands it out; secret; may be empty */
	struct str names;     /* further names and IP addresses, comma list              */
	struct str dns_server; /* address:port that takes updates (RFC 2136); may be empty */
	struct str dns_key;    /* TSIG key "name:secret", the secret in base64           */
	struct str hook;       /* a program's path or a URL instead; see hook.h          */
	struct str ca_file;    /* PEM file of roots to believe of the CA's own HTTPS; empty:
	                        * those in the program                                   */
	bool rsa;              /* an RSA-2048 certificate beside the ECDSA P-256 one     */
	bool reuse_key;        /* keep the private key at renewal, so that TLSA records stay */
};

struct acme_config {
	struct store *store;
	struct certs *certs;  /* where certificates are shown; challenges too         */
	struct dns *dns;      /* to see which names lead here                         */
	struct str hostname;  /* the first name of the first certificate              */
	struct str dns_servers; /* as ROOST_DNS_SERVERS, for the HTTPS client; may be empty */
	/* Put the mail domains into *domains (in a). Called on acme's thread, without any
	 * transaction open. NULL: there are none. */
	enum err (*domains)(void *arg, struct arena *a, struct str **domains, size_t *count);
	void *arg;
	/* The host name's certificate comes from files: acme gets those of further names only. */
	bool own_files;
};

/* Take up the certificates in the store and begin to show them, at once, then work on a thread
 * of its own: nothing is sent while s->enabled is false. config's pointers outlive the object.
 * ERR_SYNTAX: s makes no sense, in words. */
enum err acme_start(const struct acme_config *config, const struct acme_settings *s,
                    struct acme **out, struct why *why) MUST_USE;
/* Give up what is under way (it is gone on with after the next start) and end the thread, within
 * some 100 ms. NULL is a no-op; clears *a. */
void acme_stop(struct acme **a);

/* Do the settings make sense? ERR_SYNTAX in words, with the name of the setting. Nothing is
 * sent. */
enum err acme_check(const struct acme_settings *s, struct why *why) MUST_USE;
/* Other settings from now on; what is under way is given up and begun anew. Thread-safe.
 * ERR_SYNTAX as acme_check; then the old ones stay. */
enum err acme_set(struct acme *a, const struct acme_settings *s, struct why *why) MUST_USE;
/* Look again now which names belong into certificates, and try at once what waits after a
 * failure: after a domain was added, or its DNS changed. Thread-safe, returns at once. */
void acme_wake(struct acme *a);
/* Renew every certificate now, due or not: for `roost certificate renew`. As acme_wake. */
void acme_renew(struct acme *a);

/* --- what is told ------------------------------------------------------------------------ */

struct acme_certificate {
	struct str id;      /* "host", "host-rsa", "host-2": stable                  */
	struct str *names;  /* as in the certificate, or as asked for while there is none */
	size_t name_count;
	struct str issuer;  /* common name; empty: there is no certificate yet       */
	int64_t not_before_ms, not_after_ms; /* 0 without one                        */
	/* "valid": nothing to do until next_try_ms. "ordering": under way. "failed": problem
	 * says why, tried again at next_try_ms; a certificate that there is stays in use. */
	const char *state;
	int64_t next_try_ms; /* of the real clock; 0: not planned (off)              */
	struct str problem;  /* in the CA's words where it said some; else empty     */
};
struct acme_list {
	struct acme_certificate *items; /* the host name's first */
	size_t count;
};

struct txn;
/* Every certificate there is or that is tried for, in a. Works in a command beside the server
 * too: it reads the store alone. */
enum err acme_list(struct txn *t, struct arena *a, struct acme_list *out) MUST_USE;
/* Set every certificate due, in a transaction: what `roost certificate renew` does beside the
 * server, which is told by a poke and calls acme_wake. ERR_MISSING: there are none. */
enum err acme_set_due(struct txn *t) MUST_USE;

/* What /.well-known/acme-challenge/TOKEN answers (RFC 8555 8.3): the key authorization, in a;
 * false: 404. Thread-safe, never blocks for long. */
bool acme_http_answer(struct acme *a, struct str token, struct arena *arena, struct str *out);

#endif
