/* formats/sasl/client.h: the client side, for the login at a smarthost. */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H
#include "formats/sasl/sasl.h"

struct sasl_client {
	const struct sasl_mech *mech;
	unsigned stage;
	struct str user, password; /* borrowed */
	struct str token;          /* instead of the password */
	/* For SCRAM: */
	struct arena *arena;         /* secrets are in it                    */
	struct str gs2, binding;     /* gs2-header; the channel binding data */
	struct str nonce, first;     /* ours; client-first-message-bare      */
	struct str expected;         /* the expected server signature */
	bool proven;                 /* the server has sent it */
};

/* Choose the best mechanism that the server offers, in a blank-separated list ("PLAIN LOGIN
 * XOAUTH2", the text after AUTH in EHLO's reply). False when none of them works with a password.
 * user and password must live as long as c. */
bool sasl_client_begin(struct sasl_client *c, struct str offered, struct str user,
                       struct str password);

/* The same by SCRAM-SHA-256 (RFC 7677), which does not send the password to the server. False when
 * it is not offered, or when user or password has no prepared form (foundation/text/opaque.h).
 * binding: the data of tls-server-end-point (RFC 5929 4) for the connection, empty for none: with
 * it the login uses channel binding (-PLUS) if offered. a should be a secret arena, and live as
 * long as c. */
bool sasl_client_begin_scram(struct sasl_client *c, struct str offered, struct str user,
                             struct str password, struct str binding, struct arena *a);

/* The same with an OAuth access token: OAUTHBEARER (RFC 7628) or XOAUTH2. */
bool sasl_client_begin_token(struct sasl_client *c, struct str offered, struct str user,
                             struct str token);

/* The initial response in base64, for "AUTH " mech " ": true when the mechanism has one,
 * which is then appended to out. */
bool sasl_client_initial(struct sasl_client *c, struct buf *out);

/* Answer a challenge: line is the text after "334 ", out gets the response in base64. False when
 * the challenge does not fit the mechanism: send "*" and fail. */
bool sasl_client_line(struct sasl_client *c, struct str line, struct buf *out);

/* After success: is the server authenticated? False when SCRAM requires its signature (RFC 5802 5)
 * and it is missing. */
bool sasl_client_believes(const struct sasl_client *c);

#endif
