/* console/api/api_reports_rows.c: a row of a report; see api_private.h. */
#include "console/api/api_private.h"
#include "flow/reports_in/rows.h"
#include "flow/reports_in/words.h"

static void auths_put(struct json_writer *w, const char *name, const struct wire_dmarc_auth *items,
                      size_t count)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "domain", items[i].domain);
		json_put_str(w, "selector", items[i].selector);
		json_put_str(w, "result", items[i].result);
		json_close(w);
	}
	json_close(w);
}

static void reasons_put(struct api_call *c, const struct wire_dmarc_row *r)
{
	json_open(c->out, "reasons", '[');
	for (size_t i = 0; i < r->reason_count; i++) {
		const struct wire_dmarc_reason *x = &r->reasons[i];

		json_put_str(c->out, NULL,
		             x->comment.n == 0 ? x->type
		                               : str_fmt(c->arena, "%.*s: %.*s", STR_ARG(x->type),
		                                         STR_ARG(x->comment)));
	}
	json_close(c->out);
}

static bool dmarc_put(struct api_call *c, struct str record)
{
	static const char *const done[] = { "none", "quarantine", "reject" };
	struct json_writer *w = c->out;
	struct report_verdict v;
	struct wire_dmarc_row r;

	if (!report_in_dmarc_read(record, &r))
		return false;
	v = report_verdict_row(&r);
	json_open(w, NULL, '{');
	json_put_str(w, "address", r.ip);
	json_put_u64(w, "count", r.count);
	json_put_str(w, "disposition", str_of(done[r.done]));
	json_put_bool(w, "dkim_aligned", r.dkim);
	json_put_bool(w, "spf_aligned", r.spf);
	json_put_str(w, "header_from", r.header_from);
	json_put_str(w, "envelope_from", r.envelope_from);
	json_put_str(w, "envelope_to", r.envelope_to);
	reasons_put(c, &r);
	auths_put(w, "dkim", r.dkims, r.dkim_count);
	auths_put(w, "spf", r.spfs, r.spf_count);
	json_put_str(w, "verdict", str_of(v.name));
	json_put_str(w, "words", str_of(v.words));
	json_close(w);
	return true;
}

static void tls_failure_put(struct json_writer *w, const struct wire_tls_failure *f)
{
	json_open(w, NULL, '{');
	json_put_str(w, "result", f->result);
	json_put_str(w, "words", str_of(report_tls_words(f->result)));
	json_put_str(w, "from", f->from);
	json_put_str(w, "mx", f->mx);
	json_put_str(w, "helo", f->helo);
	json_put_str(w, "address", f->address);
	json_put_u64(w, "count", f->count);
	json_put_str(w, "info", f->info);
	json_put_str(w, "reason", f->reason);
	json_close(w);
}

static void texts_put(struct json_writer *w, const char *name, const struct str *items,
                      size_t count)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < count; i++)
		json_put_str(w, NULL, items[i]);
	json_close(w);
}

static bool tls_put(struct api_call *c, struct str record)
{
	struct json_writer *w = c->out;
	struct wire_tls_policy p;

	if (!report_in_tls_read(record, c->arena, &p))
		return false;
	json_open(w, NULL, '{');
	json_put_str(w, "policy", p.type);
	json_put_str(w, "domain", p.domain);
	texts_put(w, "mx", p.mx, p.mx_count);
	json_put_u64(w, "good", p.good);
	json_put_u64(w, "failed", p.failed);
	json_open(w, "failures", '[');
	for (size_t i = 0; i < p.failure_count; i++)
		tls_failure_put(w, &p.failures[i]);
	json_close(w);
	json_close(w);
	return true;
}

/* The one row of a feedback report, as a member. */
static bool feedback_put(struct api_call *c, struct str record)
{
	struct json_writer *w = c->out;
	struct wire_arf r;

	if (!report_in_arf_read(record, &r))
		return false;
	json_open(w, "feedback", '{');
	json_put_str(w, "type", r.type);
	json_put_str(w, "agent", r.agent);
	json_put_str(w, "address", r.source_ip);
	json_put_str(w, "original_from", r.mail_from.n != 0 ? r.mail_from : r.from);
	texts_put(w, "original_to", r.to, r.to_count);
	texts_put(w, "reported_domains", r.domains, r.domain_count);
	json_put_time(w, "arrived", r.arrived_ms);
	json_put_u64(w, "incidents", r.incidents);
	json_put_str(w, "authentication_results", r.results);
	json_put_str(w, "delivery_result", r.delivery);
	json_put_str(w, "auth_failure", r.failure);
	json_put_str(w, "dkim_domain", r.dkim_domain);
	json_put_str(w, "dkim_selector", r.dkim_selector);
	json_put_str(w, "spf", r.spf);
	json_put_str(w, "subject", r.subject);
	json_put_str(w, "message_id", r.message_id);
	json_close(w);
	return true;
}

bool reports_row_put(struct api_call *c, enum report_kind kind, struct str record)
{
	switch (kind) {
	case REPORT_DMARC:
		return dmarc_put(c, record);
	case REPORT_TLS:
		return tls_put(c, record);
	default:
		return feedback_put(c, record);
	}
}
