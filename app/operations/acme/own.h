/* operations/acme/own.h: certificates that an administrator brings, in the store beside those of
 * authorities.
 *
 * One is known by its names and the kind of its key: its successor takes its place. While it is
 * valid, nothing is asked of an authority for the names it carries.
 *
 * Where keys are told to others before they are shown (acme_config.told), one with a key that they
 * do not know is held back until they do, in a row of its own: what was shown before stays, over
 * restarts too (own_held.c). */
#ifndef ACME_OWN_H
#define ACME_OWN_H
#include "operations/acme/records.h"

struct certs;
struct store;

struct own_cert {
	struct str id;        /* "own-" and 16 hexadecimal digits      */
	struct str chain_pem; /* certificates alone, the server's first */
	struct str key_pem;
	int64_t added_ms;
	bool held; /* not shown yet */
};

/* Read and check PEM texts. The key must be that of the first certificate, each further one the
 * issuer of the one before it; all must be in their time at now_ms; the first carries host
 * names and a key of ECDSA P-256 or P-384, or RSA of 2048 bits or more. Other blocks of chain are
 * left out. ERR_SYNTAX, ERR_CONFLICT, ERR_LIMIT, in words. *out lives in a, a secret arena. */
enum err own_cert_make(struct str chain, struct str key, int64_t now_ms, struct arena *a,
                       struct own_cert *out, struct why *why) MUST_USE;

/* Keep it in place of one with its id; if it is held, in place of one that is held. ERR_LIMIT:
 * there are LIMIT_certificates_own already. */
enum err own_cert_add(struct txn *t, const struct own_cert *own) MUST_USE;
/* ERR_MISSING, in words. */
enum err own_cert_rm(struct txn *t, struct str id) MUST_USE;

struct own_list {
	struct own_cert *items; /* by id */
	size_t count;
};
/* In a, a secret arena. A damaged one is left out. */
enum err own_cert_list(struct txn *t, struct arena *a, struct own_list *out) MUST_USE;

/* Those that are held back, likewise. */
enum err own_held_list(struct txn *t, struct arena *a, struct own_list *out) MUST_USE;

/* What decides whether one is held back any longer. */
struct own_release {
	struct str hostname; /* other names are nobody's business */
	bool (*told)(void *arg, struct str spki, bool *known); /* as in acme_config; may be NULL */
	void *arg;
};
/* Let those go that need not be held back any more, for own_certs_show. *waiting: some are. */
enum err own_certs_release(struct store *store, struct certs *certs, const struct own_release *r,
                           bool *waiting) MUST_USE;

/* One line of JSON about the one with this id, for the audit trail, in a: never its key. Empty
 * when there is none. */
enum err own_cert_describe(struct txn *t, struct str id, struct arena *a, struct str *out) MUST_USE;

/* Show what the store has, and nothing of this kind besides. One that cannot be shown is told in
 * the log. One thread at a time. */
enum err own_certs_show(struct store *store, struct certs *certs) MUST_USE;

#endif
