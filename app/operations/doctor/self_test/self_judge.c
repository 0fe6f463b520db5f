/* operations/doctor/self_test/self_judge.c: see self_judge.h. */
#include "operations/doctor/self_test/self_judge.h"

#include "formats/mailauth/dkim_verify.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/sentence.h"

enum { DNS_MS = 10000 };

/* --- DKIM ----------------------------------------------------------------------------------- */

static void verify(struct self_judge *j, struct dkim_verifier *v)
{
	const struct str blocks[] = { j->signatures, j->body };
	struct body_hashes bodies;
	struct dkim_fields fields;

	dkim_fields_read(&fields, blocks, COUNT(blocks), j->a);
	body_hashes_init(&bodies);
	dkim_verify_begin(v, &fields, &bodies, clock_real_ms() / 1000, j->a);
	for (size_t i = 0; i < v->question_count; i++)
		dkim_question_ask(&v->questions[i], j->dns, clock_mono_ms() + DNS_MS);
	body_hashes_put(&bodies, str_sub(j->body, header_size(j->body), j->body.n));
	body_hashes_end(&bodies);
	dkim_verify_end(v);
}

static void judge_dkim(struct self_judge *j, struct checks *out)
{
	struct dkim_verifier v = { 0 };

	verify(j, &v);
	j->signed_by = arena_array(j->a, struct dmarc_signature, v.count);
	for (; j->signed_count < v.count; j->signed_count++)
		j->signed_by[j->signed_count] = (struct dmarc_signature){
			.domain = v.checks[j->signed_count].signature.domain,
			.passed = v.checks[j->signed_count].result == DKIM_PASS,
			.temporary = v.checks[j->signed_count].result == DKIM_TEMPERROR,
		};
	if (v.count == 0) {
		struct check *c = checks_add(out, "dkim", "Signature (DKIM)");

		c->state = DNS_STATE_FAIL;
		c->expected = STR("a signature of the domain");
		c->seen = STR("none");
		c->advice = sentence_of(SENTENCE_test_dkim_none);
	}
	for (size_t i = 0; i < v.count && i < 4; i++) {
		const struct dkim_check *s = &v.checks[i];
		struct check *c = checks_add(out, "dkim", "Signature (DKIM)");

		c->expected = STR("it verifies with the key in DNS");
		c->seen = str_fmt(j->a, "%.*s with %.*s: %.*s%s%s", STR_ARG(s->signature.selector),
		                  STR_ARG(s->signature.algorithm_text),
		                  STR_ARG(dkim_result_text(s->result)), s->why.text[0] ? ": " : "",
		                  s->why.text);
		if (s->result == DKIM_PASS)
			continue;
		c->state = s->result == DKIM_TEMPERROR ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL;
		c->advice = sentence(j->a, test_dkim,
		                     { "name", str_fmt(j->a, "%.*s._domainkey.%.*s",
		                                       STR_ARG(s->signature.selector),
		                                       STR_ARG(s->signature.domain)) });
	}
}

static void (*const steps[])(struct self_judge *j, struct checks *out) = {
	judge_address, judge_spf, judge_dkim, judge_dmarc, judge_lists, judge_port, judge_policy,
};

bool self_judge(struct self_judge *j, size_t step, struct checks *out)
{
	if (step == 0 && (j->dns = dns_unremembering(j->settings)) == NULL)
		return false;
	if (step == COUNT(steps)) {
		dns_free(&j->dns);
		return false;
	}
	steps[step](j, out);
	return true;
}
