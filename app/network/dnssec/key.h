/* network/dnssec/key.h: DNSKEY, DS and RRSIG records (RFC 4034 2, 3, 5), and what the algorithms
 * say.
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
/* "ECDSAP256SHA256"; "algorithm 12" in a for those that we do not know. */
struct str dnssec_algorithm_text(uint8_t algorithm, struct arena *a);
/* Is a zone that is signed by this one secure for us? sha1: also those with SHA-1, which is only
 * for checking against the examples of old RFCs: to operators RFC 9905 2 says that such zones are
 * as if not signed. */
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
/* May it sign for its zone: RFC 4034 2.1.1 and 2.1.2, RFC 5011 2.1. */
bool dnssec_key_signs(const struct dnssec_key *k);
/* Is signature this key's over bytes? */
bool dnssec_key_verify(const struct dnssec_key *k, struct str bytes, struct str signature);

/* What dnssec_key_verify costs at most, in microseconds of a slow core: more for larger keys. */
unsigned dnssec_key_cost_us(const struct dnssec_key *k, struct str bytes);
/* The same of one hash of so many bytes. */
unsigned dnssec_hash_cost_us(size_t bytes);

enum { DIGEST_SHA1 = 1, DIGEST_SHA256 = 2, DIGEST_SHA384 = 4 };

struct dnssec_ds {
	uint16_t tag;
	uint8_t algorithm, digest_type;
	struct str digest;
};
bool dnssec_ds_parse(struct str data, struct dnssec_ds *out);
/* Can we follow it? SHA-1 counts only with sha1 (RFC 9905 2). */
bool dnssec_ds_known(const struct dnssec_ds *ds, bool sha1);
/* Is it the digest of this key of this zone (RFC 4034 5.1.4)? */
bool dnssec_ds_matches(const struct dnssec_ds *ds, struct str zone, const struct dnssec_key *k);

struct dnssec_sig {
	uint16_t covered;
	uint8_t algorithm, labels;
	uint32_t ttl, expiration, inception;
	uint16_t tag;
	struct str signer; /* a name, in lower case as struct rr has it */
	struct str head;   /* all before the signature: what is signed begins with it */
	struct str signature;
};
bool dnssec_sig_parse(struct str data, struct dnssec_sig *out);
/* Seconds until it ends, at most INT32_MAX and at least 1; 0: not valid at now_s, even when our
 * clock or theirs is skew_s wrong. In the arithmetic of RFC 4034 3.1.5. */
uint32_t dnssec_sig_lasts(const struct dnssec_sig *s, int64_t now_s, uint32_t skew_s);

#endif
