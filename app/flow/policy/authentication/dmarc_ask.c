/* flow/policy/authentication/dmarc_ask.c: see dmarc_ask.h. */
#include "flow/policy/authentication/dmarc_ask.h"

#include "flow/policy/authentication/dmarc.h"
#include "flow/policy/authentication/authentication_private.h"
#include "formats/mailauth/dkim.h"
#include "foundation/base/random.h"
#include "foundation/config/settings.h"

/* --- queries -------------------------------------------------------------------------------- */

static void dmarc_ask_query(struct policy_task *task)
{
	struct dmarc_named *x = container_of(task, struct dmarc_named, task);

	x->query.dns = task->dns;
	x->query.deadline_ms = policy_deadline_ms(task->run);
	x->late = !policy_time_is_fair(task->run);
	dmarc_discover(&x->query, &task->arena, &x->found);
}

static void authors_find(struct dmarc_asking *x, struct str message, struct arena *a,
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
		x->twice = dkim_fields_count(&fields, STR("From")) > 1;
	}
}

void dmarc_start(struct policy_run *r)
{
	struct arena *a = policy_arena(r);
	struct dmarc_asking *x = arena_new(a, struct dmarc_asking);
	struct str domains[DMARC_NAMED_MAX];

	policy_keep(r, x);
	authors_find(x, policy_of(r)->message, a, domains);
	x->items = arena_array(a, struct dmarc_named, x->count);
	for (size_t i = 0; i < x->count; i++) {
		x->items[i].query.author = domains[i];
		x->items[i].query.method =
			policy_settings(r)->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
		policy_task_known(r, &x->items[i].task, dmarc_ask_query);
	}
}

/* --- results -------------------------------------------------------------------------------- */

/* RFC 6376 3.6.1: mail signed in test mode (t=y) must be treated like unsigned mail, so
 * such a signature proves nothing. */
static void evidence_take(struct policy_run *r, const struct policy_verified *v, struct str author,
                          struct dmarc_evidence *e)
{
	struct dmarc_signature *signatures =
		arena_array(policy_arena(r), struct dmarc_signature, v->signature_count + 1);

	/* Signatures that were not checked are unknown. */
	signatures[v->signature_count] =
		(struct dmarc_signature){ .domain = author, .temporary = true };
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
		                      .count = v->signature_count + v->more_of_author,
		                      .random = random_below(100),
		                      .dns = policy_dns(r),
		                      .deadline_ms = policy_later_ms(r) };
}

/* A check that is off or could not run may have proven the author. Only a check that
 * could not run may give another result at the next attempt. */
static void whole_check(const struct policy_verified *v, struct dmarc_verdict *d)
{
	if (v->spf && v->dkim)
		return;
	if (d->result == DMARC_FAIL)
		*d = (struct dmarc_verdict){ .result = DMARC_TEMPERROR,
			                     .tag = d->tag,
			                     .policy = d->policy,
			                     .at_stake = d->disposition,
			                     .why = v->spf ? STR("signatures were not looked at")
			                                   : STR("SPF was not looked at") };
	if (!v->spf_late && !v->dkim_late)
		d->at_stake = DMARC_POLICY_NONE;
}

static enum dmarc_want dmarc_ask_want(const struct policy_verified *v, const struct dmarc_named *x,
                                      const struct dmarc_verdict *d)
{
	if (x->found.found == DMARC_UNANSWERED && x->late)
		return DMARC_WANTS_TIME;
	if (d->at_stake == DMARC_POLICY_NONE || vouched_for(v, x->query.author) != NULL)
		return DMARC_WANTS_NOTHING;
	return v->spf_late || v->dkim_late ? DMARC_WANTS_TIME : DMARC_WANTS_ANSWERS;
}

/* RFC 7489 6.6.1: of several author domains the strictest policy counts, so that no
 * domain is abused next to another. A failed lookup counts as stricter than no policy. */
static bool is_stricter(const struct dmarc_verdict *d, const struct dmarc_verdict *than)
{
	return d->disposition > than->disposition ||
	       (d->result == DMARC_TEMPERROR && than->result == DMARC_PERMERROR);
}

void dmarc_conclude(struct policy_run *r, const struct dmarc_asking *all,
                    struct dmarc_outcome *out)
{
	const struct policy_verified *v = policy_verified(r);
	struct dmarc_evidence e;

	*out = (struct dmarc_outcome){ .verdict = { .result = DMARC_PERMERROR,
		                                    .why = str_of(all->why.text) } };
	evidence_take(r, v, all->count != 0 ? all->items[0].query.author : STR_EMPTY, &e);
	for (size_t i = 0; i < all->count; i++) {
		const struct dmarc_named *x = &all->items[i];
		struct dmarc_verdict d;

		dmarc_evaluate(&x->found, &e, policy_arena(r), &d);
		whole_check(v, &d);
		out->want = MAX(out->want, dmarc_ask_want(v, x, &d));
		if (all->why.text[0] != '\0' && !is_stricter(&d, &out->verdict))
			continue;
		out->named = x;
		out->verdict = d;
	}
}
