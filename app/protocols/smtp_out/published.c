/* protocols/smtp_out/published.c: see published.h. */
#include "protocols/smtp_out/published.h"

#include "foundation/base/arena.h"
#include "foundation/config/settings.h"
#include "model/remote/evidence.h"
#include "model/remote/sts.h"

/* Record an announced policy that could not be fetched for the domain, independent of the
 * host (RFC 8460 4.3.2.2). */
static void trouble_note(const struct out_published *p, struct str domain,
                         const struct sts_found *found)
{
	struct tls_note note = { .domain = domain,
		                 .type = TLS_POLICY_STS,
		                 .policy = found->text,
		                 .result_type = sts_trouble_name(found->trouble),
		                 .reason = str_of(found->why.text) };

	tls_note(p->remote, &note);
}

static void sts_put(const struct sts_found *found, struct out_hop *hop)
{
	hop->tls.sts = found->policy.mode == MTA_STS_ENFORCE ? OUT_STS_ENFORCE : OUT_STS_TESTING;
	hop->tls.sts_match = mta_sts_policy_names(&found->policy, hop->host);
	hop->tls.sts_policy = found->text;
}

bool out_published_find(const struct out_published *p, struct str domain, bool fixed,
                        struct arena *a, struct out_hop *hops, size_t count)
{
	struct sts_found found = { .known = false };

	for (size_t i = 0; i < count; i++) {
		hops[i].tls.policy_domain = domain;
		hops[i].tls.trust = p->trust;
	}
	if (p->remote == NULL || fixed || !p->settings->smtp_out_mta_sts)
		return true;
	sts_find(p->remote, domain, a, &found);
	if (found.trouble != STS_FINE && !found.halted)
		trouble_note(p, domain, &found);
	for (size_t i = 0; found.known && i < count; i++)
		sts_put(&found, &hops[i]);
	return !found.halted;
}
