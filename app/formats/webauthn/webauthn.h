/* formats/webauthn/webauthn.h: passkeys: what a server checks of them (W3C Web Authentication,
 * Level 2).
 *
 * A passkey is a pair of keys that an authenticator (a phone, a computer, a stick) makes for one
 * site and keeps. Two ceremonies:
 *
 *	registration    the authenticator makes a pair and tells the public key
 *	authentication  it signs a challenge of ours
 *
 * In both, the browser writes down what it saw (client data: which ceremony, which challenge, on
 * a page of which origin) and the authenticator what it knows (authenticator data: for which
 * site, was the person there, was it the right person). That the browser writes the origin and
 * the authenticator the site is what makes phishing useless; so both are compared exactly.
 *
 * This folder sees bytes only: no store, no clock, no settings. Whose passkey it is, which
 * challenge is still good and what follows are for model/directory/login/passkey.h and
 * console/api/access/attempt.h.
 *
 *	cbor.h                how an authenticator writes   RFC 8949
 *	cose.h                how it writes a key           RFC 9052
 *	authenticator_data.h  what it says
 *	client_data.h         what the browser says
 *
 * Statements of attestation (who built the authenticator) are not asked for, and not looked at
 * when they come: people may use whatever they have. */
#ifndef WEBAUTHN_H
#define WEBAUTHN_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

enum { WEBAUTHN_ID_MAX = 1023 /* bytes of a credential's id: Level 2, 4 */ };

/* What must be true of a ceremony. */
struct webauthn_expected {
	struct str site;      /* RP ID: a host name in lower case               */
	struct str origin;    /* "https://mail.example.org", as browsers write it */
	struct str challenge; /* the bytes that we asked with                   */
};

struct webauthn_credential {
	struct str id;
	struct str public_key; /* COSE_Key, as it came */
	uint32_t count;        /* of signatures so far; 0 for good: it does not count */
};

/* Level 2, 7.1. Everything in *out is in a. ERR_SYNTAX: not of the form; ERR_DENIED: it is for
 * another site, another attempt, or the person was not verified. why says which. */
enum err webauthn_register(const struct webauthn_expected *expected, struct str client_data,
                           struct str attestation, struct arena *a, struct webauthn_credential *out,
                           struct why *why) MUST_USE;

struct webauthn_assertion {
	struct str client_data; /* JSON, the bytes that were signed */
	struct str authenticator_data;
	struct str signature;
};

/* Level 2, 7.2: was it signed by the authenticator that has known? known->count becomes the new
 * count. Errors as above, and ERR_DENIED for a wrong signature, and for a count that did not
 * grow: then somebody has a copy of the authenticator. Memory of a is scratch. */
enum err webauthn_assert(const struct webauthn_expected *expected,
                         const struct webauthn_assertion *assertion, struct arena *a,
                         struct webauthn_credential *known, struct why *why) MUST_USE;

#endif
