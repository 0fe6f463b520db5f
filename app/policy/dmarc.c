/* policy/dmarc.c: see dmarc.h. */
#include "policy/dmarc.h"

#include "base/random.h"
#include "config/settings.h"
#include "mailauth/dkim.h"
#include "policy/signatures.h"
#include "policy/task.h"
#include "policy/verified.h"
#include "policy/words.h"

static const char *const levels[] = { "off", "record", "obey", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_OBEY };

struct asking {
	struct policy_task task;
	struct dmarc_query query;
	struct dmarc_discovery found;
	struct why why; /* there is no author's domain */
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
	return !addr_is_private(&s->peer) || signatures_any(s) ? POLICY_SLOW : POLICY_NO;
}

/* --- asking --------------------------------------------------------------------------------- */

static void ask(struct policy_task *task)
{
	struct asking *x = container_of(task, struct asking, task);

	x->query.dns = policy_dns(task->run);
	x->query.deadline_ms = policy_deadline_ms(task->run);
	dmarc_discover(&x->query, &task->arena, &x->found);
}

void dmarc_start(struct policy_run *r)
{
	struct arena *a = policy_arena(r);
	struct asking *x = arena_new(a, struct asking);
	struct dkim_fields fields;

	policy_keep(r, x);
	x->query.method = policy_settings(r)->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
	dkim_fields_read(&fields, &policy_of(r)->message, 1, a);
	if (fields.limited)
		fail(&x->why, ERR_LIMIT, "the header has too many fields");
	else if (dmarc_author(fields.items, fields.count, a, &x->query.author, &x->why) == OK)
		policy_task(r, &x->task, ask);
}

/* --- judging -------------------------------------------------------------------------------- */

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

/* In the transaction's memory. */
static void keep(struct policy_run *r, const struct asking *x, const struct dmarc_verdict *d)
{
	struct policy_verified *v = policy_verified(r);
	struct arena *a = policy_mail_arena(r);

	v->dmarc = true;
	v->dmarc_verdict = *d;
	v->dmarc_verdict.why = str_dup(a, d->why);
	v->dmarc_verdict.dkim_domain = str_dup(a, d->dkim_domain);
	v->author = str_dup(a, x->query.author);
}

/* RFC 7489 6.7, 10.3. Machines of the same house are let be, as their addresses are in no SPF
 * record. */
static void judge(struct policy_run *r, const struct policy_level *level,
                  const struct asking *x, const struct dmarc_verdict *d)
{
	struct str domain = x->query.author;

	if (level->level != LEVEL_OBEY || policy_let_be(r) || addr_is_private(&policy_of(r)->peer))
		return;
	if (d->disposition == DMARC_POLICY_REJECT)
		policy_say(r, &level->verdict,
		           "%.*s asks by DMARC to refuse mail in its name that it has not sent",
		           STR_ARG(domain));
	else if (d->disposition == DMARC_POLICY_QUARANTINE)
		policy_quarantine_mail(r, "%.*s asks for it by DMARC: it has not sent this",
		                       STR_ARG(domain));
}

void dmarc_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->dmarc, policy_arena(r), levels);
	const struct asking *x = policy_kept(r);
	struct dmarc_verdict d = { .result = DMARC_PERMERROR, .why = str_of(x->why.text) };
	struct dmarc_evidence e;

	policy_tasks_wait(r);
	if (x->query.author.n != 0) {
		evidence_take(r, policy_verified(r), &e);
		dmarc_evaluate(&x->found, &e, policy_arena(r), &d);
		whole_check(policy_verified(r), &d);
	}
	keep(r, x, &d);
	policy_found(r, "%.*s: %s%s%.*s", STR_ARG(x->query.author), dmarc_result_name(d.result),
	             d.why.n != 0 ? ", " : "", STR_ARG(d.why));
	judge(r, &level, x, &d);
}

enum err dmarc_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_DMARC", why);
}
