/* smtp/out_route.c: see out_route.h. */
#include "smtp/out_route.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/cur.h"
#include "base/random.h"
#include "config/limits.h"
#include "net/dns.h"

enum { ROUTE_DNS_MS = 30000 };

static enum err report(struct queue_reply *reply, enum err e, unsigned code, const char *status,
                       const char *text)
{
	*reply = (struct queue_reply){ .code = (uint16_t)code,
		                       .status = str_of(status),
		                       .text = str_of(text) };
	return e;
}

static enum err dns_trouble(struct queue_reply *reply)
{
	return report(reply, ERR_RETRY, 451, "4.4.3", "DNS did not answer");
}

/* --- hosts to addresses ---------------------------------------------------------- */

static void hop_add(struct out_route *out, struct str host, struct addr addr, uint16_t port)
{
	addr.port = port;
	if (out->count < OUT_HOPS_MAX)
		out->hops[out->count++] = (struct out_hop){ host, addr };
}

/* Append what a host's name leads to; the answer is the one DNS gave. */
static enum dns_status host_add(const struct out_route_request *r, struct str host, uint16_t port,
                                struct arena *a, struct out_route *out)
{
	struct dns_addr_list list;
	enum dns_status status;
	struct addr literal;

	if (addr_parse_ip(host, &literal)) {
		hop_add(out, host, literal, port);
		return DNS_OK;
	}
	status = dns_addresses(r->dns, a, host, DNS_V4 | DNS_V6, clock_mono_ms() + ROUTE_DNS_MS,
	                       &list);
	for (size_t i = 0; i < list.count; i++)
		hop_add(out, host, list.items[i], port);
	return status;
}

/* --- MX records -------------------------------------------------------------------- */

/* RFC 5321 5.1: hosts of equal preference are tried in random order. */
static void shuffle_equals(struct dns_mx_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t end = i + 1, with;
		struct dns_mx swap = list->items[i];

		while (end < list->count && list->items[end].preference == swap.preference)
			end++;
		with = i + (size_t)random_below(end - i);
		list->items[i] = list->items[with];
		list->items[with] = swap;
	}
}

/* RFC 5321 5.1: hosts at or behind our own place in the list would send it back. */
static void cut_at_ourselves(struct dns_mx_list *list, struct str hostname)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!str_eqi(list->items[i].host, hostname))
			continue;
		while (i > 0 && list->items[i - 1].preference == list->items[i].preference)
			i--;
		list->count = i;
	}
}

static enum err by_mx_list(const struct out_route_request *r, struct dns_mx_list *list,
                           struct arena *a, struct out_route *out, struct queue_reply *reply)
{
	bool unknown = false;

	/* RFC 7505 3: a single "." says that the domain takes no mail. */
	if (list->count == 1 && list->items[0].host.n == 0)
		return report(reply, ERR_DENIED, 556, "5.1.10", "the domain takes no mail");
	cut_at_ourselves(list, r->hostname);
	if (list->count == 0)
		return report(reply, ERR_DENIED, 554, "5.4.6",
		              "the domain's mail is meant for this server, which does not "
		              "know the domain");
	shuffle_equals(list);
	for (size_t i = 0; i < list->count && i < LIMIT_smtp_out_mx; i++)
		if (host_add(r, list->items[i].host, r->port, a, out) == DNS_RETRY)
			unknown = true;
	if (out->count != 0)
		return OK;
	if (unknown)
		return dns_trouble(reply);
	return report(reply, ERR_RETRY, 451, "4.4.4", "no MX host has an address");
}

/* RFC 5321 5.1: without MX records the domain is its own mail host. */
static enum err by_name(const struct out_route_request *r, struct str domain, struct arena *a,
                        struct out_route *out, struct queue_reply *reply)
{
	switch (host_add(r, domain, r->port, a, out)) {
	case DNS_OK:
		return OK;
	case DNS_RETRY:
		return dns_trouble(reply);
	default:
		return report(reply, ERR_DENIED, 550, "5.1.2", "the domain has no mail host");
	}
}

static enum err by_mx(const struct out_route_request *r, struct str domain, struct arena *a,
                      struct out_route *out, struct queue_reply *reply)
{
	struct dns_mx_list list;

	switch (dns_mx(r->dns, a, domain, clock_mono_ms() + ROUTE_DNS_MS, &list)) {
	case DNS_OK:
		return by_mx_list(r, &list, a, out, reply);
	case DNS_NODATA:
		return by_name(r, domain, a, out, reply);
	case DNS_RETRY:
		return dns_trouble(reply);
	default:
		return report(reply, ERR_DENIED, 550, "5.1.2", "no such domain");
	}
}

/* --- which way --------------------------------------------------------------------- */

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3) */
static bool literal_parse(struct str destination, struct addr *out)
{
	struct cur c = cur_of(destination);
	struct str inside;

	if (!cur_byte(&c, '['))
		return false;
	cur_stri(&c, STR("IPv6:"));
	return cur_until(&c, ']', &inside) && addr_parse_ip(inside, out);
}

static enum err by_smarthost(const struct out_route_request *r, struct arena *a,
                             struct out_route *out, struct queue_reply *reply)
{
	if (host_add(r, r->smarthost->host, r->smarthost->port, a, out) == DNS_OK)
		return OK;
	/* A mistake in the settings must not bounce everybody's mail. */
	return report(reply, ERR_RETRY, 451, "4.4.3", "the smarthost's name has no address now");
}

enum err out_route_find(const struct out_route_request *r, struct str destination, struct arena *a,
                        struct out_route *out, struct queue_reply *reply)
{
	struct addr literal;

	out->count = 0;
	if (r->smarthost != NULL)
		return by_smarthost(r, a, out, reply);
	if (literal_parse(destination, &literal)) {
		hop_add(out, destination, literal, r->port);
		return OK;
	}
	return by_mx(r, destination, a, out, reply);
}
