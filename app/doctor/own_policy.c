/* doctor/own_policy.c: see own_policy.h. */
#include "doctor/own_policy.h"

#include "base/buf.h"
#include "config/limits.h"
#include "config/settings.h"
#include "remote/sts_fetch.h"

static void say(struct own_policy *out, enum dns_state state, struct str words, const char *advice)
{
	out->state = state;
	out->words = words;
	out->advice = str_of(advice);
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

static void judge_fetched(struct own_policy *out, const struct sts_answer *got,
                          const struct settings *s, enum mta_sts_mode expected, struct arena *a)
{
	if (!mta_sts_policy_names(&got->policy, s->hostname))
		say(out, got->policy.mode == MTA_STS_ENFORCE ? DNS_STATE_FAIL : DNS_STATE_WARN,
		    STR("another policy is served, which does not name this server"),
		    "see where mta-sts of the domain leads: it should be this server, or the "
		    "policy there has to name it");
	else if (got->policy.mode != expected)
		say(out, DNS_STATE_WARN,
		    str_fmt(a, "a policy with mode %s is served, and the domain has %s here",
		            mta_sts_name(got->policy.mode), mta_sts_name(expected)),
		    "something in between serves an old copy, or another server has the name");
	else
		say(out, DNS_STATE_OK, STR("others can fetch it, and it names this server"), "");
}

void own_policy_look(const struct settings *s, const atomic_bool *stop, struct str domain,
                     enum mta_sts_mode expected, struct arena *a, struct own_policy *out)
{
	struct sts_answer got;

	*out = (struct own_policy){ .state = DNS_STATE_OK };
	sts_fetch_now(s, stop, domain, a, &got);
	out->seen = got.trouble == STS_FINE ? one_line(got.text, a) : STR_EMPTY;
	if (got.trouble == STS_FINE)
		judge_fetched(out, &got, s, expected, a);
	else if (got.trouble == STS_WEBPKI_INVALID)
		say(out, DNS_STATE_FAIL,
		    str_fmt(a, "the certificate there is not good: %s", got.why.text),
		    "see the page Certificates: the certificate has to have the name mta-sts of "
		    "the "
		    "domain");
	else
		say(out, DNS_STATE_FAIL, str_fmt(a, "it cannot be fetched: %s", got.why.text),
		    "port 443 of mta-sts of the domain has to lead to this server's HTTPS. From "
		    "behind some routers it cannot be reached though others can: try from outside");
}
