/* flow/policy/network.c: see network.h. */
#include "flow/policy/network.h"

#include "foundation/base/buf.h"

#include <string.h>

struct str peer_host(const struct addr *peer, char to[static ADDR_TEXT_MAX])
{
	struct addr host = *peer;

	if (peer->family == ADDR_V6)
		memset(host.ip + 8, 0, 8);
	host.scope = 0;
	return addr_ip_text(&host, to);
}

struct str peer_network(const struct addr *peer, char to[static ADDR_TEXT_MAX])
{
	struct addr network = *peer;

	if (peer->family == ADDR_V4)
		network.ip[3] = 0;
	return peer_host(&network, to);
}

struct str peer_site(const struct addr *peer, char to[static ADDR_TEXT_MAX])
{
	struct addr site = *peer;

	if (peer->family == ADDR_V6)
		memset(site.ip + 6, 0, 2);
	return peer_network(&site, to);
}

struct str peer_network_name(const struct addr *peer, char to[static ADDR_TEXT_MAX])
{
	struct str name = peer_network(peer, to);

	if (peer->family != ADDR_V4)
		return name;
	memcpy(to + name.n, "/24", 3);
	return str_from(to, name.n + 3);
}
