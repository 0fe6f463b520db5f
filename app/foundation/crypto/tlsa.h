/* foundation/crypto/tlsa.h: TLSA records (RFC 6698 2.1), and whether a certificate is the one
 * that a record means. Which records count is formats/mailauth/dane.h's to say, what follows
 * network/tls/dane.h's. */
#ifndef CRYPTO_TLSA_H
#define CRYPTO_TLSA_H
#include "foundation/base/str.h"

enum tlsa_usage { TLSA_PKIX_TA, TLSA_PKIX_EE, TLSA_DANE_TA, TLSA_DANE_EE }; /* RFC 7218 2.1 */
enum tlsa_selector { TLSA_CERT, TLSA_SPKI };
enum tlsa_matching { TLSA_FULL, TLSA_SHA256, TLSA_SHA512 };

struct tlsa {
	uint8_t usage, selector, matching;
	struct str data;
};

enum { TLSA_NAMES_MAX = 3 };

/* The records that count for a server, and the names that its certificate may have when an
 * authority is what they mean (RFC 7672 3.2.2). Everything is borrowed. */
struct tlsa_set {
	const struct tlsa *items;
	size_t count;
	struct str names[TLSA_NAMES_MAX]; /* the first is the TLSA base domain: what SNI asks for */
	size_t name_count;
};

/* Does the record mean this certificate (DER), by its selector and matching type? Never for one
 * that is not a certificate, nor for types that we do not know. */
bool tlsa_matches(const struct tlsa *t, struct str certificate);

#endif
