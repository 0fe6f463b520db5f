/* operations/acme/client.h: talking to one certification authority: its directory, nonces, our
 * account, signed requests (RFC 8555 6 and 7.1 to 7.3). */
#ifndef ACME_CLIENT_H
#define ACME_CLIENT_H
#include "foundation/base/err.h"
#include "network/http_client/httpc.h"
#include "operations/acme/wire_answer.h"

struct key;

/* How requests leave, and how time passes: HTTPS and a clock; in tests a CA of their own. */
struct acme_door {
	enum err (*ask)(void *arg, const struct httpc_request *q, struct arena *a,
	                struct httpc_response *out, struct why *why);
	/* Let this time pass. False: the server stops, give up. */
	bool (*wait)(void *arg, int64_t ms);
	void *arg;
};

struct client {
	const struct acme_door *door;
	struct arena *arena; /* secret; all that comes back lives in it          */
	struct answer_directory directory;
	const struct key *key; /* the account's, ECDSA P-256                     */
	struct str account;    /* its URL; empty: not registered                 */
	struct str nonce;      /* the next one; empty: to be asked for           */
	struct str refusal;    /* type of the CA's last problem: "rateLimited"   */
	int64_t retry_ms;      /* what its Retry-After asked for, 0: nothing     */
};

/* An error that may pass by itself. */
static inline bool client_may_pass(enum err e)
{
	return e == ERR_RETRY || e == ERR_IO;
}

struct reply {
	struct httpc_response http;
	struct json json; /* missing when the body is none */
};

/* Get the directory. ERR_IO, ERR_RETRY: not reached; ERR_SYNTAX: it is no CA that speaks ACME;
 * in words. arena and door are borrowed. */
enum err client_open(struct client *c, const struct acme_door *door, struct str directory_url,
                     const struct key *key, struct arena *arena, struct why *why) MUST_USE;

struct client_contact {
	struct str email;
	struct str eab_id, eab_key; /* RFC 8555 7.3.4; the key decoded; empty: none */
};
/* Register, or find the account this key has already (RFC 8555 7.3, 7.3.1); c->account. */
enum err client_register(struct client *c, const struct client_contact *contact,
                         struct why *why) MUST_USE;
/* Tell the CA another address (RFC 8555 7.3.2). */
enum err client_contact_set(struct client *c, struct str email, struct why *why) MUST_USE;

/* The account that c->key has (RFC 8555 7.3.1); ERR_MISSING and others: it has none. */
enum err client_account_find(struct client *c, struct why *why) MUST_USE;
/* Make *to* the account's key (RFC 8555 7.3.5); c keeps the old one. */
enum err client_key_change(struct client *c, const struct key *to, struct why *why) MUST_USE;
/* End the account for good (RFC 8555 7.3.6). */
enum err client_deactivate(struct client *c, struct why *why) MUST_USE;
/* Revoke a certificate that this account got (RFC 8555 7.6); reason as RFC 5280 5.3.1. OK also
 * when it was revoked before. */
enum err client_revoke(struct client *c, struct str der, unsigned reason, struct why *why) MUST_USE;

/* A request anybody may make. OK is a status of 200; errors as client_post. */
enum err client_get(struct client *c, struct str url, struct reply *out, struct why *why) MUST_USE;

/* A signed request; payload is JSON, or empty for POST-as-GET. A refused nonce is replaced and
 * the request sent again (RFC 8555 6.5). Errors, in the CA's words where it said some:
 * ERR_RETRY  it asks to wait (c->retry_ms may say how long), or is not reached in time
 * ERR_MISSING the account, or what was asked for, is not there
 * ERR_DENIED any other refusal (c->refusal)
 * ERR_IO     not reached;  ERR_SYNTAX  an answer without sense */
enum err client_post(struct client *c, struct str url, struct str payload, struct reply *out,
                     struct why *why) MUST_USE;

#endif
