/* sasl/client.h: the client side, for the login at a smarthost. */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H
#include "sasl/sasl.h"

struct sasl_client {
	const struct sasl_mech *mech;
	unsigned stage;
	struct str user, password; /* borrowed */
};

/* Choose the best mechanism of those the server offers, a blank-separated list ("PLAIN
 * LOGIN XOAUTH2", what follows AUTH in EHLO's reply). False when it has none that works
 * with a password. user and password must live as long as c. */
bool sasl_client_begin(struct sasl_client *c, struct str offered, struct str user,
                       struct str password);

/* The initial response in base64, for "AUTH " mech " ": true when the mechanism has one,
 * which is then appended to out. */
bool sasl_client_initial(struct sasl_client *c, struct buf *out);

/* Answer a challenge: line is what follows "334 ", out gets the response in base64. False
 * when the server asks for something the mechanism does not have: send "*" and give up. */
bool sasl_client_line(struct sasl_client *c, struct str line, struct buf *out);

#endif
