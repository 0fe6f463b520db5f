/* network/dnssec/judge.h: what to think of an answer (RFC 4035 5, RFC 6840). */
#ifndef DNSSEC_JUDGE_H
#define DNSSEC_JUDGE_H
#include "network/dnssec/chain.h"

enum dnssec_found { DNSSEC_DATA, DNSSEC_NO_TYPE, DNSSEC_NO_NAME };

struct dnssec_answer {
	enum dnssec_verdict verdict;
	/* When the verdict is DNSSEC_SECURE, what is proven, whatever the message's code says: */
	enum dnssec_found found;
	struct str name; /* the asked one, or where its aliases lead */
	bool alias;      /* they do                                  */
	/* The name's own records were secure: with an alias and DNSSEC_INSECURE, its zone is signed
	 * though that of the last name is not (RFC 7672 2.2.2). */
	bool begins_secure;
	struct rrset data;   /* DNSSEC_DATA */
	uint32_t ttl;        /* DNSSEC_SECURE: how long it may be believed (RFC 4035 5.3.3) */
	struct str trouble;  /* DNSSEC_BOGUS and _INDETERMINATE: a sentence without a full stop */
};

/* Judge the answer to name and type, asking for what else it takes. All of out lives in the work's
 * arena. RFC 4035 4.3. */
void dnssec_judge(struct dnssec_judge *j, struct str answer, struct str name, uint16_t type,
                  struct dnssec_answer *out);

#endif
