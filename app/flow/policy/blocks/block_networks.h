/* flow/policy/blocks/block_networks.h: networks of any length blocked by administrators: rows of
 * blocks.h with these names. Automatic blocks use the fixed lengths of network.h and are
 * found by name. */
#ifndef POLICY_BLOCK_NETWORKS_H
#define POLICY_BLOCK_NETWORKS_H
#include "flow/policy/blocks/blocks.h"
#include "network/runtime/network.h"

enum { BLOCK_NETWORK_NAME_MAX = 18 };

/* The name of the row, binary: family, bits, the bytes of the address with the host bits
 * cleared. Borrows from to. */
struct str block_network_name(const struct network *n, char to[static BLOCK_NETWORK_NAME_MAX]);
/* The readable form of such a name, "192.0.2.0/23"; in a. Empty: the name is invalid. */
struct str block_network_text(struct arena *a, struct str name);

/* Block a network for an administrator, until a date as in blocks.h. host: block the host of the
 * address (flow/policy/network.h), by the same row as an automatic block. *name: the text of
 * the network or host, in a. ERR_SYNTAX: a network of all addresses. */
enum err block_network_put(struct store *s, const struct network *n, bool host, struct str reason,
                           int64_t until_ms, struct arena *a, struct str *name,
                           struct why *why) MUST_USE;

/* The block of a network that contains peer, the widest first; as blocks_get, with the
 * network as address. Costs one lookup for each prefix length in use. */
enum err block_network_of(struct store *s, const struct addr *peer, struct arena *a,
                          struct blocked *out) MUST_USE;

#endif
