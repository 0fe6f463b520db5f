/* flow/policy/authentication/dmarc.c: see dmarc.h. */
#include "flow/policy/authentication/dmarc.h"

#include "flow/policy/authentication/authentication_private.h"
#include "flow/policy/authentication/dmarc_ask.h"
#include "flow/policy/authentication/signatures.h"
#include "flow/policy/words.h"
#include "foundation/config/settings.h"

static const char *const levels[] = { "off", "record", "obey", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_OBEY };

bool dmarc_wanted(const struct settings *s)
{
	return policy_level_only(s->dmarc, levels) != LEVEL_OFF;
}

enum policy_need dmarc_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	if (!dmarc_wanted(policy_settings(r)) || s->account != 0)
		return POLICY_NO;
	return !addr_is_private(&s->peer) || signatures_any(s->message) ? POLICY_SLOW : POLICY_NO;
}

/* --- evaluation ----------------------------------------------------------------------------- */

/* In the transaction's memory. x is NULL: there is no author domain. */
static void dmarc_save(struct policy_run *r, const struct dmarc_named *x,
                       const struct dmarc_verdict *d)
{
	struct policy_verified *v = policy_verified(r);
	struct arena *a = policy_mail_arena(r);

	v->dmarc = true;
	v->dmarc_verdict = *d;
	v->dmarc_verdict.why = str_dup(a, d->why);
	v->dmarc_verdict.dkim_domain = str_dup(a, d->dkim_domain);
	if (x == NULL)
		return;
	v->author = str_dup(a, x->query.author);
	v->record_domain = str_dup(a, x->found.domain);
	v->record = str_dup(a, x->found.text);
}

/* Why the domain's policy is not applied; empty: it is. Private addresses are exempt,
 * since they are in no SPF record. */
static struct str exempt(const struct policy_run *r, const struct policy_level *level)
{
	if (level->level != LEVEL_OBEY)
		return STR("what domains ask for is only recorded here");
	if (policy_let_be(r))
		return STR("a rule of this server comes first");
	return addr_is_private(&policy_of(r)->peer) ? STR("passed on by a server of our own")
	                                            : STR_EMPTY;
}

/* The disposition in a report for a verdict of the setting. */
static enum dmarc_policy done_by(const struct policy_answer *as)
{
	if (as->block || as->kind == POLICY_REJECT || as->kind == POLICY_TEMPFAIL ||
	    as->kind == POLICY_DISCARD)
		return DMARC_POLICY_REJECT;
	return as->kind == POLICY_QUARANTINE ? DMARC_POLICY_QUARANTINE : DMARC_POLICY_NONE;
}

static void override(struct policy_verified *v, enum report_dmarc_override why,
                     struct str comment)
{
	v->override = why;
	v->override_comment = comment;
}

/* RFC 7489 6.7, 10.3. */
static void obey(struct policy_run *r, const struct policy_level *level,
                 struct policy_verified *v)
{
	enum dmarc_policy asked = v->dmarc_verdict.disposition;

	v->disposition = asked;
	if (asked == DMARC_POLICY_REJECT) {
		v->disposition = done_by(&level->verdict);
		policy_say(r, &level->verdict,
		           "%.*s asks by DMARC to refuse mail in its name that it has not sent",
		           STR_ARG(v->author));
	} else if (asked == DMARC_POLICY_QUARANTINE) {
		policy_quarantine_mail(r, "%.*s asks for it by DMARC: it has not sent this",
		                       STR_ARG(v->author));
	}
	if (v->disposition != asked)
		override(v, REPORT_DMARC_LOCAL_POLICY,
		         STR("done instead: what the server is set to do"));
}

/* RFC 8617 7.2.2: the comment is for the report's recipient. */
static void believe(struct policy_run *r, struct policy_verified *v,
                    const struct policy_voucher *by)
{
	override(v, REPORT_DMARC_TRUSTED_FORWARDER,
	         str_fmt(policy_mail_arena(r), "arc=pass as[%u].d=%.*s as[%u].s=%.*s", by->instance,
	                 STR_ARG(by->sealer), by->instance, STR_ARG(by->selector)));
	policy_found(r, "%.*s is trusted, and has seen that %.*s had sent it", STR_ARG(by->sealer),
	             STR_ARG(by->author));
}

/* 451: a result is missing. DNS does not answer for a key or the policy, perhaps because
 * a forger has chosen such a name. Then the policy can be neither applied (RFC 7489
 * 6.6.2) nor ignored (6.6.3). Or the query did not run because the server or the client
 * was busy. If even a forgery would be accepted, so is this. */
static void come_again(struct policy_run *r, const struct policy_level *level, enum dmarc_want want)
{
	bool late = want == DMARC_WANTS_TIME;

	if (exempt(r, level).n == 0 && done_by(&level->verdict) != DMARC_POLICY_NONE)
		policy_tempfail(r, 451, late ? "4.4.5" : "4.7.1",
		                late ? "too many DNS queries are needed, try again later"
		                     : "DNS does not tell now who has sent it, try again later");
	else if (late)
		policy_failed(r, "all slots for external queries are in use");
}

/* Apply the policy, or record why it is not applied. */
static void dmarc_judge(struct policy_run *r, const struct policy_level *level,
                        struct policy_verified *v)
{
	const struct dmarc_verdict *d = &v->dmarc_verdict;
	const struct policy_voucher *voucher = vouched_for(v, v->author);
	struct str why_not = exempt(r, level);

	if (d->sampled_out)
		override(v, REPORT_DMARC_SAMPLED_OUT, STR_EMPTY);
	else if (d->testing)
		override(v, REPORT_DMARC_OTHER, STR("the domain is testing (t=y)"));
	if (d->disposition == DMARC_POLICY_NONE)
		return;
	if (why_not.n != 0)
		override(v, REPORT_DMARC_LOCAL_POLICY, why_not);
	else if (voucher != NULL)
		believe(r, v, voucher);
	else
		obey(r, level, v);
}

/* RFC 7489 6.6.1: mail with several From fields, or with none that names a domain, is
 * malformed and typically refused. Bounces of old servers may have no domain. */
static bool is_nobodys(const struct policy_run *r, const struct dmarc_asking *all)
{
	return all->too_many || all->twice ||
	       (all->count == 0 && !mailaddr_is_null(&policy_of(r)->envelope.sender));
}

static void dmarc_report(struct policy_run *r, const struct dmarc_verdict *d)
{
	policy_found(r, "%.*s: %s%s%.*s", STR_ARG(policy_verified(r)->author),
	             dmarc_result_name(d->result), d->why.n != 0 ? ", " : "", STR_ARG(d->why));
}

void dmarc_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->dmarc, policy_arena(r), levels);
	const struct dmarc_asking *all = policy_kept(r);
	struct dmarc_outcome x;

	policy_tasks_wait(r);
	dmarc_conclude(r, all, &x);
	dmarc_save(r, x.named, &x.verdict);
	dmarc_report(r, &x.verdict);
	dmarc_judge(r, &level, policy_verified(r));
	if (is_nobodys(r, all) && exempt(r, &level).n == 0)
		policy_say(r, &level.verdict, "nobody can tell who has written it: %s",
		           all->why.text);
	if (x.want != DMARC_WANTS_NOTHING && !policy_settled(r))
		come_again(r, &level, x.want);
	if (x.verdict.result == DMARC_PASS)
		policy_bimi_ask(r, &x.named->found);
}

void dmarc_missed(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->dmarc, policy_arena(r), levels);

	come_again(r, &level, DMARC_WANTS_TIME);
}

enum err dmarc_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_DMARC", why);
}
