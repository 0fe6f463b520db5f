/* network/runtime/network.h: IP networks, "192.0.2.0/24". */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H
#include "network/runtime/addr.h"

struct network {
	struct addr addr; /* its port is ignored */
	unsigned bits;    /* length of the prefix */
};

struct network_list {
	struct network *items;
	size_t count;
};

/* A comma list of addresses, each with "/bits" or alone, blanks allowed, empty for none; the items
 * live in a. ERR_SYNTAX names the wrong entry. */
enum err network_list_parse(struct arena *a, struct str s, struct network_list *out,
                            struct why *why) MUST_USE;

/* The same for trusted proxies: ERR_DENIED names a network that is wider than NETWORK_TRUSTED_V4 or
 * _V6 bits. Unique local addresses (RFC 4193) may be all of fc00::/7. */
enum { NETWORK_TRUSTED_V4 = 8, NETWORK_TRUSTED_V6 = 16 };
enum err network_list_parse_trusted(struct arena *a, struct str s, struct network_list *out,
                                    struct why *why) MUST_USE;

/* "192.0.2.0/24"; an address without a length is a network of one address. */
bool network_parse(struct str s, struct network *out);
/* Without host bits, port and scope. */
struct network network_masked(const struct network *n);

enum { NETWORK_TEXT_MAX = ADDR_TEXT_MAX + 4 };
/* "192.0.2.0/24", masked; borrows from to. */
struct str network_text(const struct network *n, char to[static NETWORK_TEXT_MAX]);

/* Is a in n? Never for different families. */
bool network_has(const struct network *n, const struct addr *a);
bool network_list_has(const struct network_list *list, const struct addr *a);

#endif
