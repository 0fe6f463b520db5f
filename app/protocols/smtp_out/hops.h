/* protocols/smtp_out/hops.h: the addresses of hosts and their order; for route.c. */
#ifndef SMTP_OUT_HOPS_H
#define SMTP_OUT_HOPS_H
#include "model/queue/route.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/route.h"

/* Sort addresses in the order to try them. Families excluded by ip are removed. The
 * others alternate, the preferred one first (RFC 8305 4), IPv6 by default. Keeps the
 * order within a family. Pure. */
void out_hops_sort(struct dns_addr_list *list, enum route_ip ip);

/* Append the addresses of a host, at most most of them. like is the template of each hop:
 * host and port. Returns the result of DNS for addresses of the way's families. */
enum dns_status out_hops_add(const struct out_route_request *r, const struct out_hop *like,
                             size_t most, struct arena *a, struct out_route *out);
/* How many of the remaining places the next of hosts hosts may use, so that a host with
 * many addresses leaves room for the others. 1 or more. Pure. */
size_t out_hops_share(const struct out_route *out, size_t hosts);

/* Does the way allow all address families? Else a host without an address of its family
 * may have others. */
bool out_hops_any_family(const struct out_route_request *r);

/* Is it this server: an address of this machine with a port that receives mail? */
bool out_hop_is_ours(const struct out_route_request *r, const struct addr *at);

#endif
