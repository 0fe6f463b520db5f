/* operations/acme/jws.h: signed requests (RFC 7515 flattened JSON, as RFC 8555 6.2
 * requires) with ES256. */
#ifndef ACME_JWS_H
#define ACME_JWS_H
#include "foundation/base/str.h"

struct arena;
struct key;

/* The public half of a P-256 key as a JWK, with the member order and without blanks, as a
 * thumbprint requires (RFC 7638 3.2). */
struct str jws_jwk(const struct key *k, struct arena *a);
/* base64url of the SHA-256 of that (RFC 7638). */
struct str jws_thumbprint(const struct key *k, struct arena *a);

struct jws {
	const struct key *key; /* ECDSA P-256                                        */
	struct str account;    /* URL of the account; empty: the JWK goes in instead */
	struct str nonce, url;
	struct str payload; /* JSON; empty for POST-as-GET (RFC 8555 6.3)            */
};
/* The request's body, in a. */
struct str jws_make(const struct jws *j, struct arena *a);

/* The binding of an account key to an external account (RFC 8555 7.3.4): a JWS over the
 * JWK with HMAC-SHA-256. mac_key is the decoded key. */
struct str jws_binding(const struct key *account_key, struct str key_id, struct str mac_key,
                       struct str url, struct arena *a);

#endif
