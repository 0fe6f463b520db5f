/* flow/policy/authentication/bimi.c: see authentication_private.h. */
#include "flow/policy/authentication/authentication_private.h"

#include "flow/policy/task.h"
#include "formats/mailauth/authres.h"
#include "foundation/config/settings.h"

/* Does the signature that made DMARC pass cover the field? Otherwise anybody could have
 * added the selector on the way. */
static bool selector_signed(const struct policy_verified *v)
{
	for (size_t i = 0; i < v->signature_count; i++) {
		const struct policy_signature *s = &v->signatures[i];

		if (s->result == DKIM_PASS && !s->testing &&
		    str_eqi(s->domain, v->dmarc_verdict.dkim_domain) &&
		    dkim_names_have(s->names, STR("BIMI-Selector")))
			return true;
	}
	return false;
}

static struct str selector(struct policy_run *r, const struct policy_verified *v)
{
	struct dkim_fields fields;

	if (!v->dmarc_verdict.by_dkim || !selector_signed(v))
		return STR_EMPTY;
	dkim_fields_read(&fields, &policy_of(r)->message, 1, policy_arena(r));
	return bimi_selector(&fields, policy_arena(r));
}

/* Only results of domains with a record are written. */
static bool has_one(const struct policy_verified *v)
{
	return v->bimi.result != BIMI_NONE && v->bimi.result != BIMI_SKIPPED;
}

void policy_bimi_ask(struct policy_run *r, const struct dmarc_discovery *found)
{
	struct policy_verified *v = policy_verified(r);
	struct bimi_query q = { .dmarc = found,
		                .dns = policy_dns(r),
		                .deadline_ms = policy_later_ms(r) };
	struct arena *a = policy_mail_arena(r);
	struct bimi_answer x;

	if (!policy_settings(r)->bimi || policy_settled(r))
		return;
	q.selector = selector(r, v);
	bimi_look(&q, policy_arena(r), &x);
	v->bimi = (struct bimi_answer){ .result = x.result,
		                        .domain = str_dup(a, x.domain),
		                        .selector = str_dup(a, x.selector),
		                        .location = str_dup(a, x.location),
		                        .evidence = str_dup(a, x.evidence),
		                        .why = str_dup(a, x.why) };
	if (has_one(v))
		policy_found(r, "BIMI: %s%s%.*s", bimi_result_name(x.result),
		             x.why.n != 0 ? ", " : "", STR_ARG(x.why));
}

/* --- header fields --------------------------------------------------------------------------- */

void policy_bimi_result_put(struct authres *out, const struct policy_verified *v)
{
	if (!has_one(v))
		return;
	authres_method(out, "bimi", str_of(bimi_result_name(v->bimi.result)));
	authres_comment(out, v->bimi.why);
	authres_property(out, "header.d", v->bimi.domain);
	authres_property(out, "header.selector", v->bimi.selector);
	if (v->bimi.result != BIMI_PASS)
		return;
	/* The certificate was not checked. */
	authres_property(out, "policy.authority", STR("none"));
	authres_property(out, "policy.authority-uri", v->bimi.evidence);
}

void policy_bimi_field_put(struct buf *out, const struct policy_verified *v)
{
	if (v->bimi.result != BIMI_PASS)
		return;
	buf_fmt(out, "BIMI-Location: v=BIMI1;\r\n\tl=%.*s", STR_ARG(v->bimi.location));
	if (v->bimi.evidence.n != 0)
		buf_fmt(out, ";\r\n\ta=%.*s", STR_ARG(v->bimi.evidence));
	buf_put(out, STR("\r\n"));
}
