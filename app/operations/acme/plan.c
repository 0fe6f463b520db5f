/* operations/acme/plan.c: see plan.h. */
#include "operations/acme/plan.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "network/dns/dns.h"
#include "network/runtime/addr.h"
#include "operations/acme/client.h"

enum { DNS_MS = 3000, NAMES_MAX = PLAN_NAMES_MAX * PLAN_CERTS_MAX };

/* --- the comma list ----------------------------------------------------------------------- */

static bool name_is_host(struct str name)
{
	if (str_starts(name, STR("*.")))
		name = str_sub(name, 2, name.n);
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '.')
			return false;
	return name.n > 0 && name.n <= 253 && name.p[0] != '.' && name.p[name.n - 1] != '.' &&
	       str_find(name, STR("..")) < 0;
}

enum err acme_plan_check(struct str further, struct why *why)
{
	struct cur c = cur_of(further);
	struct addr ip;
	struct str name;

	while (cur_listed(&c, &name))
		if (!name_is_host(name) && !addr_parse_ip(name, &ip))
			return fail(why, ERR_SYNTAX,
			            "ROOST_ACME_NAMES: \"%.*s\" is no host name or address",
			            STR_ARG(name));
	return OK;
}

/* --- DNS ---------------------------------------------------------------------------------- */

static enum dns_status addresses(const struct acme_plan_input *in, struct arena *a, struct str name,
                                 struct dns_addr_list *out)
{
	return dns_addresses(dns_fresh(in->dns), a, name, DNS_V4 | DNS_V6, clock_mono_ms() + DNS_MS,
	                     out);
}

static bool share_one(const struct dns_addr_list *a, const struct dns_addr_list *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (addr_eq_ip(&a->items[i], &b->items[j]))
				return true;
	return false;
}

/* Does DNS resolve this name to this server? Without an answer the name stays as it
 * was. */
static bool leads_here(const struct acme_plan_input *in, const struct dns_addr_list *host,
                       struct str name)
{
	struct arena scratch = { 0 };
	struct dns_addr_list its;
	enum dns_status status = DNS_RETRY;
	bool here;

	if (host->count != 0)
		status = addresses(in, &scratch, name, &its);
	here = status == DNS_RETRY ? names_has(in->held, name)
	                           : status == DNS_OK && share_one(&its, host);
	arena_deinit(&scratch);
	return here;
}

/* --- the names ---------------------------------------------------------------------------- */

static void plan_add(struct names *all, const struct acme_plan_input *in, struct arena *a,
                     struct str name)
{
	name = str_lower(a, name);
	if (name.n != 0 && all->count < NAMES_MAX && !names_has(all, name) &&
	    (in->cared_for == NULL || !in->cared_for(in->arg, name)))
		all->items[all->count++] = name;
}

static void add_domain(struct names *all, const struct acme_plan_input *in,
                       const struct dns_addr_list *host, struct str domain, struct arena *a)
{
	static const char *const labels[] = { "mta-sts", "autoconfig", "autodiscover" };

	for (size_t i = 0; i < COUNT(labels); i++) {
		struct str name = str_fmt(a, "%s.%.*s", labels[i], STR_ARG(domain));

		if (name_is_host(name) && leads_here(in, host, name))
			plan_add(all, in, a, name);
	}
}

static struct names all_names(const struct acme_plan_input *in, struct arena *a)
{
	struct names all = { .items = arena_array(a, struct str, NAMES_MAX) };
	struct cur c = cur_of(in->further);
	struct dns_addr_list host;
	struct str name;

	plan_add(&all, in, a, in->hostname);
	if (in->domains->count != 0 && addresses(in, a, in->lead_to, &host) != DNS_OK)
		host = (struct dns_addr_list){ 0 };
	for (size_t i = 0; i < in->domains->count && in->io->wait(in->io->arg, 0); i++)
		add_domain(&all, in, &host, in->domains->items[i], a);
	while (cur_listed(&c, &name))
		plan_add(&all, in, a, name);
	return all;
}

static void plan_want(struct acme_plan *out, struct arena *a, size_t turn, struct names names,
                      bool rsa)
{
	struct str id = turn == 0 ? STR("host") : str_fmt(a, "host-%zu", turn + 1);

	if (rsa)
		id = str_fmt(a, "%.*s-rsa", STR_ARG(id));
	out->items[out->count++] = (struct wanted){ id, names, rsa };
}

void acme_plan_make(const struct acme_plan_input *in, struct arena *a, struct acme_plan *out)
{
	struct names all = all_names(in, a);

	*out = (struct acme_plan){ .items = arena_array(a, struct wanted,
		                                        (size_t)2 * PLAN_CERTS_MAX) };
	for (size_t at = 0, turn = 0; at < all.count; at += PLAN_NAMES_MAX, turn++) {
		struct names part = { all.items + at, MIN(all.count - at, (size_t)PLAN_NAMES_MAX) };

		plan_want(out, a, turn, part, false);
		if (in->rsa)
			plan_want(out, a, turn, part, true);
	}
}
