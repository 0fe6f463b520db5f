/* flow/policy/authentication/seen.c: see seen.h. */
#include "flow/policy/authentication/seen.h"

#include "flow/policy/authentication/authentication_private.h"
#include "flow/policy/authentication/verified.h"
#include "flow/policy/run.h"
#include "flow/reports_out/reports_out.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"

/* "feedback-report" is ARF, "tlsrpt" RFC 8460 5.3; a DMARC report is recognized by its
 * subject (RFC 7489 7.2.1.1). */
static bool reads_as_report(struct str message, struct arena *a)
{
	struct str header = str_sub(message, 0, header_size(message));
	struct header_field f;
	struct str type;

	if (header_find(header, STR("Subject"), &f) &&
	    str_startsi(header_unfold(a, f.value), STR("Report Domain:")))
		return true;
	if (!header_find(header, STR("Content-Type"), &f))
		return false;
	type = str_lower(a, header_unfold(a, f.value));
	return str_starts(type, STR("multipart/report")) &&
	       (str_find(type, STR("feedback-report")) >= 0 || str_find(type, STR("tlsrpt")) >= 0);
}

static const struct report_dmarc_signature *signatures_of(const struct policy_verified *v,
                                                          struct arena *a)
{
	struct report_dmarc_signature *all =
		arena_array(a, struct report_dmarc_signature, v->signature_count);

	for (size_t i = 0; i < v->signature_count; i++)
		all[i] = (struct report_dmarc_signature){
			.domain = v->signatures[i].domain,
			.selector = v->signatures[i].selector,
			.result = dkim_result_text(v->signatures[i].result),
		};
	return all;
}

static struct report_dmarc_row row_of(const struct policy_session *s, struct arena *a)
{
	const struct policy_verified *v = s->verified;

	return (struct report_dmarc_row){
		.ip = s->peer,
		.disposition = v->disposition,
		.by_dkim = v->dmarc_verdict.by_dkim,
		.by_spf = v->dmarc_verdict.by_spf,
		.override = v->override,
		.comment = v->override_comment,
		.envelope_to = s->envelope.rcpt_count != 0 ? s->envelope.rcpts[0].address.domain
		                                           : STR_EMPTY,
		.envelope_from = s->envelope.sender.domain,
		.header_from = v->author,
		.signatures = signatures_of(v, a),
		.count_signatures = v->signature_count,
		.spf = v->spf ? v->spf_mail.result : SPF_NONE,
		.spf_domain = v->spf && v->spf_mail.domain.n != 0     ? v->spf_mail.domain
		              : mailaddr_is_null(&s->envelope.sender) ? s->helo
		                                                      : s->envelope.sender.domain,
		.spf_helo = mailaddr_is_null(&s->envelope.sender),
	};
}

void policy_seen(const struct policy_run *r)
{
	const struct policy_session *s = r->session;
	const struct policy_verified *v = s->verified;
	struct arena a = { 0 };
	bool is_report;

	if (r->policy->config.reports == NULL || v == NULL || !v->dmarc || v->record.n == 0 ||
	    s->account != 0 || addr_is_private(&s->peer) || r->verdict.kind == POLICY_TEMPFAIL)
		return;
	is_report = reads_as_report(s->message, &a);
	/* Only mail with a proven author is a report: others could pretend to be one. */
	if (!is_report || v->dmarc_verdict.result != DMARC_PASS) {
		struct report_dmarc_row row = row_of(s, &a);

		report_out_seen(r->policy->config.reports, v->record_domain, v->record, &row);
	}
	if (!is_report && !mailaddr_is_null(&s->envelope.sender))
		policy_failure(r, &a);
	arena_deinit(&a);
}
