/* operations/dns_publish/wanted.c: see wanted.h. */
#include "operations/dns_publish/wanted.h"

#include "foundation/config/settings.h"
#include "operations/dns_update/zone_writer.h"
#include "operations/doctor/own/own_sts.h"
#include "operations/doctor/own/own_tlsa.h"

#include <string.h>

enum { AUTO_DAYS = 180, DAYS_MAX = 3650, DAY_MS = 86400000 };

/* --- settings ------------------------------------------------------------------------------ */

static enum publish_kind wanted_kind_of(struct str name)
{
	enum publish_kind k = 0;

	while (k < PUBLISH_KINDS && !str_eq(name, str_of(publish_kind_name(k))))
		k++;
	return k;
}

unsigned publish_kinds(const struct settings *s)
{
	struct cur c = cur_of(s->dns_publish);
	unsigned kinds = 0;
	struct str name;

	while (zone_writer_wanted(s) && cur_listed(&c, &name))
		if (wanted_kind_of(name) != PUBLISH_NONE)
			kinds |= BIT(wanted_kind_of(name));
	return kinds;
}

static bool days_parse(struct str text, uint32_t *out)
{
	struct cur c = cur_of(text);

	return cur_u32(&c, out) && cur_done(&c) && *out != 0 && *out <= DAYS_MAX;
}

int64_t publish_rotate_ms(const struct settings *s)
{
	uint32_t days = 0;

	if (str_eqi(s->dkim_rotate_days, STR("auto")))
		days = (publish_kinds(s) & BIT(PUBLISH_DKIM)) != 0 ? AUTO_DAYS : 0;
	else if (!days_parse(s->dkim_rotate_days, &days))
		days = 0;
	return (int64_t)days * DAY_MS;
}

enum err publish_check(const struct settings *s, struct why *why)
{
	struct cur c = cur_of(s->dns_publish);
	struct str name, days = s->dkim_rotate_days;
	uint32_t n;

	while (cur_listed(&c, &name))
		if (wanted_kind_of(name) == PUBLISH_NONE)
			return fail(why, ERR_SYNTAX,
			            "ROOST_DNS_PUBLISH: \"%.*s\" is none of dkim, mta-sts, "
			            "tls-rpt, dmarc and tlsa",
			            STR_ARG(name));
	if (str_eqi(days, STR("auto")) || str_eqi(days, STR("off")) || str_eq(days, STR("0")) ||
	    days_parse(days, &n))
		return OK;
	return fail(why, ERR_SYNTAX,
	            "ROOST_DKIM_ROTATE_DAYS: give a number of days up to %d, auto or off",
	            DAYS_MAX);
}

/* --- records ------------------------------------------------------------------------------- */

static void wanted_add(struct wanted_records *out, struct wanted_record r)
{
	if (out->count < WANTED_MAX)
		out->items[out->count++] = r;
}

struct wanted_record publish_key_record(const struct dkim_key *k, struct arena *a)
{
	return (struct wanted_record){
		.kind = PUBLISH_DKIM,
		.name = str_fmt(a, "%.*s._domainkey.%.*s", STR_ARG(k->selector),
		                STR_ARG(k->domain)),
		.type = "TXT",
		.data = dkim_record(k->algorithm, k->public, a),
	};
}

static enum publish_kind kind_of_record(const struct dns_record *r)
{
	if (str_starts(r->name, STR("_mta-sts.")) || str_starts(r->name, STR("mta-sts.")))
		return PUBLISH_MTA_STS;
	if (str_starts(r->name, STR("_smtp._tls.")))
		return PUBLISH_TLS_RPT;
	return str_starts(r->name, STR("_dmarc.")) ? PUBLISH_DMARC : PUBLISH_NONE;
}

/* A withdrawn policy stays published longer than senders cache the one before (RFC 8461
 * 8.3), which is a week (operations/doctor/own/own_sts.c). */
void publish_wanted(const struct dns_domain *domain, const struct settings *s, struct arena *a,
                    struct wanted_records *out)
{
	const struct dns_facts facts = {
		.domain = domain->name,
		.hostname = s->hostname,
		.mta_sts = dns_https_served(s) ? mta_sts_id(domain->mta_sts, s->hostname, a)
		                                  : STR_EMPTY,
		.mta_sts_mode = domain->mta_sts,
	};
	unsigned kinds = publish_kinds(s);
	struct dns_records all;

	*out = (struct wanted_records){ .count = 0 };
	for (size_t i = 0; i < domain->keys.count && (kinds & BIT(PUBLISH_DKIM)) != 0; i++)
		wanted_add(out, publish_key_record(&domain->keys.items[i], a));
	dns_records_make(&all, &facts, a);
	for (size_t i = 0; i < all.count; i++) {
		enum publish_kind k = kind_of_record(&all.items[i]);

		if (k == PUBLISH_NONE || (kinds & BIT(k)) == 0)
			continue;
		wanted_add(out, (struct wanted_record){
					.kind = k,
					.name = all.items[i].name,
					.type = all.items[i].type,
					.data = all.items[i].expected,
					.parting = k == PUBLISH_MTA_STS &&
		                                   domain->mta_sts == MTA_STS_NONE,
				});
	}
}

/* --- the host ------------------------------------------------------------------------------ */

bool publish_tells_keys(const struct settings *s)
{
	return (publish_kinds(s) & BIT(PUBLISH_TLSA)) != 0 && s->tls_cert.n == 0;
}

struct str publish_tlsa(struct str digest, struct arena *a)
{
	return str_fmt(a, "3 1 1 %.*s", STR_ARG(digest));
}

static void add_tlsa(struct wanted_records *out, struct str hostname, struct str digest,
                     struct arena *a)
{
	const struct wanted_record r = { .kind = PUBLISH_TLSA,
		                         .name = str_fmt(a, "_25._tcp.%.*s",
		                                         STR_ARG(hostname)),
		                         .type = "TLSA",
		                         .data = publish_tlsa(digest, a),
		                         .beside = true };

	for (size_t i = 0; i < out->count; i++)
		if (str_eq(out->items[i].data, r.data))
			return;
	wanted_add(out, r);
}

/* A record for each key, including the next ones (RFC 7671 8.1). */
void publish_wanted_host(const struct host_keys *keys, const struct settings *s, struct arena *a,
                         struct wanted_records *out)
{
	*out = (struct wanted_records){ .count = 0 };
	if (!publish_tells_keys(s) || !keys->certified)
		return;
	for (size_t i = 0; i < keys->shown_count; i++)
		add_tlsa(out, s->hostname, keys->shown[i], a);
	for (size_t i = 0; i < keys->next_count; i++)
		add_tlsa(out, s->hostname, tlsa_digest(keys->next[i], a), a);
}
