/* network/dns/cached.h: a resolver that answers from the cache only and never blocks. */
#ifndef DNS_CACHED_H
#define DNS_CACHED_H
#include "network/dns/dns.h"

/* Addresses, MX, TXT and PTR only. A query that is not cached returns DNS_RETRY, and so do all
 * later ones. */
struct dns_cached {
	struct dns dns;
	struct dns *upstream;
	bool missed; /* a query was not cached: discard results that are based on the answers */
};

/* upstream must outlive it. Needs no deinit. For one thread; never blocks. */
void dns_cached_init(struct dns_cached *k, struct dns *upstream);

#endif
