/* network/dns/secure.h: what this server itself finds out about the signatures of answers
 * (dnssec/), for net/dns_*.c only.
 *
 * Three ways (the setting DNSSEC): "off" judges nothing. "strict" judges all: what is bogus or
 * cannot be judged is no answer. "auto" is the same, but behind name servers that are known to
 * leave signatures out: there answers are as if not signed; it is looked for again now and then.
 *
 *	at first       nobody knows: each question waits until the keys of a trust anchor have
 *	               come through, or something else in their place; a lost packet is neither
 *	able           they came, rightly signed: so it stays until there are other name servers
 *	unable         an answer came that has none, or none at all LIMIT_dnssec_misses times and
 *	               for LIMIT_dnssec_patience_ms, while others came: as if not signed; asked
 *	               again each LIMIT_dnssec_probe_ms
 *
 * That patience is less than a check of mail has time for, or who forges a sender's name would only
 * have to be the first after a start. */
#ifndef DNS_SECURE_H
#define DNS_SECURE_H
#include "network/dns/dns.h"
#include "network/dnssec/judge.h"

struct dns_secure;

struct dns_secure *dns_secure_new(void) MUST_USE; /* off */
void dns_secure_free(struct dns_secure *s);
/* From the next question on; see dns_security_set. Any thread. */
enum err dns_secure_set(struct dns_secure *s, struct str mode, struct str anchors,
                        struct why *why) MUST_USE;
/* Other name servers: those may not leave signatures out, or do. */
void dns_secure_forget(struct dns_secure *s);

struct dns_secured {
	enum dns_status status; /* DNS_OK: see the records; a denial that is proven; DNS_RETRY    */
	enum dnssec_verdict verdict; /* DNSSEC_INSECURE when it was not judged                    */
	bool authenticated;     /* so all of it is proven                                         */
	bool unpaid;            /* a budget was used up: not to be kept                          */
	bool alias_signed;      /* the asked name is an alias in a signed zone             */
	uint32_t ttl_s;         /* how long this may be believed                                  */
	struct str name;        /* in text: the last alias when authenticated, else empty         */
	struct str trouble;     /* DNSSEC_BOGUS and _INDETERMINATE: a sentence, no full stop      */
};

/* A message, and what it answers. */
struct dns_asked {
	struct str bytes;
	enum dns_status status; /* what the message itself says */
	struct str name;        /* text */
	uint16_t type;
	int64_t deadline_ms;
};

/* Are answers judged, here and now? Not so before it is known that signatures come through: until
 * then name servers that judge themselves should. */
bool dns_secure_judges(struct dns_secure *s);

/* Asks for more, until then. */
struct dns_asker {
	struct dnssec_asker asker;
	int64_t deadline_ms;
};

/* Judge an answer. asker asks for more, by the same deadline at first. What out has lives in a;
 * what it took to find that does not. */
void dns_secure_judge(struct dns_secure *s, struct dns_asker *asker,
                      const struct dns_asked *asked, struct arena *a, struct buf *story,
                      struct dns_secured *out);

#endif
