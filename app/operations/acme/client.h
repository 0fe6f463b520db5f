/* operations/acme/client.h: a client of one certification authority: its directory,
 * nonces, the account, signed requests (RFC 8555 6 and 7.1 to 7.3). */
#ifndef ACME_CLIENT_H
#define ACME_CLIENT_H
#include "foundation/base/err.h"
#include "network/http_client/httpc.h"
#include "operations/acme/wire_answer.h"

struct key;

/* Access to HTTPS and a clock; tests replace it by a CA of their own. */
struct acme_io {
	enum err (*ask)(void *arg, const struct httpc_request *q, struct arena *a,
	                struct httpc_response *out, struct why *why);
	/* Wait for ms. False: the server stops, give up. */
	bool (*wait)(void *arg, int64_t ms);
	void *arg;
};

struct client {
	const struct acme_io *io;
	struct arena *arena; /* secret; for all responses                        */
	struct answer_directory directory;
	const struct key *key; /* the account's, ECDSA P-256                   */
	struct str account;    /* its URL; empty: not registered               */
	struct str nonce;      /* the next one; empty: none, request one       */
	struct str refusal;    /* type of the CA's last problem: "rateLimited" */
	int64_t retry_ms;      /* from its Retry-After, 0: none                */
};

/* A temporary error. */
static inline bool client_may_pass(enum err e)
{
	return e == ERR_RETRY || e == ERR_IO;
}

struct reply {
	struct httpc_response http;
	struct json json; /* missing unless the body is JSON */
};

/* Get the directory. ERR_IO, ERR_RETRY: unreachable; ERR_SYNTAX: not an ACME server; in
 * words. arena and io are borrowed. */
enum err client_open(struct client *c, const struct acme_io *io, struct str directory_url,
                     const struct key *key, struct arena *arena, struct why *why) MUST_USE;

struct client_contact {
	struct str email;
	struct str eab_id, eab_key; /* RFC 8555 7.3.4; the key decoded; empty: none */
};
/* Register, or find the existing account of this key (RFC 8555 7.3, 7.3.1); sets
 * c->account. */
enum err client_register(struct client *c, const struct client_contact *contact,
                         struct why *why) MUST_USE;
/* Change the address at the CA (RFC 8555 7.3.2). */
enum err client_contact_set(struct client *c, struct str email, struct why *why) MUST_USE;

/* Find the account of c->key (RFC 8555 7.3.1); ERR_MISSING and others: it has none. */
enum err client_account_find(struct client *c, struct why *why) MUST_USE;
/* Replace the account's key by to (RFC 8555 7.3.5); c keeps the old one. */
enum err client_key_change(struct client *c, const struct key *to, struct why *why) MUST_USE;
/* Deactivate the account permanently (RFC 8555 7.3.6). */
enum err client_deactivate(struct client *c, struct why *why) MUST_USE;
/* Revoke a certificate of this account (RFC 8555 7.6); reason as in RFC 5280 5.3.1. OK
 * also if it is already revoked. */
enum err client_revoke(struct client *c, struct str der, unsigned reason, struct why *why) MUST_USE;

/* An unsigned request. OK is a status of 200; errors as client_post. */
enum err client_get(struct client *c, struct str url, struct reply *out, struct why *why) MUST_USE;

/* A signed request; payload is JSON, or empty for POST-as-GET. After a rejected nonce the
 * request is sent again with a new one (RFC 8555 6.5). Errors, with the CA's words if it
 * sent any:
 * ERR_RETRY   it requests a delay (c->retry_ms if given), or a timeout
 * ERR_MISSING the account or the resource does not exist
 * ERR_DENIED  any other refusal (c->refusal)
 * ERR_IO      unreachable;  ERR_SYNTAX  a malformed response */
enum err client_post(struct client *c, struct str url, struct str payload, struct reply *out,
                     struct why *why) MUST_USE;

#endif
