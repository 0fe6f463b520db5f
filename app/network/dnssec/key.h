/* network/dnssec/key.h: DNSKEY, DS and RRSIG records (RFC 4034 2, 3, 5) and their algorithms.
 *
 * Strings borrow from the record's data. */
#ifndef DNSSEC_KEY_H
#define DNSSEC_KEY_H
#include "network/dnssec/name.h"

struct arena;

/* IANA's numbers (RFC 9904 2). */
enum dnssec_algorithm {
	ALGORITHM_RSASHA1 = 5,
	ALGORITHM_RSASHA1_NSEC3 = 7,
	ALGORITHM_RSASHA256 = 8,
	ALGORITHM_RSASHA512 = 10,
	ALGORITHM_ECDSAP256SHA256 = 13,
	ALGORITHM_ECDSAP384SHA384 = 14,
	ALGORITHM_ED25519 = 15,
};
/* "ECDSAP256SHA256"; "algorithm 12" in a for unknown ones. */
struct str dnssec_algorithm_text(uint8_t algorithm, struct arena *a);
/* Can this server validate the algorithm? sha1: accept SHA-1 too, for the examples of old RFCs
 * only; zones signed with SHA-1 count as unsigned (RFC 9905 2). */
bool dnssec_algorithm_known(uint8_t algorithm, bool sha1);

enum { KEY_ZONE = 0x0100, KEY_REVOKED = 0x0080, KEY_ENTRY = 0x0001 };

struct dnssec_key {
	uint16_t flags;
	uint8_t protocol, algorithm;
	uint16_t tag;    /* RFC 4034 B: many keys may share one */
	struct str key;
	struct str data; /* of the whole record */
};
bool dnssec_key_parse(struct str data, struct dnssec_key *out);
/* May the key sign for its zone: RFC 4034 2.1.1 and 2.1.2, RFC 5011 2.1. */
bool dnssec_key_signs(const struct dnssec_key *k);
/* Is signature one of this key over bytes? */
bool dnssec_key_verify(const struct dnssec_key *k, struct str bytes, struct str signature);

/* The most that dnssec_key_verify costs, in microseconds of a slow core: more for larger keys. */
unsigned dnssec_key_cost_us(const struct dnssec_key *k, struct str bytes);
/* The same for one hash of that many bytes. */
unsigned dnssec_hash_cost_us(size_t bytes);

enum { DIGEST_SHA1 = 1, DIGEST_SHA256 = 2, DIGEST_SHA384 = 4 };

struct dnssec_ds {
	uint16_t tag;
	uint8_t algorithm, digest_type;
	struct str digest;
};
bool dnssec_ds_parse(struct str data, struct dnssec_ds *out);
/* Are its algorithms supported? SHA-1 only with sha1 (RFC 9905 2). */
bool dnssec_ds_known(const struct dnssec_ds *ds, bool sha1);
/* Is it the digest of this key of this zone (RFC 4034 5.1.4)? */
bool dnssec_ds_matches(const struct dnssec_ds *ds, struct str zone, const struct dnssec_key *k);

struct dnssec_sig {
	uint16_t covered;
	uint8_t algorithm, labels;
	uint32_t ttl, expiration, inception;
	uint16_t tag;
	struct str signer; /* a name, in lower case like struct rr */
	struct str head;   /* all before the signature: the signed data begins with it */
	struct str signature;
};
bool dnssec_sig_parse(struct str data, struct dnssec_sig *out);
/* Seconds until it expires, at most INT32_MAX and at least 1; 0: not valid at now_s, with a
 * tolerance of skew_s for clocks. Serial number arithmetic of RFC 4034 3.1.5. */
uint32_t dnssec_sig_lasts(const struct dnssec_sig *s, int64_t now_s, uint32_t skew_s);

#endif
