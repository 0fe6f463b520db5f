/* operations/doctor/own_policy.c: see own_policy.h. */
#include "operations/doctor/own_policy.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/remote/sts_fetch.h"

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

static void judge_fetched(struct own_policy *p, const struct mta_sts_policy *policy)
{
	bool ends = p->expected == MTA_STS_NONE; /* RFC 8461 3.2: it names nobody then */

	if (ends && policy->mode == MTA_STS_NONE)
		say(p, DNS_STATE_OK, STR("others are told that there is no policy any more"), "");
	else if (!ends && !mta_sts_policy_names(policy, p->settings->hostname))
		say(p, policy->mode == MTA_STS_ENFORCE ? DNS_STATE_FAIL : DNS_STATE_WARN,
		    STR("another policy is served, which does not name this server"),
		    "see where mta-sts of the domain leads: it should be this server, or the "
		    "policy there has to name it");
	else if (policy->mode != p->expected)
		say(p, DNS_STATE_WARN,
		    str_fmt(p->a, "a policy with mode %s is served, and the domain has %s here",
		            mta_sts_name(policy->mode), mta_sts_name(p->expected)),
		    "something in between serves an old copy, or another server has the name");
	else
		say(p, DNS_STATE_OK, STR("others can fetch it, and it names this server"), "");
}

static void say_unfetched(struct own_policy *p, enum dns_state state, const char *why)
{
	say(p, state, str_fmt(p->a, "it cannot be fetched: %s", why),
	    "port 443 of mta-sts of the domain has to lead to this server's HTTPS. From "
	    "behind some routers it cannot be reached though others can: try from outside");
}

void own_policy_judge(struct own_policy *p, const struct sts_answer *got)
{
	p->seen = got->trouble == STS_FINE ? one_line(got->text, p->a) : STR_EMPTY;
	if (got->trouble == STS_FINE)
		judge_fetched(p, &got->policy);
	else if (got->trouble == STS_WEBPKI_INVALID)
		say(p, DNS_STATE_FAIL,
		    str_fmt(p->a, "the certificate there is not good: %s", got->why.text),
		    "see the page Certificates: the certificate has to have the name mta-sts of "
		    "the domain");
	else
		say_unfetched(p, got->silent ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL, got->why.text);
}

/* A fetch by itself does not tell a name that is not there from a DNS that is down. */
static bool is_somewhere(struct own_policy *p)
{
	struct str host = str_fmt(p->a, "mta-sts.%.*s", STR_ARG(p->domain));
	struct dns_addr_list list;
	enum dns_status s = dns_addresses(p->dns, p->a, host, DNS_V4 | DNS_V6,
	                                  clock_mono_ms() + OWN_POLICY_DNS_MS, &list);
	struct why why;

	if (s == DNS_OK)
		return true;
	(void)!fail(&why, ERR_MISSING, "%.*s %s", STR_ARG(host),
	            dns_missing(s) ? "has no address" : "could not be asked for");
	say_unfetched(p, dns_missing(s) ? DNS_STATE_FAIL : DNS_STATE_UNKNOWN, why.text);
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
