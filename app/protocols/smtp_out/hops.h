/* protocols/smtp_out/hops.h: from hosts to addresses: which, in what order; for route.c. */
#ifndef SMTP_OUT_HOPS_H
#define SMTP_OUT_HOPS_H
#include "model/queue/route.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/route.h"

/* Put addresses in the order to try them: what ip does not want leaves; the families take turns,
 * the preferred one first (RFC 8305 4), which is IPv6 where nobody says otherwise. Keeps the
 * order within a family. Pure. */
void out_hops_sort(struct dns_addr_list *list, enum route_ip ip);

/* Append the addresses of a host, at most so many; those that do not fit are left out. like has
 * what all of them have in common, host and port. The answer is the one DNS gave, for addresses of
 * the way's families alone. */
enum dns_status out_hops_add(const struct out_route_request *r, const struct out_hop *like,
                             size_t most, struct arena *a, struct out_route *out);
/* How many of the places that are left the next host may have, of so many hosts that want some:
 * who has many addresses leaves room for those behind it. 1 or more. Pure. */
size_t out_hops_share(const struct out_route *out, size_t hosts);

/* Does the way take addresses of any family? Else a host without one of its own may have others. */
bool out_hops_any_family(const struct out_route_request *r);

/* Is it this server: an address of this machine and a port where mail for us comes in? */
bool out_hop_is_ours(const struct out_route_request *r, const struct addr *at);

#endif
