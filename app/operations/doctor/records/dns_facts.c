/* operations/doctor/records/dns_facts.c: see dns_facts.h. */
#include "operations/doctor/records/dns_facts.h"

#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "operations/acme/challenge.h"
#include "operations/acme/records.h"
#include "operations/doctor/own/own_sts.h"
#include "operations/doctor/own/own_tlsa.h"

enum { ADDRESSES_MAX = 4 };

static void find_own(struct dns_home *out)
{
	struct addr all[DNS_HOME_OWN + DNS_HOME_FURTHER];
	size_t n = own_public_addresses(all, COUNT(all));

	for (size_t i = 0; i < n; i++)
		if (out->own_count < DNS_HOME_OWN)
			out->own[out->own_count++] = all[i];
		else
			out->further[out->further_count++] = all[i];
}

/* A private address, and no public one of its family. */
static bool is_inside(const struct dns_addr_list *list)
{
	bool private[2] = { false }, public[2] = { false };

	for (size_t i = 0; i < list->count; i++)
		(addr_is_private(&list->items[i])
		         ? private
		         : public)[list->items[i].family == ADDR_V6] = true;
	return (private[0] && !public[0]) || (private[1] && !public[1]);
}

void dns_home_find(struct dns_home *out, const struct settings *s, struct dns *dns,
                   int64_t deadline_ms, struct arena *a)
{
	struct dns_addr_list list = { .count = 0 };

	*out = (struct dns_home){ .hostname = str_lower(a, s->hostname),
		                  .smarthost = s->smarthost.n != 0,
		                  .challenge = challenge_choose(s) };
	find_own(out);
	for (; out->all_count < out->own_count; out->all_count++)
		out->all[out->all_count] = out->own[out->all_count];
	if (dns == NULL || dns_addresses(dns, a, out->hostname, DNS_V4 | DNS_V6, deadline_ms,
	                                 &list) != DNS_OK)
		return;
	out->inside = is_inside(&list);
	for (size_t i = 0; i < list.count && out->all_count < DNS_HOME_ALL; i++)
		if (!addr_is_private(&list.items[i]))
			out->all[out->all_count++] = list.items[i];
}

size_t dns_home_senders(const struct dns_home *h, struct addr out[static DNS_HOME_ALL])
{
	bool v4 = false;
	size_t n = 0;

	for (; n < h->own_count; n++) {
		out[n] = h->own[n];
		v4 = v4 || out[n].family == ADDR_V4;
	}
	for (size_t i = 0; i < h->all_count && n < DNS_HOME_ALL; i++)
		if (h->own_count == 0 || (!v4 && h->all[i].family == ADDR_V4))
			out[n++] = h->all[i];
	return n;
}

/* NULL: on failure. */
static struct dns *asking(const struct settings *s, const struct addr_list *servers)
{
	struct dns *dns = NULL;

	if (dns_new(servers, 0, &dns, NULL) != OK)
		dns = NULL;
	if (dns != NULL && dns_security_set(dns, s->dnssec, s->dnssec_anchors, NULL) != OK)
		dns_free(&dns);
	return dns;
}

struct dns *dns_unremembering(const struct settings *s)
{
	struct addr_list servers;
	struct dns *dns = NULL;
	struct arena a = { 0 };

	if (addr_list_parse(&a, s->dns_servers, 53, &servers, NULL) == OK)
		dns = asking(s, &servers);
	arena_deinit(&a);
	return dns;
}

void dns_home_see(struct dns_home *out, const struct settings *s, struct dns **dns,
                  int64_t deadline_ms, struct arena *a)
{
	struct addr_list servers;
	struct dns *world = NULL;
	struct dns_home seen;

	dns_home_find(out, s, *dns, deadline_ms, a);
	if (out->inside && addr_list_parse(a, s->doctor_resolvers, 53, &servers, NULL) == OK &&
	    servers.count != 0)
		world = asking(s, &servers);
	if (world == NULL)
		return;
	dns_home_find(&seen, s, world, deadline_ms, a);
	if (!seen.inside && seen.all_count > seen.own_count) {
		struct dns *house = *dns;

		*out = seen;
		*dns = world;
		world = house;
	}
	dns_free(&world);
}

/* --- all of it ---------------------------------------------------------------------------- */

/* The port of the first listener; 0 for off. */
static unsigned port_of(struct str listeners, struct arena *a)
{
	struct addr_list list;

	if (addr_list_parse(a, listeners, 0, &list, NULL) != OK || list.count == 0)
		return 0;
	return list.items[0].port;
}

static void find_addresses(struct dns_facts *out, struct arena *a)
{
	struct addr found[ADDRESSES_MAX];

	out->address_count = own_public_addresses(found, ADDRESSES_MAX);
	out->addresses = arena_array(a, struct str, ADDRESSES_MAX);
	for (size_t i = 0; i < out->address_count; i++) {
		char text[ADDR_TEXT_MAX];

		out->addresses[i] = str_dup(a, addr_ip_text(&found[i], text));
	}
}

enum err dns_domain_get(struct txn *t, struct str name, struct arena *a, struct dns_domain *out)
{
	struct domain domain = { 0 };
	enum err e = domain_get(t, name, a, &domain);

	*out = (struct dns_domain){ .name = str_lower(a, name), .mta_sts = domain.mta_sts };
	if (e == OK || e == ERR_MISSING)
		e = dkim_keys(t, out->name, a, &out->keys);
	return e == OK ? rotation_get(t, out->name, a, &out->rotation) : e;
}

enum err dns_account_get(struct txn *t, const struct settings *s, struct arena *a, struct str *url)
{
	struct account_row row = { .url = STR_EMPTY };
	struct arena secret; /* the row has the account's key */
	enum err e;

	*url = STR_EMPTY;
	arena_init(&secret, true);
	e = account_row_get(t, s->acme_directory, &secret, &row);
	if (e == OK)
		*url = str_dup(a, row.url);
	arena_deinit(&secret);
	return e == ERR_MISSING ? OK : e;
}

enum err dns_host_get(struct txn *t, const struct settings *s, struct arena *a,
                      struct dns_host *out)
{
	struct domain_list list;
	enum err e = domain_list(t, a, &list);

	*out = (struct dns_host){ .domain_count = 0 };
	if (e)
		return e;
	out->domains = arena_array(a, struct str, list.count);
	for (; out->domain_count < list.count; out->domain_count++)
		out->domains[out->domain_count] =
			str_lower(a, list.items[out->domain_count].name);
	return dns_account_get(t, s, a, &out->acme_account);
}

/* The name by which CAA records speak of an authority, as each of them documents; empty: not known
 * (RFC 8659 4.2). */
static struct str authority_name(struct str directory)
{
	static const struct {
		const char *host, *name;
	} known[] = {
		{ "api.letsencrypt.org", "letsencrypt.org" },
		{ "acme.zerossl.com", "sectigo.com" },
		{ "acme.sectigo.com", "sectigo.com" },
		{ "api.buypass.com", "buypass.com" },
		{ "acme-v02.api.pki.goog", "pki.goog" },
		{ "acme.ssl.com", "ssl.com" },
		{ "acme.digicert.com", "digicert.com" },
		{ "emea.acme.atlas.globalsign.com", "globalsign.com" },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_find(directory, str_of(known[i].host)) >= 0)
			return str_of(known[i].name);
	return STR_EMPTY;
}

struct str dns_authority(const struct settings *s, struct str account, struct arena *a)
{
	struct str name = s->acme ? authority_name(s->acme_directory) : STR_EMPTY;

	if (name.n == 0 || account.n == 0)
		return name;
	/* RFC 8657 3 */
	return str_fmt(a, "%.*s; accounturi=%.*s", STR_ARG(name), STR_ARG(account));
}

bool dns_https_served(const struct settings *s)
{
	return s->listen_https.n != 0 || (s->listen_http.n != 0 && s->trusted_proxies.n != 0);
}

/* Others look for a policy while there is a record; that there is none any more they learn from
 * one, too (RFC 8461 8.3). */
static bool has_mta_sts(const struct dns_facts_from *from, struct str domain, struct arena *a)
{
	struct dns_text_list list;

	if (dns_txt(from->dns, a, str_fmt(a, "_mta-sts.%.*s", STR_ARG(domain)), from->deadline_ms,
	            &list) != DNS_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (str_startsi(list.items[i], STR("v=STSv1")))
			return true;
	return false;
}

void dns_facts_find(struct dns_facts *out, const struct dns_facts_from *from,
                    const struct dns_domain *domain, struct arena *a)
{
	const struct settings *s = from->settings;

	*out = (struct dns_facts){
		.domain = domain->name,
		.hostname = str_dup(a, s->hostname),
		.smarthost = s->smarthost.n != 0,
		.spf = dns_spf_find(from->dns, domain->name, from->deadline_ms, a),
		.keys = domain->keys,
		.next = domain->rotation.next,
		.next_count = domain->rotation.next_count,
		.imaps = port_of(s->listen_imaps, a),
		.pop3s = port_of(s->listen_pop3s, a),
		.submissions = port_of(s->listen_submissions, a),
		.sieve = port_of(s->listen_managesieve, a),
		.submission = port_of(s->listen_submission, a),
		.https = dns_https_served(s) ? 443 : 0, /* the port programs ask at */
	};
	if (dns_https_served(s) &&
	    (domain->mta_sts != MTA_STS_NONE || has_mta_sts(from, domain->name, a)))
		out->mta_sts = mta_sts_id(domain->mta_sts, s->hostname, a);
	out->mta_sts_mode = domain->mta_sts;
	out->caa = dns_authority(s, domain->acme_account, a);
	out->tlsa_count = own_tlsa_keys(from->certs, out->hostname, a, &out->tlsa);
	out->tlsa_files = s->tls_cert.n != 0;
	find_addresses(out, a);
}
