/* flow/policy/block_networks.h: networks of any length that people have blocked: rows of
 * blocks.h whose name is one of these. Automatic blocks are of hosts and the networks of
 * network.h, which are found by their names. */
#ifndef POLICY_BLOCK_NETWORKS_H
#define POLICY_BLOCK_NETWORKS_H
#include "flow/policy/blocks.h"
#include "network/runtime/network.h"

enum { BLOCK_NETWORK_NAME_MAX = 18 };

/* The name of the row, binary: family, bits, the bytes of the address without what is not of the
 * network. Borrows from to. */
struct str block_network_name(const struct network *n, char to[static BLOCK_NETWORK_NAME_MAX]);
/* Such a name as people read it, "192.0.2.0/23"; in a. Empty: it is none. */
struct str block_network_text(struct arena *a, struct str name);

/* The block of a network that peer is in, the widest first; as blocks_get, with the network as
 * address. Cost: a look for each length that there is a network of. */
enum err block_network_of(struct store *s, const struct addr *peer, struct arena *a,
                          struct blocked *out) MUST_USE;

#endif
