/* foundation/crypto/tlsa.h: TLSA records (RFC 6698 2.1), and whether a record matches a
 * certificate. formats/mailauth/dane.h selects the usable records, network/tls/dane.h verifies. */
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

/* The usable records of a server, and the names that its certificate may have when a record
 * designates an authority (RFC 7672 3.2.2). Everything is borrowed. */
struct tlsa_set {
	const struct tlsa *items;
	size_t count;
	struct str names[TLSA_NAMES_MAX]; /* the first is the TLSA base domain, sent as SNI */
	size_t name_count;
};

/* Does the record match this certificate (DER), by its selector and matching type? False for a
 * malformed certificate and for unknown types. */
bool tlsa_matches(const struct tlsa *t, struct str certificate);

#endif
