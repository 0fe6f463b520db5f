/* protocols/smtp_out/hops.c: see hops.h. */
#include "protocols/smtp_out/hops.h"

#include "foundation/base/clock.h"
#include "protocols/smtp_out/dane.h"
#include "protocols/smtp_out/route_resolve.h"

#include <ifaddrs.h>

enum { HOPS_DNS_MS = 30000 };

/* --- order ------------------------------------------------------------------------------------ */

static bool hops_is_wanted(enum addr_family family, enum route_ip ip)
{
	return (family != ADDR_V4 || ip != ROUTE_IP_ONLY6) &&
	       (family != ADDR_V6 || ip != ROUTE_IP_ONLY4);
}

/* The next of a family from place on, or count. */
static size_t next_of(const struct addr *items, size_t count, enum addr_family family, size_t from)
{
	while (from < count && items[from].family != family)
		from++;
	return from;
}

void out_hops_sort(struct dns_addr_list *list, enum route_ip ip)
{
	struct addr in[DNS_ADDRS_MAX];
	size_t n = 0, count = 0, at[2] = { 0, 0 };
	enum addr_family families[2] = { ADDR_V6, ADDR_V4 };

	if (ip == ROUTE_IP_PREFER4) {
		families[0] = ADDR_V4;
		families[1] = ADDR_V6;
	}
	for (size_t i = 0; i < list->count && n < DNS_ADDRS_MAX; i++)
		if (hops_is_wanted(list->items[i].family, ip))
			in[n++] = list->items[i];
	for (size_t which = 0; count < n; which ^= 1) {
		at[which] = next_of(in, n, families[which], at[which]);
		if (at[which] < n)
			list->items[count++] = in[at[which]++];
	}
	list->count = n;
}

/* A source address of one family restricts connections to it. */
static enum route_ip families(const struct route_manner *m)
{
	bool four = m->source4.family != ADDR_NONE, six = m->source6.family != ADDR_NONE;

	if (four == six || m->ip == ROUTE_IP_ONLY4 || m->ip == ROUTE_IP_ONLY6)
		return m->ip;
	return four ? ROUTE_IP_ONLY4 : ROUTE_IP_ONLY6;
}

static unsigned asked(enum route_ip ip)
{
	return ip == ROUTE_IP_ONLY4 ? DNS_V4 : ip == ROUTE_IP_ONLY6 ? DNS_V6 : DNS_V4 | DNS_V6;
}

bool out_hops_any_family(const struct out_route_request *r)
{
	return asked(families(&r->way->manner)) == (DNS_V4 | DNS_V6);
}

/* --- hosts ------------------------------------------------------------------------------------ */

static void hop_add(struct out_route *out, const struct out_hop *like, struct addr addr)
{
	struct out_hop *hop;

	if (out->count == OUT_HOPS_MAX)
		return;
	hop = &out->hops[out->count++];
	*hop = *like;
	hop->addr = addr;
	hop->addr.port = like->port;
}

/* RFC 7672 2.2.1, 2.2.2: only for authentic hosts, by signed MX records or because the
 * administrator requires DANE. */
static bool dane_counts(const struct out_hop *like, const struct out_route *out)
{
	if (like->relay != NULL)
		return like->demand.level == OUT_TLS_DANE;
	return out->signed_domain.n != 0;
}

static void dane_ask(const struct out_route_request *r, const struct dns_addr_list *list,
                     struct arena *a, const struct out_route *out, struct out_hop *hop)
{
	struct out_dane_host host = { .host = hop->host,
		                      .port = hop->port,
		                      .domain = out->signed_domain,
		                      .alias = out->signed_alias,
		                      .addresses = list };

	hop->tls.name_signed = true;
	out_dane_find(r->dns, &host, a, &hop->tls);
}

/* RFC 5321 5.1: try at least two addresses, not all of one host. */
size_t out_hops_share(const struct out_route *out, size_t hosts)
{
	return MAX((OUT_HOPS_MAX - out->count) / MAX(hosts, 1), 1);
}

enum dns_status out_hops_add(const struct out_route_request *r, const struct out_hop *like,
                             size_t most, struct arena *a, struct out_route *out)
{
	enum route_ip ip = families(&r->way->manner);
	struct dns_addr_list list;
	enum dns_status status;
	struct addr literal;
	struct out_hop host;

	if (addr_parse_ip(like->host, &literal)) {
		hop_add(out, like, literal);
		return DNS_OK;
	}
	status = dns_addresses(r->dns, a, like->host, asked(ip), clock_mono_ms() + HOPS_DNS_MS,
	                       &list);
	if (status == DNS_OK)
		out_hops_sort(&list, ip);
	else if (status == DNS_RETRY)
		out->unknown = list.trouble;
	host = *like;
	if (status == DNS_OK && dane_counts(like, out))
		dane_ask(r, &list, a, out, &host);
	for (size_t i = 0; i < list.count && i < most; i++)
		hop_add(out, &host, list.items[i]);
	return status;
}

/* --- this server ------------------------------------------------------------------------------ */

static bool has_interface(const struct addr *ip)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (struct ifaddrs *i = all; i != NULL && !found; i = i->ifa_next) {
		struct addr own;

		found = i->ifa_addr != NULL && addr_from_socket(i->ifa_addr, &own) &&
		        addr_eq_ip(&own, ip);
	}
	freeifaddrs(all);
	return found;
}

bool out_hop_is_ours(const struct out_route_request *r, const struct addr *at)
{
	for (size_t i = 0; i < r->listen_count; i++)
		if (r->listens[i] == at->port)
			return addr_is_loopback(at) || has_interface(at);
	return false;
}
