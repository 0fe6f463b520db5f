/* net/dns_gate.h: a door to DNS that is closed once nobody waits for answers any more. */
#ifndef NET_DNS_GATE_H
#define NET_DNS_GATE_H
#include "net/dns.h"

#include <stdatomic.h>

/* Addresses, MX, TXT and PTR alone. A question that begins when *closed is DNS_RETRY at once; one
 * that is under way is not cut short. */
struct dns_gate {
	struct dns dns;
	struct dns *behind;
	const atomic_bool *closed;
};

/* Both outlive it, and it is not to be freed. */
void dns_gate_init(struct dns_gate *g, struct dns *behind, const atomic_bool *closed);

#endif
