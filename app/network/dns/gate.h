/* network/dns/cancellable.h: a resolver whose queries can be cancelled: when the client disconnects
 * or the server stops. */
#ifndef DNS_GATE_H
#define DNS_GATE_H
#include "network/dns/dns.h"

#include <stdatomic.h>

/* Addresses, MX, TXT and PTR only. Once *cancelled is set, queries under way return within a
 * quarter of a second and new ones at once, with DNS_RETRY. */
struct dns_gate {
	struct dns dns;
	struct dns *behind;
	const atomic_bool *closed;
};

/* Both must outlive it. Needs no deinit. */
void dns_gate_init(struct dns_gate *g, struct dns *behind, const atomic_bool *closed);

#endif
