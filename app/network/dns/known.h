/* network/dns/known.h: a door to answers that are kept, for who waits for none. */
#ifndef DNS_KNOWN_H
#define DNS_KNOWN_H
#include "network/dns/dns.h"

/* Addresses, MX, TXT and PTR alone. What is not kept is DNS_RETRY, and so is all that is asked
 * after it. */
struct dns_known {
	struct dns dns;
	struct dns *behind;
	bool missed; /* something was not kept: whatever came of the answers is to be forgotten */
};

/* behind outlives it, and it is not to be freed. For one thread; never blocks. */
void dns_known_init(struct dns_known *k, struct dns *behind);

#endif
