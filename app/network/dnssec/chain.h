/* network/dnssec/chain.h: from a trust anchor down to the zone of a name (RFC 4035 5.2).
 *
 *	.  --DS com-->  com  --DS example.com-->  example.com  --no DS-->  unsigned from here
 *
 * Each step queries the DS records of one more label and validates the answer with the keys of the
 * parent zone. If there are any, it queries the DNSKEY records that match them. Results are cached
 * (cache.h), so most queries need no step. */
#ifndef DNSSEC_CHAIN_H
#define DNSSEC_CHAIN_H
#include "network/dnssec/anchor.h"
#include "network/dnssec/cache.h"
#include "network/dnssec/denial.h"

/* RFC 4035 4.3. A name without a trust anchor above it is insecure, as in RFC 7672 2.1.1. */
enum dnssec_verdict {
	DNSSEC_SECURE,        /* signed, along the whole chain from a trust anchor */
	DNSSEC_INSECURE,      /* proven to be in an unsigned zone, or in one without anchor */
	DNSSEC_BOGUS,         /* should be signed, and is not, or wrongly */
	DNSSEC_INDETERMINATE, /* records for the validation are missing */
};
const char *dnssec_verdict_text(enum dnssec_verdict v);

/* Queries name servers, with the bits DO and CD (RFC 4035 3.2.1, 3.2.2). */
struct dnssec_asker {
	/* The whole answer in a; false: no answer, or one with an error code. */
	bool (*ask)(struct dnssec_asker *k, struct str name, uint16_t type, struct arena *a,
	            struct str *answer);
};

struct dnssec_validator {
	struct dnssec_work work;
	struct dnssec_asker *asker;
	const struct dnssec_anchors *anchors;
	struct dnssec_cache *cache;
};

/* Find the deepest signed zone at or above name. DNSSEC_SECURE: it is in *out, which lives in the
 * work's arena; DNSSEC_INSECURE: a zone on the way is unsigned, or no anchor is above; else the
 * reason is in the work's trouble. */
enum dnssec_verdict dnssec_chain(struct dnssec_validator *j, struct str name,
                                 struct dnssec_zone *out);

#endif
