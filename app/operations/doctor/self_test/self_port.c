/* operations/doctor/self_test/self_port.c: the steps of a self-test in which our own port 25 is
 * asked as others come to it: by the domain's MX records, with STARTTLS, and what they know of its
 * certificate from DANE
 * and MTA-STS; see self_judge.h. */
#include "operations/doctor/self_test/self_judge.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "network/runtime/stream.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/own/own_policy.h"
#include "operations/doctor/sentence.h"
#include "protocols/smtp_out/session.h"
#include "protocols/smtp_out/route_resolve.h"

enum { PATIENCE_MS = 8000 };

static void not_reached(struct self_judge *j, struct check *c, struct str remote,
                        const struct envelope_reply *reply)
{
	c->state = DNS_STATE_UNKNOWN;
	c->seen = str_fmt(j->a, "%.*s%s%.*s", STR_ARG(remote), remote.n != 0 ? ": " : "",
	                  STR_ARG(reply->text));
	c->advice = sentence_of(SENTENCE_test_port);
}

static void judge_greeting(struct self_judge *j, const struct out_session *s, struct checks *out)
{
	struct check *c = checks_add(out, "helo", "Server on port 25");

	c->expected = j->settings->hostname;
	c->seen = str_fmt(j->a, "%.*s says that it is %.*s", STR_ARG(s->remote), STR_ARG(s->helo));
	if (str_eqi(s->helo, j->settings->hostname))
		return;
	c->state = DNS_STATE_WARN;
	c->advice = sentence_of(SENTENCE_test_helo);
}

static void judge_tls(struct self_judge *j, const struct out_session *s, struct checks *out)
{
	struct check *c = checks_add(out, "tls", "Encryption of mail that comes (TLS)");
	enum out_tls_problem p = out_tls_judge(OUT_TLS_VERIFY, &s->facts);

	c->expected = STR("STARTTLS, with a certificate of the host's name from an authority");
	if (p == OUT_TLS_FINE) {
		c->seen = str_fmt(j->a, "encrypted by %.*s, and the certificate is good",
		                  STR_ARG(stream_tls_text(s->stream)));
		return;
	}
	c->state =
		j->mta_sts == MTA_STS_ENFORCE || !s->facts.open ? DNS_STATE_FAIL : DNS_STATE_WARN;
	c->seen = str_fmt(j->a, "%s%s",
	                  s->facts.open ? "encrypted, but: " : "not encrypted: ", out_tls_words(p));
	c->advice = sentence_of(s->facts.open ? SENTENCE_test_tls_certificate : SENTENCE_test_tls);
}

static void judge_dane(struct self_judge *j, const struct out_session *s, struct checks *out)
{
	struct check *c = checks_add(out, "dane", "The certificate in DNS (DANE)");
	enum out_dane dane = s->hop->tls.dane;

	c->expected = STR("signed TLSA records that fit the certificate, or none");
	if (dane == OUT_DANE_NONE) {
		c->seen = STR("no signed TLSA records: DANE is not used");
	} else if (dane == OUT_DANE_USABLE && s->facts.matched) {
		c->seen = STR("a TLSA record fits the certificate");
	} else if (dane == OUT_DANE_UNKNOWN) {
		c->state = DNS_STATE_FAIL;
		c->seen = str_fmt(j->a, "DNS cannot be believed: %.*s",
		                  STR_ARG(s->hop->tls.dane_trouble));
		c->advice = sentence_of(SENTENCE_test_dane_bogus);
	} else {
		c->state = DNS_STATE_FAIL;
		c->seen = STR("no TLSA record fits the certificate");
		c->advice = sentence_of(SENTENCE_test_dane);
	}
}

static void session_judge(struct self_judge *j, const struct out_route *route, struct checks *out)
{
	struct out_session s;

	out_session_init(&s, j->settings->hostname);
	s.patience_ms = s.connect_ms = PATIENCE_MS;
	/* As a wish only: what is wrong is to be seen, not to end it. */
	if (out_session_open(&s, route, OUT_TLS_NEED_OPTIONAL, NULL) != OK) {
		not_reached(j, checks_add(out, "tls", "Inbound TLS on port 25"),
		            str_dup(j->a, s.remote),
		            &(struct envelope_reply){ .text = str_dup(j->a, s.reply.text) });
	} else {
		judge_greeting(j, &s, out);
		judge_tls(j, &s, out);
		judge_dane(j, &s, out);
	}
	out_session_deinit(&s);
}

void judge_port(struct self_judge *j, struct checks *out)
{
	const struct out_way way = { .kind = ROUTE_MX, .domain = j->domain };
	const struct out_route_request request = { .dns = j->dns,
		                                   .port = (uint16_t)j->settings->smtp_out_port,
		                                   .way = &way };
	struct envelope_reply reply = { 0 };
	struct out_route route;

	if (out_route_find(&request, j->a, &route, &reply) != OK)
		not_reached(j, checks_add(out, "tls", "Inbound TLS on port 25"), STR_EMPTY,
		            &reply);
	else
		session_judge(j, &route, out);
}

/* Do others look for one? Pages that we serve by http alone, behind a proxy of which we do not
 * know, they may get over https: then the record tells. */
static bool policy_is_told(const struct self_judge *j)
{
	struct dns_text_list list;
	struct str id;

	if (dns_https_served(j->settings))
		return true;
	return dns_txt(j->dns, j->a, str_fmt(j->a, "_mta-sts.%.*s", STR_ARG(j->domain)),
	               clock_mono_ms() + PATIENCE_MS, &list) == DNS_OK &&
	       mta_sts_record(list.items, list.count, &id);
}

void judge_policy(struct self_judge *j, struct checks *out)
{
	struct check *c = checks_add(out, "sts", "The policy of encryption (MTA-STS)");
	struct own_policy policy = { .settings = j->settings,
		                     .dns = j->dns,
		                     .domain = j->domain,
		                     .expected = j->mta_sts,
		                     .a = j->a };

	if (j->mta_sts == MTA_STS_NONE || !policy_is_told(j)) {
		c->seen = STR("the domain has none");
		c->expected = STR("a policy that names this server, or none");
		return;
	}
	own_policy_look(&policy);
	c->expected = STR("others can fetch the policy, and it names this server");
	c->state = policy.state;
	c->seen = policy.seen.n != 0 ? str_fmt(j->a, "%.*s (%.*s)", STR_ARG(policy.words),
	                                       STR_ARG(policy.seen))
	                             : policy.words;
	c->advice = policy.advice;
}
