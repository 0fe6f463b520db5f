/* network/dnssec/message.h: answers of name servers as records in canonical form (RFC 1035 4, RFC
 * 4034 6).
 *
 * Begin here:  name.h      names and their order
 *              message.h   records of an answer            (this file)
 *              key.h       keys, signatures, digests
 *              rrset.h     sets of records and whether a key of a zone signed them
 *              denial.h    proofs that something does not exist
 *              anchor.h    trust anchors
 *              cache.h     zones that have been validated
 *              chain.h     from an anchor down to the zone of a name
 *              validate.h  validation of an answer
 *
 * The folder works on bytes only: the caller passes a function that queries name servers (chain.h),
 * the time and the limits. network/dns/secure.c connects them. */
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
	struct str data; /* names in it are uncompressed, in lower case where RFC 4034 6.2 requires
	                    * it (without NSEC, RFC 6840 5.1) */
};

struct dns_message {
	unsigned rcode;
	struct rr *records; /* of class IN, without the additional section */
	size_t count;
};

enum { RCODE_NOERROR = 0, RCODE_NXDOMAIN = 3 };

/* Read an answer; *out lives in a. records_max: with more, the answer is rejected. False: it is not
 * an answer, malformed or too long. Linear in bytes and names. */
bool dns_message_parse(struct str bytes, size_t records_max, struct arena *a,
                       struct dns_message *out);

/* "AAAA", "TYPE65280"; static or in a. */
struct str rr_type_text(uint16_t type, struct arena *a);
/* Parse the text of a type of enum dns_rr_type, or TYPE123; any case. */
bool rr_type_parse(struct str text, uint16_t *out);

#endif
