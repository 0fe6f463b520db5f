/* network/dns/secure.h: validation of answers by this server (dnssec/), for network/dns only.
 *
 * Three modes (the setting DNSSEC). "off" validates nothing. "strict" validates all answers: a
 * bogus or indeterminate answer is rejected. "auto" is the same, except behind name servers that
 * are known to remove signatures: their answers are treated as unsigned, and the servers are tested
 * again regularly.
 *
 *	unknown        at first: each query waits until the keys of a trust anchor have
 *	               arrived, or another result; a lost packet is no result
 *	able           the keys arrived with valid signatures: final until the name servers change
 *	unable         an answer without signatures arrived, or no answer LIMIT_dnssec_misses times
 *	               and for LIMIT_dnssec_patience_ms while others arrived: treated as unsigned;
 *	               tested again every LIMIT_dnssec_probe_ms
 *
 * This patience is shorter than the time of a policy check. Otherwise a forger would only have
 * to be the first client after a start. */
#ifndef DNS_SECURE_H
#define DNS_SECURE_H
#include "network/dns/dns.h"
#include "network/dnssec/validate.h"

struct dns_secure;

struct dns_secure *dns_secure_new(void) MUST_USE; /* off */
void dns_secure_free(struct dns_secure *s);
/* Takes effect at the next query; see dns_security_set. Thread-safe. */
enum err dns_secure_set(struct dns_secure *s, struct str mode, struct str anchors,
                        struct why *why) MUST_USE;
/* The name servers have changed: the new ones are unknown. */
void dns_secure_forget(struct dns_secure *s);

struct dns_secured {
	enum dns_status status; /* DNS_OK: see the records; or a proven denial; or DNS_RETRY */
	enum dnssec_verdict verdict; /* DNSSEC_INSECURE when it was not validated */
	bool authenticated;     /* DNSSEC proves all of it */
	bool unpaid;            /* a budget was exhausted: do not cache */
	bool alias_signed;      /* the queried name is an alias in a signed zone */
	uint32_t ttl_s;         /* how long the answer may be used */
	struct str name;        /* text: the last alias when authenticated, else empty */
	struct str trouble;     /* DNSSEC_BOGUS and _INDETERMINATE: a clause, no full stop */
};

/* A message and its question. */
struct dns_asked {
	struct str bytes;
	enum dns_status status; /* what the message itself says */
	struct str name;        /* text */
	uint16_t type;
	int64_t deadline_ms;
};

/* Does this server validate answers now? False until it is known that signatures arrive: until then
 * name servers that validate should do so. */
bool dns_secure_validates(struct dns_secure *s);

/* Queries further records, until the deadline. */
struct dns_asker {
	struct dnssec_asker asker;
	int64_t deadline_ms;
};

/* Validate an answer. validator queries further records, by the same deadline at first. *out lives
 * in a; temporary data does not. */
void dns_secure_validate(struct dns_secure *s, struct dns_asker *asker,
                      const struct dns_asked *asked, struct arena *a, struct buf *steps,
                      struct dns_secured *out);

#endif
