/* network/dnssec/message.h: answers of name servers as records in canonical form (RFC 1035 4, RFC
 * 4034 6).
 *
 * Begin here:  name.h      names and their order
 *              message.h   records of an answer            (this file)
 *              key.h       keys, signatures, digests
 *              rrset.h     sets of records and whether a key of a zone signed them
 *              denial.h    proofs that something does not exist
 *              anchor.h    where trust begins
 *              cache.h     zones that have been judged
 *              chain.h     from there down to the zone of a name
 *              judge.h     what all of it says about an answer
 *
 * The folder sees bytes only: who asks name servers is a function that it is given (chain.h), the
 * time and the limits are arguments. network/dns/secure.c brings them together. */
#ifndef DNSSEC_MESSAGE_H
#define DNSSEC_MESSAGE_H
#include "network/dnssec/name.h"

enum dns_rr_type {
	RR_A = 1,
	RR_NS = 2,
	RR_CNAME = 5,
	RR_SOA = 6,
	RR_PTR = 12,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28,
	RR_SRV = 33,
	RR_DNAME = 39,
	RR_DS = 43,
	RR_RRSIG = 46,
	RR_NSEC = 47,
	RR_DNSKEY = 48,
	RR_NSEC3 = 50,
	RR_TLSA = 52,
	RR_CAA = 257,
};

enum rr_section { RR_ANSWER, RR_AUTHORITY };

struct rr {
	enum rr_section section;
	struct str owner;
	uint16_t type;
	uint32_t ttl;
	struct str data; /* names in it are uncompressed, in lower case where RFC 4034 6.2 says so
	                    (of that list RFC 6840 5.1 takes NSEC away) */
};

struct dns_message {
	unsigned rcode;
	struct rr *records; /* of class IN; the additional section is left out: nothing asks it */
	size_t count;
};

enum { RCODE_NOERROR = 0, RCODE_NXDOMAIN = 3 };

/* Read an answer; all of out lives in a. records_max: more than these are too many. False: it is
 * no answer, or malformed, or too long. Linear in bytes and names. */
bool dns_message_parse(struct str bytes, size_t records_max, struct arena *a,
                       struct dns_message *out);

/* "AAAA", "TYPE65280"; in a where it is not static. */
struct str rr_type_text(uint16_t type, struct arena *a);
/* The other way, for all of enum dns_rr_type and TYPE123; any case. */
bool rr_type_parse(struct str text, uint16_t *out);

#endif
