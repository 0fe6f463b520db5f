/* formats/webauthn/webauthn.h: verification of passkeys (W3C Web Authentication, Level 2).
 *
 * A passkey is a key pair that an authenticator (a phone, a computer, a stick) creates and stores
 * for one site. Two ceremonies:
 *
 *	registration    the authenticator creates a pair and returns the public key
 *	authentication  it signs our challenge
 *
 * In both, the browser supplies client data (the ceremony, the challenge, the origin of the page)
 * and the authenticator supplies authenticator data (the site, presence and verification of the
 * person). Origin and site make phishing useless; so both are compared exactly.
 *
 * This folder works on bytes only: no store, no clock, no settings. model/directory/login/passkey.h
 * and console/api/access/attempt.h manage passkeys and challenges.
 *
 *	cbor.h                the encoding of an authenticator   RFC 8949
 *	cose.h                its public keys                    RFC 9052
 *	authenticator_data.h  its data
 *	client_data.h         the browser's data
 *
 * Attestation statements (who built the authenticator) are not requested, and ignored when present:
 * any authenticator is accepted. */
#ifndef WEBAUTHN_H
#define WEBAUTHN_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

enum { WEBAUTHN_ID_MAX = 1023 /* bytes of a credential's id: Level 2, 4 */ };

/* The required values of a ceremony. */
struct webauthn_expected {
	struct str site;      /* RP ID: a host name in lower case               */
	struct str origin;    /* "https://mail.example.org", as browsers write it */
	struct str challenge; /* the bytes of our challenge */
};

struct webauthn_credential {
	struct str id;
	struct str public_key; /* COSE_Key, unchanged */
	uint32_t count;        /* of signatures so far; 0: it does not count */
};

/* Level 2, 7.1. Everything in *out is in a. ERR_SYNTAX: malformed; ERR_DENIED: it is for another
 * site or another challenge, or the person was not verified. why has the reason. */
enum err webauthn_register(const struct webauthn_expected *expected, struct str client_data,
                           struct str attestation, struct arena *a, struct webauthn_credential *out,
                           struct why *why) MUST_USE;

struct webauthn_assertion {
	struct str client_data; /* JSON, the bytes that were signed */
	struct str authenticator_data;
	struct str signature;
};

/* Level 2, 7.2: was the assertion signed by the authenticator of known? known->count becomes the
 * new count. Errors as above, and ERR_DENIED for a wrong signature, and for a count that did not
 * grow: the authenticator was probably copied. a is used as scratch. */
enum err webauthn_assert(const struct webauthn_expected *expected,
                         const struct webauthn_assertion *assertion, struct arena *a,
                         struct webauthn_credential *known, struct why *why) MUST_USE;

#endif
