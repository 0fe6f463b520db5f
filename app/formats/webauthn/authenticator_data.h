/* formats/webauthn/authenticator_data.h: what an authenticator says (Web Authentication, Level
 * 2, 6.1). */
#ifndef WEBAUTHN_AUTHENTICATOR_DATA_H
#define WEBAUTHN_AUTHENTICATOR_DATA_H
#include "foundation/base/str.h"

enum { AUTHENTICATOR_SITE_HASH = 32 };

struct authenticator_data {
	struct str site_hash; /* SHA-256 of the RP ID                         */
	bool present;         /* UP: somebody touched it                      */
	bool verified;        /* UV: and it was its owner: PIN, finger, face  */
	uint32_t count;
	struct str id;         /* of a new credential; empty: there is none    */
	struct str public_key; /* its COSE_Key, of which one can be made       */
};

/* Everything is borrowed from data. False: malformed, bytes left over, or a key of a kind that we
 * cannot use. */
bool authenticator_data_parse(struct str data, struct authenticator_data *out);

#endif
