/* protocols/smtp_out/route.c: see route.h. */
#include "protocols/smtp_out/route.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "protocols/smtp_out/hops.h"
#include "protocols/smtp_out/route_resolve.h"

enum { ROUTE_DNS_MS = 30000 };

static enum err report(struct envelope_reply *reply, enum err e, unsigned code, const char *status,
                       const char *text)
{
	*reply = (struct envelope_reply){ .code = (uint16_t)code,
		                          .status = str_of(status),
		                          .text = str_of(text) };
	return e;
}

/* RFC 3463 X.4.3 for every failure of DNS. */
static enum err dns_unknown(const struct dns_trouble *t, struct arena *a,
                            struct envelope_reply *reply)
{
	(void)!report(reply, ERR_RETRY, 451, "4.4.3", "");
	reply->text = dns_trouble_text(t, a);
	return ERR_RETRY;
}

static enum err for_ourselves(struct envelope_reply *reply)
{
	return report(reply, ERR_DENIED, 554, "5.4.6",
	              "the domain's mail is meant for this server, which does not know the domain");
}

/* Template of a host found by MX. */
static struct out_hop hop_like(const struct out_route_request *r, struct str host)
{
	uint16_t port = r->way->manner.port;

	return (struct out_hop){ .host = host,
		                 .port = port != 0 ? port : r->port,
		                 .demand = r->way->tls };
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

/* RFC 5321 5.1: hosts at or after this server's place in the list would send it back. */
static void cut_at(struct dns_mx_list *list, size_t i)
{
	while (i > 0 && list->items[i - 1].preference == list->items[i].preference)
		i--;
	list->count = i;
}

static void cut_at_ourselves(struct dns_mx_list *list, struct str hostname)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eqi(list->items[i].host, hostname))
			cut_at(list, i);
}

/* Checks the new hops from place on; one of our addresses makes the host this server,
 * whatever its name. */
static bool has_ours(const struct out_route_request *r, const struct out_route *out, size_t from)
{
	for (size_t i = from; i < out->count; i++)
		if (out_hop_is_ours(r, &out->hops[i].addr))
			return true;
	return false;
}

/* Remove hosts of this preference and later ones. */
static void hops_cut(struct out_route *out, const struct dns_mx_list *list)
{
	size_t keep = 0;

	for (size_t i = 0; i < out->count; i++)
		for (size_t k = 0; k < list->count; k++)
			if (out->hops[i].host.p == list->items[k].host.p) {
				out->hops[keep++] = out->hops[i];
				break;
			}
	out->count = keep;
}

/* Why hosts have no address; the most hopeful reason counts. */
enum missing {
	MISSING_FOR_GOOD, /* DNS has none for any                        */
	MISSING_NOW,      /* DNS may have others, which were not queried */
	MISSING_UNKNOWN,  /* DNS did not answer for one                  */
};

static enum missing missing_of(const struct out_route_request *r, enum dns_status status)
{
	if (status == DNS_RETRY)
		return MISSING_UNKNOWN;
	return status == DNS_NODATA && !out_hops_any_family(r) ? MISSING_NOW : MISSING_FOR_GOOD;
}

/* Add the hops of all hosts; the list is cut at this server. Returns the most hopeful
 * reason for missing addresses. */
static enum missing hosts_add(const struct out_route_request *r, struct dns_mx_list *list,
                              struct arena *a, struct out_route *out)
{
	enum missing missing = MISSING_FOR_GOOD;

	if (list->count > LIMIT_smtp_out_mx)
		missing = MISSING_NOW; /* the rest is skipped */

	for (size_t i = 0; i < list->count && i < LIMIT_smtp_out_mx; i++) {
		struct out_hop like = hop_like(r, list->items[i].host);
		size_t from = out->count, hosts = MIN(list->count, LIMIT_smtp_out_mx) - i;
		enum dns_status status;

		status = out_hops_add(r, &like, out_hops_share(out, hosts), a, out);
		missing = MAX(missing, missing_of(r, status));
		if (has_ours(r, out, from)) {
			cut_at(list, i);
			hops_cut(out, list);
		}
	}
	return missing;
}

static enum err by_mx_list(const struct out_route_request *r, struct dns_mx_list *list,
                           struct arena *a, struct out_route *out, struct envelope_reply *reply)
{
	enum missing missing;

	/* RFC 7505 3: a single "." says that the domain takes no mail. */
	if (list->count == 1 && list->items[0].host.n == 0)
		return report(reply, ERR_DENIED, 556, "5.1.10", "the domain takes no mail");
	cut_at_ourselves(list, r->hostname);
	if (list->count == 0)
		return for_ourselves(reply);
	shuffle_equals(list);
	missing = hosts_add(r, list, a, out);
	if (out->count != 0)
		return OK;
	if (list->count == 0)
		return for_ourselves(reply);
	if (missing == MISSING_UNKNOWN)
		return dns_unknown(&out->unknown, a, reply);
	if (missing == MISSING_NOW)
		return report(reply, ERR_RETRY, 451, "4.4.4", "no MX host has an address");
	/* RFC 5321 5.1: MX records of which none is usable are an error */
	return report(reply, ERR_DENIED, 550, "5.4.4", "no MX host of the domain exists");
}

/* RFC 5321 5.1: without MX records the domain is its own mail host. */
static enum err by_name(const struct out_route_request *r, struct arena *a, struct out_route *out,
                        struct envelope_reply *reply)
{
	struct out_hop like = hop_like(r, r->way->domain);
	enum dns_status status = out_hops_add(r, &like, OUT_HOPS_MAX, a, out);

	if (status == DNS_OK)
		return has_ours(r, out, 0) ? for_ourselves(reply) : OK;
	switch (missing_of(r, status)) {
	case MISSING_UNKNOWN:
		return dns_unknown(&out->unknown, a, reply);
	case MISSING_NOW:
		return report(reply, ERR_RETRY, 451, "4.4.4",
		              "the domain has no address of the kind that is used here");
	case MISSING_FOR_GOOD:
		break;
	}
	return report(reply, ERR_DENIED, 550, "5.1.2", "the domain has no mail host");
}

static enum err by_mx(const struct out_route_request *r, struct arena *a, struct out_route *out,
                      struct envelope_reply *reply)
{
	struct dns_mx_list list;
	enum dns_status status =
		dns_mx(r->dns, a, r->way->domain, clock_mono_ms() + ROUTE_DNS_MS, &list);

	if (list.authenticated) {
		out->signed_domain = r->way->domain;
		out->signed_alias = list.canonical;
	}
	switch (status) {
	case DNS_OK:
		return by_mx_list(r, &list, a, out, reply);
	case DNS_NODATA:
		return by_name(r, a, out, reply);
	case DNS_RETRY:
		return dns_unknown(&list.trouble, a, reply);
	default:
		return report(reply, ERR_DENIED, 550, "5.1.2", "no such domain");
	}
}

/* --- choice of the way ------------------------------------------------------------- */

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

static enum err by_literal(const struct out_route_request *r, struct addr addr,
                           struct out_route *out, struct envelope_reply *reply)
{
	struct out_hop *hop = &out->hops[out->count++];

	*hop = hop_like(r, r->way->domain);
	hop->tls.name_signed = true; /* the address itself is authentic */
	hop->addr = addr;
	hop->addr.port = hop->port;
	return out_hop_is_ours(r, &hop->addr) ? for_ourselves(reply) : OK;
}

/* The proxy may resolve names that no other resolver has. */
static bool needs_no_address(const struct out_route_request *r, const struct out_smarthost *host)
{
	return host->path.n != 0 || r->way->proxy != NULL;
}

static enum err by_relay(const struct out_route_request *r, struct arena *a, struct out_route *out,
                         struct envelope_reply *reply)
{
	for (size_t i = 0; i < r->way->host_count; i++) {
		const struct out_smarthost *host = &r->way->hosts[i];
		struct out_hop like = { .host = host->path.n != 0 ? host->path : host->host,
			                .port = host->port,
			                .relay = host,
			                .demand = out_smarthost_tls(host) };

		like.tls.name_signed = true; /* named by the administrator */
		if (!needs_no_address(r, host))
			(void)out_hops_add(r, &like,
			                   out_hops_share(out, r->way->host_count - i), a, out);
		else if (out->count < OUT_HOPS_MAX)
			out->hops[out->count++] = like;
	}
	/* A wrong setting must not bounce all mail. */
	return out->count != 0 ? OK
	                       : report(reply, ERR_RETRY, 451, "4.4.3",
	                                "the smarthost's name has no address now");
}

enum err out_route_find(const struct out_route_request *r, struct arena *a, struct out_route *out,
                        struct envelope_reply *reply)
{
	struct addr literal;

	out->count = 0;
	out->way = r->way;
	out->signed_domain = out->signed_alias = STR_EMPTY;
	out->unknown = (struct dns_trouble){ 0 };
	if (r->way->kind == ROUTE_RELAY)
		return by_relay(r, a, out, reply);
	if (literal_parse(r->way->domain, &literal))
		return by_literal(r, literal, out, reply);
	return by_mx(r, a, out, reply);
}
