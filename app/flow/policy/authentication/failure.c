/* flow/policy/authentication/failure.c: see authentication_private.h. */
#include "flow/policy/authentication/authentication_private.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/run.h"
#include "flow/reports_out/reports_out.h"
#include "formats/message/dsn.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"

enum { ENVID_MAX = 512 };

/* ENVID= (RFC 3461 4.4). */
static struct str envelope_id(const struct policy_session *s, struct arena *a)
{
	struct str id = STR_EMPTY;
	struct buf b;

	buf_init(&b, ENVID_MAX);
	for (size_t i = 0; i < s->param_count && id.n == 0; i++)
		if (str_eqi(s->params[i].keyword, STR("ENVID")) &&
		    dsn_xtext_check(s->params[i].value)) {
			dsn_xtext_decode(&b, s->params[i].value);
			id = str_dup(a, buf_str(&b));
		}
	buf_deinit(&b);
	return id;
}

/* The Authentication-Results field without its name, and without the BIMI field after
 * it. */
static struct str results(struct policy_session *s)
{
	struct header_field f;

	return header_find(policy_results(s), STR("Authentication-Results"), &f) ? f.value
	                                                                         : STR_EMPTY;
}

static enum report_failure_fate fate(const struct policy_run *r)
{
	const struct policy_session *s = r->session;

	if (r->verdict.kind == POLICY_REJECT)
		return REPORT_FATE_REJECT;
	if (r->verdict.kind == POLICY_DISCARD || s->discard.n != 0)
		return REPORT_FATE_POLICY;
	return s->quarantine.n != 0 ? REPORT_FATE_SPAM : REPORT_FATE_DELIVERED;
}

/* Report the first failed signature, else the first one. Ignore those in test mode (RFC
 * 6376 3.6.1). */
static void signatures_take(const struct policy_verified *v, struct report_failure *f)
{
	const struct policy_signature *shown = NULL;

	f->has_dkim = v->dkim;
	for (size_t i = 0; i < v->signature_count; i++) {
		const struct policy_signature *x = &v->signatures[i];

		f->has_dkim = f->has_dkim && x->result != DKIM_TEMPERROR;
		if (x->testing)
			continue;
		shown = shown == NULL ? x : shown;
		if (f->dkim_failure != NULL ||
		    (x->result != DKIM_FAIL && x->result != DKIM_PERMERROR))
			continue;
		f->dkim_failure = x->body_changed ? "bodyhash" : "signature";
		shown = x;
	}
	if (shown == NULL)
		return;
	f->dkim_domain = shown->domain;
	f->dkim_identity = shown->identity;
	f->dkim_selector = shown->selector;
}

static void spf_take(const struct policy_verified *v, struct report_failure *f)
{
	enum spf_result result = v->spf_mail.result;

	f->has_spf = v->spf && result != SPF_TEMPERROR;
	f->spf_failed = v->spf && (result == SPF_FAIL || result == SPF_SOFTFAIL ||
	                           result == SPF_PERMERROR);
	f->spf_domain = v->spf_mail.domain;
}

static struct mailaddr *rcpts(const struct policy_session *s, struct arena *a)
{
	struct mailaddr *to = arena_array(a, struct mailaddr, s->envelope.rcpt_count);

	for (size_t i = 0; i < s->envelope.rcpt_count; i++)
		to[i] = s->envelope.rcpts[i].address;
	return to;
}

void policy_failure(const struct policy_run *r, struct arena *a)
{
	const struct policy_session *s = r->session;
	const struct policy_verified *v = s->verified;
	struct report_out *reports = r->policy->config.reports;
	struct report_failure f = { .domain = v->record_domain,
		                    .record = v->record,
		                    .author = v->author,
		                    .ip = s->peer,
		                    .from = s->envelope.sender,
		                    .to_count = s->envelope.rcpt_count,
		                    .message = s->message,
		                    .by_dkim = v->dmarc_verdict.by_dkim,
		                    .by_spf = v->dmarc_verdict.by_spf };

	signatures_take(v, &f);
	spf_take(v, &f);
	if (report_out_failure_kinds(reports, &f) == 0)
		return;
	f.fate = fate(r);
	f.to = rcpts(s, a);
	f.envelope_id = envelope_id(s, a);
	f.results = results(r->session);
	report_out_failure(reports, &f);
}
