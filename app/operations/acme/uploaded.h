/* operations/acme/uploaded.h: certificates uploaded by an administrator, stored in addition to
 * those of authorities.
 *
 * A certificate is identified by its names and the kind of its key: a successor replaces
 * it. While it is valid, none is ordered for its names.
 *
 * If keys are published before use (acme_config.published), a certificate with an unknown
 * key is held in a row of its own until the key is known. Its predecessor stays in use,
 * over restarts too (own_held.c). */
#ifndef ACME_UPLOADED_H
#define ACME_UPLOADED_H
#include "operations/acme/records.h"

struct certs;
struct store;

struct own_cert {
	struct str id;        /* "own-" and 16 hexadecimal digits      */
	struct str chain_pem; /* certificates only, the server's first */
	struct str key_pem;
	int64_t added_ms;
	bool held; /* not in use yet */
};

/* Parse and check PEM texts. The key must be that of the first certificate, each further
 * one the issuer of the one before it. All must be valid at now_ms. The first must have
 * host names and a key of ECDSA P-256 or P-384, or RSA of 2048 bits or more. Other blocks
 * of chain are ignored. ERR_SYNTAX, ERR_CONFLICT, ERR_LIMIT, in words. *out lives in a, a
 * secret arena. */
enum err own_cert_make(struct str chain, struct str key, int64_t now_ms, struct arena *a,
                       struct own_cert *out, struct why *why) MUST_USE;

/* Store it, replacing the one with its id; a held one replaces a held one. ERR_LIMIT:
 * there are LIMIT_certificates_own already. */
enum err own_cert_add(struct txn *t, const struct own_cert *own) MUST_USE;
/* ERR_MISSING, in words. */
enum err own_cert_rm(struct txn *t, struct str id) MUST_USE;

struct own_list {
	struct own_cert *items; /* by id */
	size_t count;
};
/* In a, a secret arena. Damaged ones are omitted. */
enum err own_cert_list(struct txn *t, struct arena *a, struct own_list *out) MUST_USE;

/* The held ones, likewise. */
enum err own_held_list(struct txn *t, struct arena *a, struct own_list *out) MUST_USE;

/* Decides whether a certificate stays held. */
struct own_release {
	struct str hostname; /* only its certificates are held */
	/* As in acme_config; may be NULL. */
	bool (*published)(void *arg, struct str spki, bool *known);
	void *arg;
};
/* Release certificates whose key is known, for own_certs_show. *waiting: some stay
 * held. */
enum err own_certs_release(struct store *store, struct certs *certs, const struct own_release *r,
                           bool *waiting) MUST_USE;

/* One line of JSON about the one with this id, for the audit log, in a: without its key.
 * Empty if there is none. */
enum err own_cert_describe(struct txn *t, struct str id, struct arena *a, struct str *out) MUST_USE;

/* Make certs use exactly the stored uploaded certificates. Logs unusable ones. One thread
 * at a time. */
enum err own_certs_show(struct store *store, struct certs *certs) MUST_USE;

#endif
