/* protocols/smtp_out/evidence.c: see evidence.h. */
#include "protocols/smtp_out/evidence.h"

#include "model/remote/evidence.h"

static void evidence_note(const struct out_session *s, struct remotes *r, struct tls_note *n,
                          enum out_tls_problem p)
{
	char text[ADDR_TEXT_MAX];

	n->result_type = out_tls_result_type(p);
	if (n->result_type != NULL)
		n->reason = s->tls_detail.n != 0 ? s->tls_detail : str_of(out_tls_words(p));
	n->mx = s->hop->host;
	n->ip = addr_ip_text(&s->hop->addr, text);
	n->our_ip = s->our_ip;
	n->helo = s->helo;
	tls_note(r, n);
}

/* The result for the host's TLSA records precedes that of the session (RFC 8460
 * 4.3.2.1). */
static enum out_tls_problem dane_problem(const struct out_session *s)
{
	switch (s->hop->tls.dane) {
	case OUT_DANE_UNKNOWN:
		return OUT_TLS_DNSSEC;
	case OUT_DANE_UNUSABLE:
		return OUT_TLS_UNUSABLE;
	case OUT_DANE_NONE:
		return OUT_TLS_NO_RECORDS;
	case OUT_DANE_USABLE:
		break;
	}
	return out_tls_judge(OUT_TLS_DANE, &s->facts);
}

/* The policy domain is the host's own name (RFC 8460 1.2). */
static void dane_note(const struct out_session *s, struct remotes *r)
{
	struct tls_note n = { .domain = s->hop->host,
		              .type = TLS_POLICY_TLSA,
		              .policy = s->hop->tls.tlsa_policy };

	evidence_note(s, r, &n, dane_problem(s));
}

static void sts_note(const struct out_session *s, struct remotes *r)
{
	const struct out_tls_hop *hop = &s->hop->tls;
	struct tls_note n = { .domain = hop->policy_domain,
		              .type = TLS_POLICY_STS,
		              .policy = hop->sts_policy };

	evidence_note(s, r, &n,
	              hop->sts_match ? out_tls_judge(OUT_TLS_VERIFY, &s->facts)
	                             : OUT_TLS_NOT_LISTED);
}

void out_evidence_note(const struct out_session *s, struct remotes *r)
{
	const struct out_tls_hop *hop = &s->hop->tls;
	struct tls_note none = { .domain = hop->policy_domain, .type = TLS_POLICY_NONE };
	bool dane = hop->dane != OUT_DANE_NONE || s->demand.problem == OUT_TLS_NO_RECORDS;
	bool sts = hop->sts != OUT_STS_NONE;

	if (r == NULL || s->demand.level == OUT_TLS_OFF)
		return;
	if (!s->facts.met && s->demand.problem == OUT_TLS_FINE)
		return;
	if (dane && (s->facts.met || hop->dane != OUT_DANE_USABLE))
		dane_note(s, r);
	if (sts && (s->facts.met || !hop->sts_match))
		sts_note(s, r);
	if (!dane && !sts)
		evidence_note(s, r, &none, out_tls_judge(OUT_TLS_MUST, &s->facts));
}
