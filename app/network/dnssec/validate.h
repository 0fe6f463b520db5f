/* network/dnssec/validate.h: validation of an answer (RFC 4035 5, RFC 6840). */
#ifndef DNSSEC_VALIDATE_H
#define DNSSEC_VALIDATE_H
#include "network/dnssec/chain.h"

enum dnssec_found { DNSSEC_DATA, DNSSEC_NO_TYPE, DNSSEC_NO_NAME };

struct dnssec_answer {
	enum dnssec_verdict verdict;
	/* For DNSSEC_SECURE: what is proven, independent of the message's code. */
	enum dnssec_found found;
	struct str name; /* the queried name, or the target of its aliases */
	bool alias;      /* name is the target of an alias */
	/* The queried name's own records were secure. With an alias and DNSSEC_INSECURE: its zone
	 * is signed but that of the target is not (RFC 7672 2.2.2). */
	bool begins_secure;
	struct rrset data;   /* DNSSEC_DATA */
	uint32_t ttl;        /* DNSSEC_SECURE: how long it may be used (RFC 4035 5.3.3) */
	struct str trouble;  /* DNSSEC_BOGUS and _INDETERMINATE: a clause without a full stop */
};

/* Validate the answer to name and type (RFC 4035 4.3), with queries for the other records that are
 * needed. *out lives in the work's arena. */
void dnssec_validate(struct dnssec_validator *j, struct str answer, struct str name, uint16_t type,
                  struct dnssec_answer *out);

#endif
