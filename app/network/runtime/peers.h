/* network/runtime/peers.h: counters of connections by network, for runtime/ only.
 *
 * An IPv4 address is a network of its own. An IPv6 address counts for its /64, the smallest network
 * of a customer, and for the /48 around it: a site, which may have 65,536 of them. A site has a
 * larger limit, LIMIT_conn_site_factor times that of a network. */
#ifndef RUNTIME_PEERS_H
#define RUNTIME_PEERS_H
#include "foundation/base/map.h"
#include "network/runtime/addr.h"

#include <pthread.h>
#include <stdatomic.h>

struct peer_network;

struct peers {
	pthread_mutex_t lock;
	struct map networks; /* lock: struct peer_network by key, each with a connection */
};

/* The counters of one connection; all NULL: it is not counted. Lives until peers_leave. */
struct peer {
	struct peer_network *network;
	struct peer_network *site; /* NULL for IPv4 */
};

void peers_init(struct peers *p);
void peers_deinit(struct peers *p);
/* Count a connection. max: limit of its network, 0 for none. False: too many; nothing was
 * counted. */
bool peers_enter(struct peers *p, const struct addr *a, unsigned max, struct peer *out) MUST_USE;
/* End the count and clear *who. A no-op for a connection that was not counted. */
void peers_leave(struct peers *p, struct peer *who);
/* The number of connections of its network. Those of a site are divided by LIMIT_conn_site_factor,
 * so that a site at its limit has the same weight as a network at its own. */
unsigned peers_weight(const struct peer *who);

#endif
