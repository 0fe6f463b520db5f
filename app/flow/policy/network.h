/* flow/policy/network.h: what a peer is counted by, and blocked by; the one home of both, so that a
 * rule blocks what it has counted.
 *
 * A host is an IPv4 address, or the IPv6 /64 of one: who has one of its addresses has them all. A
 * network is an IPv4 /24, or the IPv6 /64. A site is an IPv4 /24, or an IPv6 /48, of which a
 * customer may have all: among these what is scarce is shared out (turns.h). Pure. */
#ifndef POLICY_NETWORK_H
#define POLICY_NETWORK_H
#include "network/runtime/addr.h"

/* "192.0.2.1", "2001:db8:1:2::". Borrows from to. */
struct str peer_host(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* "192.0.2.0", "2001:db8:1:2::". Likewise. */
struct str peer_network(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* "192.0.2.0", "2001:db8:1::". Likewise. */
struct str peer_site(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* The name under which the network is blocked: "192.0.2.0/24", that of a host otherwise. */
struct str peer_network_name(const struct addr *peer, char to[static ADDR_TEXT_MAX]);

#endif
