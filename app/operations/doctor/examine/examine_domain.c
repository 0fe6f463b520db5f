/* operations/doctor/examine/examine_domain.c: what else there is of a domain: its MTA-STS
 * policy, as others fetch it; see examine.h. */
#include "operations/doctor/examine/examining.h"

#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/own/own_policy.h"

/* Do others still have to hear that it has ended? */
static bool is_ending(const struct examining *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->records[i].standing == DNS_STANDING_ENDED)
			return true;
	return false;
}

void policy_examine(struct examining *g)
{
	const struct dns_domain *d = g->x->domain;
	struct own_policy policy = { .settings = g->x->settings,
		                     .dns = g->dns,
		                     .stop = g->x->stop,
		                     .domain = d->name,
		                     .expected = d->mta_sts,
		                     .a = g->x->a };
	struct finding *f;

	if (!dns_https_served(g->x->settings) || (d->mta_sts == MTA_STS_NONE && !is_ending(g)))
		return;
	own_policy_look(&policy);
	f = finding_add(
		g->out, STR("policy"), "policy",
		"The MTA-STS policy as others fetch it: mail comes here over TLS (RFC 8461)");
	f->name = str_fmt(g->x->a, "mta-sts.%.*s", STR_ARG(d->name));
	f->expected = str_fmt(g->x->a, "mode %s%s", mta_sts_name(d->mta_sts),
	                      d->mta_sts == MTA_STS_NONE ? "" : ", and this server as MX");
	f->optional = d->mta_sts != MTA_STS_ENFORCE;
	f->state = policy.state == DNS_STATE_FAIL && f->optional ? DNS_STATE_WARN : policy.state;
	f->words = policy.words;
	f->advice = policy.advice;
	f->views = arena_new(g->x->a, struct view);
	f->view_count = 1;
	f->views[0] = (struct view){ .of = VIEW_RESOLVER,
		                     .by = STR("this server, by https"),
		                     .status = policy.seen.n != 0 ? DNS_OK : DNS_RETRY,
		                     .why = policy.seen.n != 0 ? STR_EMPTY : policy.words,
		                     .data = &f->expected,
		                     .state = f->state };
	if (policy.seen.n != 0) {
		f->views[0].data = arena_new(g->x->a, struct str);
		f->views[0].data[0] = policy.seen;
		f->views[0].count = 1;
	}
}
