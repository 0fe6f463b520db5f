/* network/dns/gate.h: a door to DNS that is closed once nobody waits for answers any more: the
 * session is gone, or the server stops. */
#ifndef DNS_GATE_H
#define DNS_GATE_H
#include "network/dns/dns.h"

#include <stdatomic.h>

/* Addresses, MX, TXT and PTR alone. When *closed is set, who asks waits no longer than a quarter of
 * a second, and who comes then not at all; both get DNS_RETRY. */
struct dns_gate {
	struct dns dns;
	struct dns *behind;
	const atomic_bool *closed;
};

/* Both outlive it, and it is not to be freed. */
void dns_gate_init(struct dns_gate *g, struct dns *behind, const atomic_bool *closed);

#endif
