/* network/dnssec/denial.h: proofs that a name, or a type at a name, does not exist (RFC 4035 5.4,
 * RFC 5155 8).
 *
 * The proofs are NSEC or NSEC3 records in an answer, signed by the zone. All functions expect names
 * in that zone; the caller checks that. */
#ifndef DNSSEC_DENIAL_H
#define DNSSEC_DENIAL_H
#include "network/dnssec/rrset.h"

struct nsec {
	struct str owner, next; /* in lower case */
	struct str types;       /* the bit map   */
};

struct nsec3 {
	struct str hash, next; /* of the owner, and of the next owner: 20 octets */
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
	bool costly;  /* more iterations than the rules allow: no record was taken */
	uint32_t ttl; /* how long the proofs may be used */
};

/* Take the proofs of the authority section that the zone has signed; others are ignored. *out lives
 * in w's arena. */
void dnssec_proofs_take(struct dnssec_work *w, const struct dns_message *m,
                        const struct dnssec_zone *zone, struct dnssec_proofs *out);

enum dnssec_denied {
	DENIED_NOT,  /* nothing is proven: the answer is forged or damaged */
	DENIED_NAME, /* the name does not exist */
	DENIED_TYPE, /* the name exists, perhaps by a wildcard, but not the type */
	DENIED_CUT,  /* the type is DS and the zone at name has none: it is unsigned */
	DENIED_OPEN, /* the zone proves nothing (opt-out, or its hashes cost too much): treat as
	                * unsigned */
};
enum dnssec_denied dnssec_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                                 struct str name, uint16_t type);
/* The name was answered by a wildcard with `labels` labels after its asterisk. DENIED_NAME: it is
 * proven that the name itself does not exist (RFC 4035 5.3.4, RFC 5155 8.8); or DENIED_OPEN or
 * DENIED_NOT. */
enum dnssec_denied dnssec_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                          struct str name, unsigned labels);

/* ---- NSEC and NSEC3, for denial.c ---- */

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
/* The proof of a record at exactly this name about a type: DENIED_NOT, _TYPE or _CUT. */
enum dnssec_denied nsec_types_deny(struct str types, struct str name, uint16_t type);
/* Do these types at an ancestor show a zone cut or a DNAME, so that its record proves nothing about
 * names below (RFC 6840 4.1, RFC 5155 8.3)? */
bool nsec_types_lead_away(struct str types);

#endif
