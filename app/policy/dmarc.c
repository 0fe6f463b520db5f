/* policy/dmarc.c: see dmarc.h. */
#include "policy/dmarc.h"

#include "base/clock.h"
#include "base/random.h"
#include "config/limits.h"
#include "config/settings.h"
#include "mailauth/dkim.h"
#include "policy/bimi.h"
#include "policy/signatures.h"
#include "policy/task.h"
#include "policy/verified.h"
#include "policy/vouched.h"
#include "policy/words.h"

static const char *const levels[] = { "off", "record", "obey", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_OBEY };

/* A domain that may be the author's, and what is known of it. */
struct named {
	struct policy_task task;
	struct dmarc_query query;
	struct dmarc_discovery found;
	bool late; /* others were asked for so long that nothing could come of it */
};

struct asking {
	struct named *items; /* the author's; several where nobody can tell which it is */
	size_t count;
	struct why why; /* in that case */
	bool too_many;  /* there are more */
};

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

/* --- asking --------------------------------------------------------------------------------- */

static void ask(struct policy_task *task)
{
	struct named *x = container_of(task, struct named, task);

	x->query.dns = policy_dns(task->run);
	x->query.deadline_ms = policy_deadline_ms(task->run);
	x->late = x->query.deadline_ms - clock_mono_ms() < LIMIT_policy_dns_ms / 2;
	dmarc_discover(&x->query, &task->arena, &x->found);
}

static void authors_find(struct asking *x, struct str message, struct arena *a,
                         struct str domains[static DMARC_NAMED_MAX])
{
	struct dkim_fields fields;

	dkim_fields_read(&fields, &message, 1, a);
	if (fields.limited) {
		fail(&x->why, ERR_LIMIT, "the header has too many fields");
		x->too_many = true;
	} else if (dmarc_author(fields.items, fields.count, a, &domains[0], &x->why) == OK) {
		x->count = 1;
	} else {
		x->count = dmarc_named(fields.items, fields.count, a, domains);
		x->too_many = x->count > DMARC_NAMED_MAX;
		x->count = MIN(x->count, (size_t)DMARC_NAMED_MAX);
	}
}

void dmarc_start(struct policy_run *r)
{
	struct arena *a = policy_arena(r);
	struct asking *x = arena_new(a, struct asking);
	struct str domains[DMARC_NAMED_MAX];

	policy_keep(r, x);
	authors_find(x, policy_of(r)->message, a, domains);
	x->items = arena_array(a, struct named, x->count);
	for (size_t i = 0; i < x->count; i++) {
		x->items[i].query.author = domains[i];
		x->items[i].query.method =
			policy_settings(r)->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
		policy_task_txt(r, &x->items[i].task, ask, STR("_dmarc."), domains[i]);
	}
}

/* --- judging -------------------------------------------------------------------------------- */

/* RFC 6376 3.6.1: mail of a domain that is only trying (t=y) must not be treated differently from
 * unsigned mail, so what verifies by such a key proves nothing either. */
static void evidence_take(struct policy_run *r, const struct policy_verified *v,
                          struct dmarc_evidence *e)
{
	struct dmarc_signature *signatures =
		arena_array(policy_arena(r), struct dmarc_signature, v->signature_count);

	for (size_t i = 0; i < v->signature_count; i++) {
		const struct policy_signature *s = &v->signatures[i];

		signatures[i] = (struct dmarc_signature){
			.domain = s->domain,
			.passed = s->result == DKIM_PASS && !s->testing,
			.temporary = s->result == DKIM_TEMPERROR,
		};
	}
	*e = (struct dmarc_evidence){ .spf = v->spf ? v->spf_mail.result : SPF_NONE,
		                      .spf_domain = v->spf ? v->spf_mail.domain : STR_EMPTY,
		                      .signatures = signatures,
		                      .count = v->signature_count,
		                      .random = random_below(100),
		                      .dns = policy_dns(r),
		                      .deadline_ms = policy_deadline_ms(r) };
}

/* What is switched off, or was not looked at since others kept us waiting, may have proven it. */
static void whole_check(const struct policy_verified *v, struct dmarc_verdict *d)
{
	if (d->result != DMARC_FAIL || (v->spf && v->dkim))
		return;
	*d = (struct dmarc_verdict){ .result = DMARC_TEMPERROR,
		                     .tag = d->tag,
		                     .why = v->spf ? STR("signatures were not looked at")
		                                   : STR("SPF was not looked at") };
}

/* RFC 7489 6.6.1: of several domains that may be the author's, the one that asks for most counts,
 * so that nobody's name is abused beside another's. Where none asks for anything, *d stays as it
 * is, and NULL is returned. */
static const struct named *strictest(struct policy_run *r, const struct asking *all,
                                     struct dmarc_verdict *d)
{
	const struct named *most = NULL;
	struct dmarc_evidence e;

	evidence_take(r, policy_verified(r), &e);
	for (size_t i = 0; i < all->count; i++) {
		struct dmarc_verdict of;

		dmarc_evaluate(&all->items[i].found, &e, policy_arena(r), &of);
		whole_check(policy_verified(r), &of);
		if (all->why.text[0] != '\0' && of.disposition <= d->disposition)
			continue;
		most = &all->items[i];
		*d = of;
	}
	return most;
}

/* In the transaction's memory. x is NULL: it is in nobody's name. */
static void keep(struct policy_run *r, const struct named *x, const struct dmarc_verdict *d)
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

/* Why what the domain asks for is not done; empty: it is. Machines of the same house are let be, as
 * their addresses are in no SPF record. */
static struct str exempt(const struct policy_run *r, const struct policy_level *level)
{
	if (level->level != LEVEL_OBEY)
		return STR("what domains ask for is only recorded here");
	if (policy_let_be(r))
		return STR("a rule of this server comes first");
	return addr_is_private(&policy_of(r)->peer) ? STR("passed on by a server of our own")
	                                            : STR_EMPTY;
}

/* What a verdict of the setting comes to, in the words of a report. */
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

/* RFC 8617 7.2.2: the comment is for whom the report is. */
static void believe(struct policy_run *r, struct policy_verified *v,
                    const struct policy_voucher *by)
{
	override(v, REPORT_DMARC_TRUSTED_FORWARDER,
	         str_fmt(policy_mail_arena(r), "arc=pass as[%u].d=%.*s as[%u].s=%.*s", by->instance,
	                 STR_ARG(by->sealer), by->instance, STR_ARG(by->selector)));
	policy_found(r, "%.*s is trusted, and has seen that %.*s had sent it", STR_ARG(by->sealer),
	             STR_ARG(by->author));
}

/* Nobody has asked the domain, since who brings the mail kept us busy, or many others did: that is
 * no error of its DNS, for which its mail would pass (RFC 7489 6.6.2). */
static void come_again(struct policy_run *r, const struct policy_level *level)
{
	if (exempt(r, level).n == 0)
		policy_tempfail(r, 451, "4.4.5", "too much is to be asked about, try again later");
	else
		policy_failed(r, "too many others were to be asked about");
}

static bool is_late(const struct asking *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].late && all->items[i].found.found == DMARC_UNANSWERED)
			return true;
	return false;
}

/* What becomes of it, and why it is not what the domain asks for. */
static void judge(struct policy_run *r, const struct policy_level *level,
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

void dmarc_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->dmarc, policy_arena(r), levels);
	const struct asking *all = policy_kept(r);
	struct dmarc_verdict d = { .result = DMARC_PERMERROR, .why = str_of(all->why.text) };
	const struct named *x;

	policy_tasks_wait(r);
	x = strictest(r, all, &d);
	keep(r, x, &d);
	policy_found(r, "%.*s: %s%s%.*s", STR_ARG(policy_verified(r)->author),
	             dmarc_result_name(d.result), d.why.n != 0 ? ", " : "", STR_ARG(d.why));
	judge(r, &level, policy_verified(r));
	if (all->too_many && level.level == LEVEL_OBEY && exempt(r, &level).n == 0)
		policy_say(r, &level.verdict, "nobody can tell who has written it: %s",
		           all->why.text);
	if (d.result != DMARC_FAIL && is_late(all))
		come_again(r, &level);
	if (d.result == DMARC_PASS)
		policy_bimi_ask(r, &x->found);
}

void dmarc_missed(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->dmarc, policy_arena(r), levels);

	come_again(r, &level);
}

enum err dmarc_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_DMARC", why);
}
