/* formats/mailauth/spf_record.h: SPF records taken apart (RFC 7208 4.6, 5, 6, 12). Pure. */
#ifndef MAILAUTH_SPF_RECORD_H
#define MAILAUTH_SPF_RECORD_H
#include "foundation/base/err.h"
#include "network/runtime/addr.h"

/* RFC 7208 2.6. */
enum spf_result {
	SPF_NONE,      /* there is no policy, or no name to ask about      */
	SPF_NEUTRAL,   /* the domain does not say                          */
	SPF_PASS,      /* the client may use the name                      */
	SPF_FAIL,      /* it may not                                       */
	SPF_SOFTFAIL,  /* it probably may not                              */
	SPF_TEMPERROR, /* DNS did not answer                               */
	SPF_PERMERROR, /* the records are wrong, or ask for too much       */
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

enum { SPF_TERMS_MAX = 500 }; /* of one record, which DNS hands us in 64 KiB at most */

struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_result result;      /* what it means when it matches: by its qualifier */
	struct str domain;           /* domain-spec with its macros; empty: that of the record */
	struct addr network;         /* of SPF_IP4 and SPF_IP6                          */
	unsigned v4_bits, v6_bits;   /* as many of the address count                    */
	struct str text;             /* as written: "-ip4:192.0.2.0/24"                 */
};

struct spf_record {
	struct spf_term *terms;
	size_t count;
	struct str redirect, exp; /* domain-specs; empty: there is none */
};

/* Is a TXT record one of SPF (RFC 7208 4.5)? */
bool spf_record_is(struct str text);

/* Take such a record apart. Strings are borrowed from text, terms live in a. ERR_SYNTAX: anything
 * in it is not as the grammar has it, of which why tells; such a record is never used in part (RFC
 * 7208 4.6). Linear. */
enum err spf_record_parse(struct str text, struct arena *a, struct spf_record *out,
                          struct why *why) MUST_USE;

/* Do the first so many bits of both addresses agree? Of two families: no. */
bool spf_network_has(const struct addr *network, unsigned bits, const struct addr *ip);

#endif
