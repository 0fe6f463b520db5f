/* operations/doctor/own/own_policy.c: see own_policy.h. */
#include "operations/doctor/own/own_policy.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/remote/sts_fetch.h"
#include "operations/doctor/sentence.h"

static void say(struct own_policy *out, enum dns_state state, struct str words, struct str advice)
{
	out->state = state;
	out->words = words;
	out->advice = advice;
}

/* In one line: "version: STSv1, mode: testing, mx: mail.example.org, max_age: 86400". */
static struct str one_line(struct str text, struct arena *a)
{
	struct str line;
	struct buf b;

	buf_init(&b, 2 * LIMIT_sts_policy);
	for (size_t i = 0; i < text.n && i < 500; i++)
		if (text.p[i] == '\n' && i + 1 < text.n)
			buf_put(&b, STR(", "));
		else if (text.p[i] > ' ' || text.p[i] == ' ')
			buf_byte(&b, text.p[i]);
	line = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return line;
}

static void judge_fetched(struct own_policy *p, const struct mta_sts_policy *policy)
{
	bool ends = p->expected == MTA_STS_NONE; /* RFC 8461 3.2: it names nobody then */

	if (ends && policy->mode == MTA_STS_NONE)
		say(p, DNS_STATE_OK, sentence_of(SENTENCE_policy_ended), STR_EMPTY);
	else if (!ends && !mta_sts_policy_names(policy, p->settings->hostname))
		say(p, policy->mode == MTA_STS_ENFORCE ? DNS_STATE_FAIL : DNS_STATE_WARN,
		    sentence_of(SENTENCE_policy_foreign),
		    sentence_of(SENTENCE_policy_foreign_advice));
	else if (policy->mode != p->expected)
		say(p, DNS_STATE_WARN,
		    sentence(p->a, policy_stale, { "served", str_of(mta_sts_name(policy->mode)) },
		             { "mode", str_of(mta_sts_name(p->expected)) }),
		    sentence_of(SENTENCE_policy_stale_advice));
	else
		say(p, DNS_STATE_OK, sentence_of(SENTENCE_policy_served), STR_EMPTY);
}

void own_policy_judge(struct own_policy *p, const struct sts_answer *got)
{
	const struct sentence_value why = { "why", str_of(got->why.text) };

	p->seen = got->trouble == STS_FINE ? one_line(got->text, p->a) : STR_EMPTY;
	if (got->trouble == STS_FINE)
		judge_fetched(p, &got->policy);
	else if (got->trouble == STS_WEBPKI_INVALID)
		say(p, DNS_STATE_FAIL, sentence(p->a, policy_certificate, why),
		    sentence_of(SENTENCE_policy_certificate_advice));
	else
		say(p, got->silent ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL,
		    sentence(p->a, policy_unfetched, why),
		    sentence_of(SENTENCE_policy_unfetched_advice));
}

/* A fetch by itself does not tell a name that is not there from a DNS that is down. */
static bool is_somewhere(struct own_policy *p)
{
	const struct sentence_value host = { "host",
		                             str_fmt(p->a, "mta-sts.%.*s", STR_ARG(p->domain)) };
	struct dns_addr_list list;
	enum dns_status s = dns_addresses(p->dns, p->a, host.value, DNS_V4 | DNS_V6,
	                                  clock_mono_ms() + OWN_POLICY_DNS_MS, &list);

	if (s == DNS_OK)
		return true;
	say(p, dns_missing(s) ? DNS_STATE_FAIL : DNS_STATE_UNKNOWN,
	    dns_missing(s) ? sentence(p->a, policy_no_address, host)
	                   : sentence(p->a, policy_no_dns, host),
	    sentence_of(SENTENCE_policy_unfetched_advice));
	return false;
}

void own_policy_look(struct own_policy *p)
{
	struct sts_answer got;

	p->seen = STR_EMPTY;
	if (!is_somewhere(p))
		return;
	sts_fetch_now(p->settings, p->stop, p->domain, p->a, &got);
	own_policy_judge(p, &got);
}
