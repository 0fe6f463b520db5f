/* flow/reports_out/tls_file.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "foundation/base/cur.h"
#include "foundation/text/json.h"

/* The lines of a policy as strings: all, or the values after this name. */
static void tls_lines_put(struct json_writer *w, const char *name, struct str policy,
                          struct str field)
{
	struct cur c = cur_of(policy);
	struct str line;

	json_open(w, name, '[');
	while (cur_line(&c, &line))
		if (str_starts(line, field))
			json_put_str(w, NULL, str_trim(str_sub(line, field.n, line.n)));
	json_close(w);
}

static void policy_put(struct json_writer *w, const struct tls_tally *t, struct str domain)
{
	json_open(w, "policy", '{');
	json_put_str(w, "policy-type", str_of(tls_policy_name(t->type)));
	if (t->policy.n != 0)
		tls_lines_put(w, "policy-string", t->policy, STR_EMPTY);
	json_put_str(w, "policy-domain", domain);
	if (t->type == TLS_POLICY_STS)
		tls_lines_put(w, "mx-host", t->policy, STR("mx:"));
	json_close(w);
}

static void put_if(struct json_writer *w, const char *name, struct str s)
{
	if (s.n != 0)
		json_put_str(w, name, s);
}

static void failure_put(struct json_writer *w, const struct tls_failure *f)
{
	json_open(w, NULL, '{');
	json_put_str(w, "result-type", f->result_type);
	put_if(w, "sending-mta-ip", f->our_ip);
	put_if(w, "receiving-mx-hostname", f->mx);
	put_if(w, "receiving-mx-helo", f->helo);
	put_if(w, "receiving-ip", f->ip);
	json_put_u64(w, "failed-session-count", f->count);
	put_if(w, "failure-reason-code", f->reason);
	json_close(w);
}

static void tally_put(struct json_writer *w, const struct tls_tally *t, struct str domain)
{
	json_open(w, NULL, '{');
	policy_put(w, t, domain);
	json_open(w, "summary", '{');
	json_put_u64(w, "total-successful-session-count", t->good);
	json_put_u64(w, "total-failure-session-count", t->bad);
	json_close(w);
	if (t->failure_count != 0) {
		json_open(w, "failure-details", '[');
		for (size_t i = 0; i < t->failure_count; i++)
			failure_put(w, &t->failures[i]);
		json_close(w);
	}
	json_close(w);
}

void out_tls_put(struct buf *out, const struct out_tls_about *about, const struct tls_day *day)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_put_str(&w, "organization-name", about->organization);
	json_open(&w, "date-range", '{');
	json_put_time(&w, "start-datetime", about->begin_s * 1000);
	json_put_time(&w, "end-datetime", about->end_s * 1000);
	json_close(&w);
	json_put_str(&w, "contact-info", about->contact);
	json_put_str(&w, "report-id", about->id);
	json_open(&w, "policies", '[');
	for (size_t i = 0; i < day->tally_count; i++)
		tally_put(&w, &day->tallies[i], day->domain);
	json_close(&w);
	json_close(&w);
}
