/* network/dns/cancellable.h: a resolver whose queries can be cancelled: when the client disconnects
 * or the server stops. */
#ifndef DNS_CANCELLABLE_H
#define DNS_CANCELLABLE_H
#include "network/dns/dns.h"

#include <stdatomic.h>

/* Addresses, MX, TXT and PTR only. Once *cancelled is set, queries under way return within a
 * quarter of a second and new ones at once, with DNS_RETRY. */
struct dns_cancellable {
	struct dns dns;
	struct dns *upstream;
	const atomic_bool *cancelled;
};

/* Both must outlive it. Needs no deinit. */
void dns_cancellable_init(struct dns_cancellable *g, struct dns *upstream,
                          const atomic_bool *cancelled);

#endif
