/* network/dnssec/denial.h: proofs that a name or a type of it does not exist (RFC 4035 5.4, RFC
 * 5155 8).
 *
 * The proofs are NSEC or NSEC3 records of an answer that the zone has signed. Everything that is
 * said here is said of names in that zone, which the caller has made sure of. */
#ifndef DNSSEC_DENIAL_H
#define DNSSEC_DENIAL_H
#include "network/dnssec/rrset.h"

struct nsec {
	struct str owner, next; /* in lower case */
	struct str types;       /* the bit map   */
};

struct nsec3 {
	struct str hash, next; /* of the owner, and of the owner behind it: 20 octets */
	struct str types;
	bool opt_out;
};

struct dnssec_proofs {
	struct str zone;
	struct nsec *nsec;
	size_t nsec_count;
	struct nsec3 *nsec3;
	size_t nsec3_count;
	uint64_t iterations; /* of all the NSEC3 records, with this salt */
	struct str salt;
	bool costly;  /* more iterations than the rules allow: nothing was taken */
	uint32_t ttl; /* how long they may be believed                           */
};

/* Take those of the authority section that the zone has signed; others are as if not there. Lives
 * in w's arena. */
void dnssec_proofs_take(struct dnssec_work *w, const struct dns_message *m,
                        const struct dnssec_zone *zone, struct dnssec_proofs *out);

enum dnssec_denied {
	DENIED_NOT,  /* nothing is proven: the answer is forged or damaged                 */
	DENIED_NAME, /* there is no such name                                              */
	DENIED_TYPE, /* the name exists, perhaps by a wildcard, the type does not          */
	DENIED_CUT,  /* the type is DS, the name is that of a zone without: it is not signed */
	DENIED_OPEN, /* the zone leaves open what is there (opt-out, or its hashes cost too
	                much): as if not signed */
};
enum dnssec_denied dnssec_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                                 struct str name, uint16_t type);
/* The name was answered by a wildcard, which had so many labels behind its asterisk: DENIED_NAME
 * when it is proven that the name itself does not exist (RFC 4035 5.3.4, RFC 5155 8.8), DENIED_OPEN
 * or DENIED_NOT. */
enum dnssec_denied dnssec_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                          struct str name, unsigned labels);

/* ---- the two kinds, for denial.c ---- */

enum dnssec_denied nsec_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                               struct str name, uint16_t type);
enum dnssec_denied nsec_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                        struct str name, unsigned labels);
enum dnssec_denied nsec3_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                                struct str name, uint16_t type);
enum dnssec_denied nsec3_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                         struct str name, unsigned labels);

/* Is a type in a bit map (RFC 4034 4.1.2)? */
bool nsec_types_have(struct str types, uint16_t type);
/* What a record of this very name says of a type: DENIED_NOT, _TYPE or _CUT. */
enum dnssec_denied nsec_types_deny(struct str types, struct str name, uint16_t type);
/* Does a record that has these types, at a name above another, say nothing of that other name,
 * because the zone ends there or the name is led elsewhere (RFC 6840 4.1, RFC 5155 8.3)? */
bool nsec_types_lead_away(struct str types);

#endif
