/* formats/mailauth/spf_record.h: the parser of SPF records (RFC 7208 4.6, 5, 6, 12). Pure. */
#ifndef MAILAUTH_SPF_RECORD_H
#define MAILAUTH_SPF_RECORD_H
#include "foundation/base/err.h"
#include "network/runtime/addr.h"

/* RFC 7208 2.6. */
enum spf_result {
	SPF_NONE,      /* there is no policy, or no name to check */
	SPF_NEUTRAL,   /* the domain makes no statement */
	SPF_PASS,      /* the client is authorised */
	SPF_FAIL,      /* the client is not authorised */
	SPF_SOFTFAIL,  /* the client is probably not authorised */
	SPF_TEMPERROR, /* DNS did not answer                               */
	SPF_PERMERROR, /* the records are invalid, or exceed a limit */
	SPF_RESULTS
};

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

enum { SPF_TERMS_MAX = 500 }; /* of one record, which has at most 64 KiB */

struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_result result;      /* the result of a match: its qualifier */
	struct str domain;           /* domain-spec with its macros; empty: the record's domain */
	struct addr network;         /* of SPF_IP4 and SPF_IP6                          */
	unsigned v4_bits, v6_bits;   /* prefix lengths */
	struct str text;             /* as written: "-ip4:192.0.2.0/24"                 */
};

struct spf_record {
	struct spf_term *terms;
	size_t count;
	struct str redirect, exp; /* domain-specs; empty: there is none */
};

/* Is a TXT record an SPF record (RFC 7208 4.5)? */
bool spf_record_is(struct str text);

/* Parse such a record. Strings are borrowed from text, terms live in a. ERR_SYNTAX: a part of it is
 * malformed, with the reason in why; a malformed record is not used in part (RFC 7208 4.6).
 * Linear. */
enum err spf_record_parse(struct str text, struct arena *a, struct spf_record *out,
                          struct why *why) MUST_USE;

/* Are the first bits of both addresses equal? False for different families. */
bool spf_network_has(const struct addr *network, unsigned bits, const struct addr *ip);

#endif
