/* operations/doctor/examine/examine.c: see examine.h. */
#include "operations/doctor/examine/examine.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/examine/examining.h"
#include "operations/doctor/own/own_reports.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/sentence.h"

#include <string.h>

enum { FACTS_MS = 5000, SIGNED_MS = 8000, DNS_PORT = 53 };

/* --- records ---------------------------------------------------------------------------------- */

/* If a name has several records of a type, all but the first have a number appended. */
static struct str id_of(const struct examining *g, const struct dns_record *r)
{
	struct arena *a = g->x->a;
	unsigned before = 0;

	for (size_t i = 0; i < g->count; i++)
		before += strcmp(g->records[i].type, r->type) == 0 &&
		          str_eqi(g->records[i].name, r->name);
	return before == 0 ? str_fmt(a, "%s:%.*s", r->type, STR_ARG(r->name))
	                   : str_fmt(a, "%s:%.*s:%u", r->type, STR_ARG(r->name), before + 1);
}

void examining_add(struct examining *g, const struct dns_record *r)
{
	struct finding *f;

	if (g->out->count == FINDINGS_MAX)
		return;
	f = finding_add(g->out, id_of(g, r), r->type, r->purpose);
	f->name = r->name;
	f->expected = r->expected;
	f->paste = dns_zone_line(r, r->expected, g->x->a);
	f->optional = r->optional;
	g->rows[g->count] = f;
	g->records[g->count++] = *r;
}

/* --- of the zone ------------------------------------------------------------------------------ */

static struct finding *servers_add(struct examining *g, struct str apex)
{
	struct finding *f =
		finding_add(g->out, STR("servers"), "servers",
	                    "The authoritative name servers of the zone");

	f->name = apex;
	f->expected = STR("all answer for the zone, with the same version of it");
	return f;
}

/* No resolver finds the name, so nobody can tell who its zone's servers are. That is worth a word
 * when it is not us that are cut off. */
static void lost_zone_add(struct examining *g, struct str name)
{
	struct finding *f;

	if (g->asked.resolver_count == 0 || asked_speaker(&g->asked) != NULL ||
	    reach_find(&g->asked, g->x->settings) == REACH_NOBODY)
		return;
	f = servers_add(g, name);
	views_of_resolvers(&g->asked, f);
	verdict_dead(f, g->x->a);
}

static void zone_add(struct examining *g, struct str name)
{
	const struct asked_zone *z = asked_zone_of(&g->asked, name);
	struct finding *f;

	if (z == NULL) {
		lost_zone_add(g, name);
		return;
	}
	f = servers_add(g, z->apex);
	views_of_zone(&g->asked, z, f);
	if (z->count == 0) {
		f->state = DNS_STATE_UNKNOWN;
		f->words = sentence_of(SENTENCE_servers_v6);
		return;
	}
	verdict_servers(f, g->x->a);
	if (f->state == DNS_STATE_UNKNOWN &&
	    reach_find(&g->asked, g->x->settings) == REACH_AUTHORITIES)
		verdict_dead(f, g->x->a);
}

static const struct signing {
	const char *verdict;
	enum dns_state state;
	enum sentence words, advice;
} signings[] = {
	{ "secure", DNS_STATE_OK, SENTENCE_zone_signed, SENTENCE_none },
	{ "insecure", DNS_STATE_WARN, SENTENCE_zone_unsigned, SENTENCE_zone_unsigned_advice },
	{ "bogus", DNS_STATE_FAIL, SENTENCE_zone_bogus, SENTENCE_zone_bogus_advice },
};

/* e: what a validating resolver finds out about the zone's SOA record. */
static void signed_judge(struct finding *f, const struct dns_explained *e, struct arena *a)
{
	const struct sentence_value why = { "why", e->trouble };

	for (size_t i = 0; i < COUNT(signings); i++) {
		struct str advice = sentence_of(signings[i].advice);

		if (strcmp(signings[i].verdict, e->verdict) != 0)
			continue;
		f->state = signings[i].state;
		f->words = sentence_of(signings[i].words);
		f->advice = e->trouble.n == 0 ? advice
		                              : sentence(a, zone_signing_why_advice,
		                                         { "advice", advice }, why);
		return;
	}
	f->state = DNS_STATE_UNKNOWN;
	f->words = sentence_of(SENTENCE_zone_signing_unknown);
	if (e->trouble.n != 0)
		f->advice = sentence(a, zone_signing_why, why);
}

static void signed_add(struct examining *g, struct str name)
{
	struct dns_explained e = { .verdict = "" };
	struct finding *f;

	if (str_eqi(g->x->settings->dnssec, STR("off")))
		return;
	(void)!dns_explain(g->dns, g->x->a, name, RR_SOA, clock_mono_ms() + SIGNED_MS, &e);
	f = finding_add(g->out, STR("dnssec"), "dnssec",
	                "Signatures in DNS, by which others see that answers were not forged");
	f->name = name;
	f->expected = STR("the zone is signed");
	f->optional = true;
	signed_judge(f, &e, g->x->a);
	g->secure = f->state == DNS_STATE_OK;
}

/* --- all of it -------------------------------------------------------------------------------- */

void examining_ask(struct examining *g, struct str name)
{
	struct str *names = arena_array(g->x->a, struct str, g->count + 2);
	const struct own_reports_of reports = { g->x->store, g->x->settings };
	struct dns_judging j = { .home = &g->home,
		                 .dns = g->dns,
		                 .deadline_ms = g->asked.deadline_ms,
		                 .reports = g->x->store != NULL ? &reports : NULL,
		                 .a = g->x->a };

	names[0] = name;
	for (size_t i = 0; i < g->count; i++)
		names[i + 1] = g->records[i].name;
	names[g->count + 1] = g->home.hostname;
	asked_resolvers(&g->asked, g->x->settings);
	asked_find(&g->asked, names, g->count + 1 + g->home.inside);
	home_examine(g);
	views_ask(&g->asked, g->rows, g->count);
	zone_add(g, name);
	signed_add(g, name);
	j.authenticated = g->secure;
	for (size_t i = 0; i < g->count; i++)
		verdict_make(g->rows[i], &g->records[i], &j);
}

/* A record with the host's name is a finding of the host. */
static bool is_hosts(const struct dns_record *r)
{
	return strcmp(r->type, "A") == 0 || strcmp(r->type, "AAAA") == 0 ||
	       strcmp(r->type, "TLSA") == 0;
}

static void domain_examine(struct examining *g)
{
	const struct examination *x = g->x;
	struct dns_facts_from from = { x->settings, x->certs, g->dns, clock_mono_ms() + FACTS_MS };
	struct dns_records records;
	struct dns_facts facts;

	dns_facts_find(&facts, &from, x->domain, x->a);
	dns_records_make(&records, &facts, x->a);
	for (size_t i = 0; i < records.count; i++)
		if (!is_hosts(&records.items[i]))
			examining_add(g, &records.items[i]);
	authority_examine(g);
	examining_ask(g, facts.domain);
	policy_examine(g);
	picture_examine(g);
	lists_examine(g, NULL, 0, facts.domain);
}

void examine(const struct examination *x, struct findings *out)
{
	struct examining *g = arena_new(x->a, struct examining);

	out->count = 0;
	*g = (struct examining){ .x = x, .dns = dns_unremembering(x->settings), .out = out };
	if (g->dns == NULL)
		return;
	g->asked = (struct asked){ .deadline_ms = clock_mono_ms() + EXAMINE_MS,
		                   .stop = x->stop,
		                   .a = x->a,
		                   .port = x->port != 0 ? x->port : DNS_PORT };
	dns_home_see(&g->home, x->settings, &g->dns, clock_mono_ms() + FACTS_MS, x->a);
	if (x->domain != NULL)
		domain_examine(g);
	else
		host_examine(g);
	dns_free(&g->dns);
}
