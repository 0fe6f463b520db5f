/* formats/sasl/client.h: the client side, for the login at a smarthost. */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H
#include "formats/sasl/sasl.h"

struct sasl_client {
	const struct sasl_mech *mech;
	unsigned stage;
	struct str user, password; /* borrowed */
	struct str token;          /* instead of the password */
	/* Of SCRAM: */
	struct arena *arena;         /* secrets are in it                    */
	struct str gs2, binding;     /* gs2-header; the channel's data       */
	struct str nonce, first;     /* ours; client-first-message-bare      */
	struct str expected;         /* what shows that the server knows     */
	bool proven;                 /* it has shown it                      */
};

/* Choose the best mechanism of those the server offers, a blank-separated list ("PLAIN
 * LOGIN XOAUTH2", what follows AUTH in EHLO's reply). False when it has none that works
 * with a password. user and password must live as long as c. */
bool sasl_client_begin(struct sasl_client *c, struct str offered, struct str user,
                       struct str password);

/* The same by SCRAM-SHA-256 (RFC 7677), of which the server learns no password: false when it
 * does not offer that, or when one of the two has no prepared form (foundation/text/opaque.h).
 * binding is what tls-server-end-point (RFC 5929 4) is of the channel, empty for none: with it
 * the login is bound to the channel (-PLUS) where that is offered. a should be a wiping one, and
 * live as long as c. */
bool sasl_client_begin_scram(struct sasl_client *c, struct str offered, struct str user,
                             struct str password, struct str binding, struct arena *a);

/* The same with an access token of OAuth: OAUTHBEARER (RFC 7628) or XOAUTH2. */
bool sasl_client_begin_token(struct sasl_client *c, struct str offered, struct str user,
                             struct str token);

/* The initial response in base64, for "AUTH " mech " ": true when the mechanism has one,
 * which is then appended to out. */
bool sasl_client_initial(struct sasl_client *c, struct buf *out);

/* Answer a challenge: line is what follows "334 ", out gets the response in base64. False
 * when the server asks for something the mechanism does not have: send "*" and give up. */
bool sasl_client_line(struct sasl_client *c, struct str line, struct buf *out);

/* The server has said that we are in: may that be believed? Not of one that should have shown that
 * it knows the password (RFC 5802 5), and has not. */
bool sasl_client_believes(const struct sasl_client *c);

#endif
