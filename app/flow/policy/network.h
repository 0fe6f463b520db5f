/* flow/policy/network.h: the units by which peers are counted and blocked, in one place,
 * so that a rule blocks what it has counted.
 *
 * A host is an IPv4 address or an IPv6 /64: the user of one of its addresses has all of
 * them. A network is an IPv4 /24 or an IPv6 /64. A site is an IPv4 /24 or an IPv6 /48,
 * which one customer may have: scarce resources are shared among sites (slots.h).
 * Pure. */
#ifndef POLICY_NETWORK_H
#define POLICY_NETWORK_H
#include "network/runtime/addr.h"

/* "192.0.2.1", "2001:db8:1:2::". Borrows from to. */
struct str peer_host(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* "192.0.2.0", "2001:db8:1:2::". Likewise. */
struct str peer_network(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* "192.0.2.0", "2001:db8:1::". Likewise. */
struct str peer_site(const struct addr *peer, char to[static ADDR_TEXT_MAX]);
/* The name under which the network is blocked: "192.0.2.0/24", or that of an IPv6
 * host. */
struct str peer_network_name(const struct addr *peer, char to[static ADDR_TEXT_MAX]);

#endif
