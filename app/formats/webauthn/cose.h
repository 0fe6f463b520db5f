/* formats/webauthn/cose.h: public keys in COSE (RFC 9052 7), of the algorithms of
 * authenticators. */
#ifndef WEBAUTHN_COSE_H
#define WEBAUTHN_COSE_H
#include "foundation/base/cur.h"

enum cose_algorithm {
	COSE_ES256 = -7,   /* ECDSA on P-256 with SHA-256 (RFC 9053 2.1)               */
	COSE_EDDSA = -8,   /* on Ed25519 (RFC 9053 2.2)                               */
	COSE_RS256 = -257, /* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 2): Windows Hello */
};

/* All of them, in the order of preference. */
extern const enum cose_algorithm cose_algorithms[];
extern const size_t cose_algorithm_count;

struct cose_key {
	enum cose_algorithm algorithm;
	struct str first;  /* x of EC and Ed25519, the modulus of RSA  */
	struct str second; /* y of EC, the exponent of RSA             */
};

/* Take the key at the cursor; its parts are borrowed. Other labels are ignored. False: not a usable
 * key; c is unmoved. */
bool cose_key_parse(struct cur *c, struct cose_key *out);

bool cose_verify(const struct cose_key *key, struct str message, struct str signature);

#endif
