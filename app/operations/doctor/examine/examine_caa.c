/* operations/doctor/examine/examine_caa.c: may the authority issue for names of our
 * certificates about which no domain's row says so? The nearest name upwards that has CAA
 * records decides (RFC 8659 3): of a name below a domain of ours only those count here
 * that lie between the two. See examine.h. */
#include "operations/doctor/examine/examining.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"
#include "network/tls/cert.h"
#include "operations/doctor/records/dns_facts.h"

enum { NAMES_MAX = 24, LABELS_MAX = 40, ASK_MS = 5000 };

struct naming {
	struct examining *g;
	struct str issuer; /* as CAA records name the authority, and our account there */
	int64_t deadline_ms;
};

static struct str above(struct str name)
{
	ptrdiff_t dot = str_find_byte(name, '.');

	return dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n);
}

static void row_add(const struct naming *n, struct str name, const char *tag)
{
	examining_add(n->g, &(struct dns_record){
				    .name = name,
				    .type = "CAA",
				    .purpose = "CAA: which authority may issue certificates for "
					       "this name of the server (RFC 8659)",
				    .expected = str_fmt(n->g->x->a, "0 %s \"%.*s\"", tag,
		                                        STR_ARG(n->issuer)),
				    .optional = true });
}

/* Has the name records of its own, or one between it and the domain? */
static enum dns_status own_find(const struct naming *n, struct str name, struct str domain)
{
	enum dns_status s = DNS_NODATA;

	for (int i = 0; i < LABELS_MAX && dns_missing(s) && !str_eqi(name, domain); i++) {
		struct dns_text_list found;

		s = dns_records(n->g->dns, n->g->x->a, name, DNS_CAA, n->deadline_ms, &found);
		name = above(name);
	}
	return s;
}

/* --- of the host ------------------------------------------------------------------------------ */

/* The nearest domain of ours that a name is, or is in; empty: none. */
static struct str caa_domain(const struct dns_host *h, struct str name)
{
	for (; name.n != 0; name = above(name))
		for (size_t i = 0; i < h->domain_count; i++)
			if (str_eqi(h->domains[i], name))
				return name;
	return STR_EMPTY;
}

/* Somebody brings the certificate: who issued it is not our affair. */
static bool is_uploaded(const struct naming *n, struct str name)
{
	return n->g->x->certs != NULL && certs_uploaded(n->g->x->certs, name, clock_real_ms());
}

static void host_add(const struct naming *n, struct str name)
{
	struct str domain;

	if (is_uploaded(n, name))
		return;
	if (str_starts(name, STR("*."))) { /* which a domain's row says nothing of */
		row_add(n, str_sub(name, 2, name.n), "issuewild");
		return;
	}
	domain = caa_domain(n->g->x->host, name);
	if (domain.n == 0 || !dns_missing(own_find(n, name, domain)))
		row_add(n, name, "issue");
}

static void host_names_add(const struct naming *n)
{
	const struct settings *s = n->g->x->settings;
	struct cur c = cur_of(s->acme_names);
	struct addr ip;
	struct str name;

	if (s->tls_cert.n == 0)
		host_add(n, str_lower(n->g->x->a, s->hostname));
	for (int i = 0; i < NAMES_MAX && cur_listed(&c, &name); i++)
		if (!addr_parse_ip(name, &ip) && !str_eqi(name, s->hostname))
			host_add(n, str_lower(n->g->x->a, name));
}

/* --- of a domain ------------------------------------------------------------------------------ */

/* Only then it is in a certificate of ours (operations/acme/plan.h). */
static bool leads_here(const struct naming *n, struct str name)
{
	const struct dns_home *h = &n->g->home;
	struct dns_addr_list list;

	if (dns_addresses(n->g->dns, n->g->x->a, name, DNS_V4 | DNS_V6, n->deadline_ms, &list) !=
	    DNS_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < h->all_count; k++)
			if (addr_eq_ip(&list.items[i], &h->all[k]))
				return true;
	return false;
}

/* For an alias the CAA records of the host count, which are a row of the host. */
static bool is_alias(const struct naming *n, struct str name)
{
	struct dns_text_list to;

	return dns_records(n->g->dns, n->g->x->a, name, DNS_CNAME, n->deadline_ms, &to) == DNS_OK;
}

static void domain_names_add(const struct naming *n)
{
	static const char *const labels[] = { "mta-sts", "autoconfig", "autodiscover" };
	struct str domain = n->g->x->domain->name;

	for (size_t i = 0; i < COUNT(labels); i++) {
		struct str name = str_fmt(n->g->x->a, "%s.%.*s", labels[i], STR_ARG(domain));

		if (own_find(n, name, domain) == DNS_OK && !is_uploaded(n, name) &&
		    !is_alias(n, name) && leads_here(n, name))
			row_add(n, name, "issue");
	}
}

void authority_examine(struct examining *g)
{
	const struct examination *x = g->x;
	struct naming n = { .g = g, .deadline_ms = clock_mono_ms() + ASK_MS };

	n.issuer = dns_authority(x->settings,
	                         x->domain != NULL ? x->domain->acme_account
	                                           : x->host->acme_account,
	                         x->a);
	if (n.issuer.n == 0)
		return;
	if (x->domain != NULL)
		domain_names_add(&n);
	else
		host_names_add(&n);
}
