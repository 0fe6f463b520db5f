/* network/dns/cached.h: a resolver that answers from the cache only and never blocks. */
#ifndef DNS_KNOWN_H
#define DNS_KNOWN_H
#include "network/dns/dns.h"

/* Addresses, MX, TXT and PTR only. A query that is not cached returns DNS_RETRY, and so do all
 * later ones. */
struct dns_known {
	struct dns dns;
	struct dns *behind;
	bool missed; /* a query was not cached: discard results that are based on the answers */
};

/* upstream must outlive it. Needs no deinit. For one thread; never blocks. */
void dns_known_init(struct dns_known *k, struct dns *behind);

#endif
