/* doctor/examine_domain.c: what else there is of a domain: its MTA-STS policy, as others fetch it,
 * and its picture; see examine.h. */
#include "doctor/examining.h"

#include "config/settings.h"
#include "doctor/dns_facts.h"
#include "doctor/own_policy.h"
#include "doctor/views.h"
#include "mailauth/bimi.h"

void policy_examine(struct examining *g)
{
	const struct dns_domain *d = g->x->domain;
	struct own_policy policy;
	struct finding *f;

	if (d->mta_sts == MTA_STS_NONE || !dns_https_served(g->x->settings))
		return;
	own_policy_look(g->x->settings, g->x->stop, d->name, d->mta_sts, g->x->a, &policy);
	f = finding_add(
		g->out, STR("policy"), "policy",
		"The MTA-STS policy as others fetch it: mail comes here over TLS (RFC 8461)");
	f->name = str_fmt(g->x->a, "mta-sts.%.*s", STR_ARG(d->name));
	f->expected = str_fmt(g->x->a, "mode %s, and this server as MX", mta_sts_name(d->mta_sts));
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

/* Nobody needs a picture; a record that is there and wrong shows none. */
static void picture_judge(struct finding *f, struct arena *a)
{
	bool answered = false;

	f->state = DNS_STATE_OK;
	f->words = STR("there is none, and none is needed");
	for (size_t i = 0; i < f->view_count; i++) {
		struct view *v = &f->views[i];
		struct bimi_record record;
		struct why why = { "" };

		answered = answered || v->status != DNS_RETRY;
		v->state = v->status == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_OK;
		for (size_t k = 0; k < v->count; k++) {
			if (!bimi_record_is(v->data[k]))
				continue;
			f->words = STR("it names a picture");
			if (bimi_record_parse(v->data[k], &record, &why) == OK)
				continue;
			v->state = f->state = DNS_STATE_WARN;
			f->words = str_fmt(a, "it is wrong: %s", why.text);
			f->advice = STR("mend the record, or remove it");
			return;
		}
	}
	if (!answered) {
		f->state = DNS_STATE_UNKNOWN;
		f->words = STR("no name server told");
	}
}

void picture_examine(struct examining *g)
{
	struct finding *f = finding_add(g->out, STR("bimi"), "TXT",
	                                "BIMI: a picture that some show beside the domain's mail");

	f->name = str_fmt(g->x->a, "default._bimi.%.*s", STR_ARG(g->x->domain->name));
	f->optional = true;
	views_ask(&g->asked, &f, 1);
	picture_judge(f, g->x->a);
}
