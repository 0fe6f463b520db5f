/* formats/mailauth/dmarc_evaluate.c: alignment with the author, and the policy; see dmarc.h. */
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/dmarc_walk.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"

enum { PARTS = 100 };

const char *dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[DMARC_RESULTS] = { "none", "pass", "fail", "temperror",
		                                          "permerror" };

	return names[result];
}

struct judge {
	const struct dmarc_discovery *d;
	struct dmarc_asker asker;
	unsigned walks;
	bool may_ask;
	struct dmarc_verdict *out;
};

/* --- alignment (RFC 7489 3.1, RFC 9989 4.10.2) ---------------------------------------------- */

enum line { LINE_NOT, LINE_IN, LINE_UNKNOWN };

/* Does the walk from a domain below the organization end at it? The author's walk has visited it
 * and its parents, so only a psd= on the way matters. A walk that passes the organization finds
 * another one. */
static enum line walk_in_line(struct judge *j, struct str domain)
{
	struct str name = domain, organization = j->d->organization;

	for (; name.n > organization.n; name = dmarc_walk_next(name)) {
		struct dmarc_record r;
		struct str text;
		struct why why;
		bool nowhere;
		enum dmarc_look look = dmarc_look(&j->asker, name, &text, &nowhere);

		if (look == DMARC_LOOK_RETRY)
			return LINE_UNKNOWN;
		if (look != DMARC_LOOK_ONE)
			continue;
		(void)!dmarc_record_parse(text, DMARC_TREE, &r, &why);
		if (r.psd != DMARC_PSD_UNSAID)
			return LINE_NOT;
	}
	return name.n == organization.n ? LINE_IN : LINE_NOT;
}

/* Without an answer to the author's walk: an authenticated domain equal to or below a name with a
 * possible record counts as aligned. A public suffix is never aligned. */
static enum line lender_in_line(const struct dmarc_discovery *d, struct str domain)
{
	return d->lender.n != 0 && d->record.psd != DMARC_PSD_YES &&
	                       mailaddr_domain_within(domain, d->lender)
	               ? LINE_IN
	               : LINE_UNKNOWN;
}

static enum line tree_in_line(struct judge *j, struct str domain)
{
	struct str organization = j->d->organization;

	if (organization.n == 0)
		return lender_in_line(j->d, domain);
	if (str_eqi(domain, organization))
		return LINE_IN;
	if (!mailaddr_domain_within(domain, organization))
		return LINE_NOT;
	if (!j->may_ask || j->walks == DMARC_WALKS_MAX)
		return LINE_UNKNOWN;
	j->walks++;
	return walk_in_line(j, domain);
}

static enum line in_line(struct judge *j, struct str domain, bool strict)
{
	struct str organization;

	if (domain.n == 0)
		return LINE_NOT;
	if (strict || str_eqi(domain, j->d->author))
		return str_eqi(domain, j->d->author) ? LINE_IN : LINE_NOT;
	if (j->d->method == DMARC_TREE)
		return tree_in_line(j, domain);
	organization = psl_organization(domain);
	return str_eqi(organization.n != 0 ? organization : domain, j->d->organization) ?
	               LINE_IN :
	               LINE_NOT;
}

/* --- authenticated domains -------------------------------------------------------------------- */

/* Check one domain that passed, or could not be verified now. True: it passed and is aligned.
 * *unknown: it might with an answer of DNS. */
static bool identifier(struct judge *j, struct str domain, bool strict, bool passed, bool temporary,
                       bool *unknown)
{
	enum line line = passed || temporary ? in_line(j, domain, strict) : LINE_NOT;

	*unknown = *unknown || line == LINE_UNKNOWN || (line == LINE_IN && !passed);
	return line == LINE_IN && passed;
}

/* Check all of them; *unknown: something is undecided. */
static void identifiers(struct judge *j, const struct dmarc_evidence *e, bool *unknown)
{
	const struct dmarc_record *r = &j->d->record;

	*unknown = false;
	if (!j->out->by_spf)
		j->out->by_spf = identifier(j, e->spf_domain, r->strict_spf, e->spf == SPF_PASS,
		                            e->spf == SPF_TEMPERROR, unknown);
	for (size_t i = 0; i < e->count && !j->out->by_dkim; i++) {
		const struct dmarc_signature *s = &e->signatures[i];

		j->out->by_dkim = identifier(j, s->domain, r->strict_dkim, s->passed, s->temporary,
		                             unknown);
		if (j->out->by_dkim)
			j->out->dkim_domain = s->domain;
	}
}

/* --- the policy ----------------------------------------------------------------------------- */

static enum dmarc_policy less(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE : DMARC_POLICY_NONE;
}

static void policy_choose(const struct dmarc_discovery *d, struct dmarc_verdict *out)
{
	const struct dmarc_record *r = &d->record;
	bool own = d->domain.n == d->author.n;

	out->tag = own || (!r->has_sp && !(d->missing && r->has_np)) ? "p" :
	           d->missing && r->has_np                           ? "np" :
	                                                               "sp";
	out->policy = own ? r->p : d->missing ? r->np : r->sp;
}

/* RFC 7489 6.6.4 and RFC 9989 4.7: sampling exempts a part of the messages, and testing all; in
 * both cases the policy is reduced by one step. */
static void dispose(const struct dmarc_discovery *d, unsigned random, struct dmarc_verdict *out)
{
	bool harsh = out->policy != DMARC_POLICY_NONE;

	out->sampled_out = harsh && random % PARTS >= d->record.pct;
	out->testing = harsh && d->record.testing;
	out->disposition = out->sampled_out || out->testing ? less(out->policy) : out->policy;
}

/* The same, if everything unknown failed. */
static enum dmarc_policy stake(const struct dmarc_discovery *d, unsigned random,
                               enum dmarc_policy policy)
{
	struct dmarc_verdict as = { .policy = policy };

	dispose(d, random, &as);
	return as.disposition;
}

static void tell_pass(struct judge *j, const struct dmarc_evidence *e)
{
	struct dmarc_verdict *out = j->out;
	struct str spf = out->by_spf ? str_fmt(j->asker.a, "SPF for %.*s", STR_ARG(e->spf_domain)) :
	                               STR_EMPTY;
	struct str dkim = out->by_dkim ? str_fmt(j->asker.a, "a signature of %.*s",
	                                         STR_ARG(out->dkim_domain)) :
	                                 STR_EMPTY;

	out->why = str_fmt(j->asker.a, "%.*s%s%.*s", STR_ARG(spf),
	                   out->by_spf && out->by_dkim ? " and " : "", STR_ARG(dkim));
}

static void tell_fail(struct judge *j)
{
	struct dmarc_verdict *out = j->out;

	out->why = str_fmt(j->asker.a,
	                   "neither SPF nor a signature passed for %.*s%s, and %.*s asks for "
	                   "%s=%s%s",
	                   STR_ARG(j->d->author),
	                   j->d->record.strict_spf && j->d->record.strict_dkim ?
	                           " itself" :
	                           " or its organization",
	                   STR_ARG(j->d->domain), out->tag, dmarc_policy_name(out->policy),
	                   out->testing       ? ", as a test" :
	                   out->sampled_out ? ", but not for every message" :
	                                      "");
}

/* RFC 7489 6.6.3: a record that DNS does not return may have any policy, but mail that is
 * authenticated by known data passes. */
static void conclude_unanswered(struct judge *j, const struct dmarc_evidence *e)
{
	struct dmarc_verdict *out = j->out;

	out->result = DMARC_TEMPERROR;
	if (!out->by_spf && !out->by_dkim)
		out->at_stake = stake(j->d, e->random, out->policy);
	out->by_spf = out->by_dkim = false;
	out->dkim_domain = STR_EMPTY;
}

static void conclude(struct judge *j, const struct dmarc_evidence *e, bool unknown)
{
	struct dmarc_verdict *out = j->out;

	if (j->d->found == DMARC_UNANSWERED) {
		conclude_unanswered(j, e);
	} else if (out->by_spf || out->by_dkim) {
		out->result = DMARC_PASS;
		tell_pass(j, e);
	} else if (unknown) { /* RFC 7489 6.6.2 */
		out->result = DMARC_TEMPERROR;
		out->at_stake = stake(j->d, e->random, out->policy);
		out->why = str_fmt(j->asker.a,
		                   "nothing passed for %.*s, and DNS did not answer all",
		                   STR_ARG(j->d->author));
	} else {
		out->result = DMARC_FAIL;
		dispose(j->d, e->random, out);
		tell_fail(j);
	}
}

void dmarc_evaluate(const struct dmarc_discovery *d, const struct dmarc_evidence *e,
                    struct arena *a, struct dmarc_verdict *out)
{
	static const enum dmarc_result without[] = { [DMARC_ABSENT] = DMARC_NONE,
		                                     [DMARC_WRONG] = DMARC_PERMERROR };
	struct judge j = { .d = d,
		           .asker = { .dns = e->dns, .a = a, .deadline_ms = e->deadline_ms },
		           .out = out };
	bool unknown;

	*out = (struct dmarc_verdict){ .tag = "p", .why = d->why };
	if (d->found == DMARC_ABSENT || d->found == DMARC_WRONG) {
		out->result = without[d->found];
		return;
	}
	policy_choose(d, out);
	identifiers(&j, e, &unknown);
	if (unknown) { /* again, with DNS */
		j.may_ask = true;
		identifiers(&j, e, &unknown);
	}
	conclude(&j, e, unknown);
}
