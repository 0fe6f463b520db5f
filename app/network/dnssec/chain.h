/* network/dnssec/chain.h: from a trust anchor down to the zone of a name (RFC 4035 5.2).
 *
 *	.  --DS com-->  com  --DS example.com-->  example.com  --no DS-->  not signed from here
 *
 * Each step asks for the DS records of one more label, judges the answer by the keys of the zone
 * above and, where there are some, asks for the DNSKEY records that they are digests of. What was
 * found is kept (cache.h), so most questions take no step. */
#ifndef DNSSEC_CHAIN_H
#define DNSSEC_CHAIN_H
#include "network/dnssec/anchor.h"
#include "network/dnssec/cache.h"
#include "network/dnssec/denial.h"

/* RFC 4035 4.3. What has no trust anchor above it is insecure, as in RFC 7672 2.1.1. */
enum dnssec_verdict {
	DNSSEC_SECURE,        /* signed, all the way down from a trust anchor                 */
	DNSSEC_INSECURE,      /* proven to be in a zone that is not signed, as far as we know  */
	DNSSEC_BOGUS,         /* should be signed, and is not, or wrongly                     */
	DNSSEC_INDETERMINATE, /* what it takes to judge could not be had                      */
};
const char *dnssec_verdict_text(enum dnssec_verdict v);

/* Who asks name servers: with the bits DO and CD (RFC 4035 3.2.1, 3.2.2). */
struct dnssec_asker {
	/* The whole answer in a; false: none came, or one with an error code. */
	bool (*ask)(struct dnssec_asker *k, struct str name, uint16_t type, struct arena *a,
	            struct str *answer);
};

struct dnssec_judge {
	struct dnssec_work work;
	struct dnssec_asker *asker;
	const struct dnssec_anchors *anchors;
	struct dnssec_cache *cache;
};

/* The deepest zone at or above name that is signed. DNSSEC_SECURE: in out, which lives in the
 * work's arena; DNSSEC_INSECURE: a zone on the way is not signed, or none is an anchor; else why
 * in the work's trouble. */
enum dnssec_verdict dnssec_chain(struct dnssec_judge *j, struct str name, struct dnssec_zone *out);

#endif
