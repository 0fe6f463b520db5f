/* formats/webauthn/authenticator_data.h: the parser of authenticator data (Web Authentication,
 * Level 2, 6.1). */
#ifndef WEBAUTHN_AUTHENTICATOR_DATA_H
#define WEBAUTHN_AUTHENTICATOR_DATA_H
#include "foundation/base/str.h"

enum { AUTHENTICATOR_SITE_HASH = 32 };

struct authenticator_data {
	struct str site_hash; /* SHA-256 of the RP ID                         */
	bool present;         /* UP: a person touched it */
	bool verified;        /* UV: the person was verified: PIN, finger, face */
	uint32_t count;
	struct str id;         /* of a new credential; empty: none */
	struct str public_key; /* its COSE_Key, valid */
};

/* Everything is borrowed from data. False: malformed, bytes left over, or an unsupported key. */
bool authenticator_data_parse(struct str data, struct authenticator_data *out);

#endif
