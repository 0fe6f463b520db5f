/* protocols/smtp_out/tls.c: see tls.h. */
#include "protocols/smtp_out/tls.h"

#include "foundation/base/buf.h"
#include "model/envelope/envelope.h"

/* --- the demand ---------------------------------------------------------------------- */

enum out_tls_need out_tls_need(unsigned flags, bool null_sender)
{
	/* RFC 8689 4.1: REQUIRETLS overrides the field. */
	if (flags & ENVELOPE_REQUIRETLS)
		return null_sender ? OUT_TLS_NEED_NONE : OUT_TLS_NEED_REQUIRE;
	return flags & ENVELOPE_TLS_OPTIONAL ? OUT_TLS_NEED_OPTIONAL : OUT_TLS_NEED_NONE;
}

/* Do DANE and MTA-STS apply? "TLS-Required: No" of a sender must not weaken the
 * administrator's demand for the route. */
static bool published_counts(const struct out_tls_route *route, enum out_tls_need need)
{
	if (route->fixed || route->level == OUT_TLS_OFF)
		return false;
	return need != OUT_TLS_NEED_OPTIONAL || route->level == OUT_TLS_MAY;
}

static void raise_to(struct out_tls_demand *d, enum out_tls_level level, enum out_tls_by by)
{
	if (level <= d->level)
		return;
	d->level = level;
	d->by = by;
}

static void problem(struct out_tls_demand *d, enum out_tls_problem p, enum out_tls_by by)
{
	if (d->problem != OUT_TLS_FINE)
		return;
	d->problem = p;
	d->by = by;
}

/* RFC 7672 2.2: the four results of a lookup of TLSA records. */
static void dane_demand(struct out_tls_demand *d, const struct out_tls_hop *hop)
{
	switch (hop->dane) {
	case OUT_DANE_USABLE:
		/* The administrator's chain stays mandatory: a record must match too. */
		d->dane = d->level == OUT_TLS_VERIFY;
		if (!d->dane)
			raise_to(d, OUT_TLS_DANE, OUT_TLS_BY_DANE);
		break;
	case OUT_DANE_UNUSABLE:
		raise_to(d, OUT_TLS_MUST, OUT_TLS_BY_DANE);
		break;
	case OUT_DANE_UNKNOWN:
		problem(d, OUT_TLS_DNSSEC, OUT_TLS_BY_DANE);
		break;
	case OUT_DANE_NONE:
		break;
	}
}

/* RFC 8461 4, 5; after DANE, which it can neither lower nor override (2). A host with
 * usable records is governed by DANE, even if the policy does not list it. */
static void sts_demand(struct out_tls_demand *d, const struct out_tls_hop *hop)
{
	if (hop->sts != OUT_STS_ENFORCE || hop->dane == OUT_DANE_USABLE)
		return;
	if (!hop->sts_match)
		problem(d, OUT_TLS_NOT_LISTED, OUT_TLS_BY_STS);
	raise_to(d, OUT_TLS_VERIFY, OUT_TLS_BY_STS);
}

/* RFC 8689 4.2.1, steps 2, 4 and 5. The route's demands stay the route's: a wrong setting
 * must not bounce mail. */
static void requiretls_demand(struct out_tls_demand *d, const struct out_tls_hop *hop)
{
	bool routes = d->by == OUT_TLS_BY_ROUTE && d->level >= OUT_TLS_VERIFY;

	d->requiretls = true;
	if (d->level == OUT_TLS_OFF)
		problem(d, OUT_TLS_NOT_OFFERED, OUT_TLS_BY_REQUIRETLS);
	else if (!hop->name_signed && !(hop->sts != OUT_STS_NONE && hop->sts_match))
		problem(d, OUT_TLS_NAME_DOUBT, OUT_TLS_BY_REQUIRETLS);
	raise_to(d, OUT_TLS_VERIFY, OUT_TLS_BY_REQUIRETLS);
	if (!routes && d->problem != OUT_TLS_DNSSEC)
		d->by = OUT_TLS_BY_REQUIRETLS;
}

/* RFC 8689 4.2.2: apply the domain's policies, but do not fail because of them. */
static void optional_demand(struct out_tls_demand *d)
{
	if (d->by != OUT_TLS_BY_DANE && d->by != OUT_TLS_BY_STS)
		return;
	d->soft = true;
	d->problem = OUT_TLS_FINE;
}

struct out_tls_demand out_tls_demand(const struct out_tls_route *route,
                                     const struct out_tls_hop *hop, enum out_tls_need need)
{
	struct out_tls_demand d = { .level = route->level };

	if (d.level != OUT_TLS_MAY)
		d.by = OUT_TLS_BY_ROUTE;
	/* RFC 7672 6: mandatory DANE */
	if (d.level == OUT_TLS_DANE && hop->dane != OUT_DANE_USABLE)
		problem(&d, OUT_TLS_NO_RECORDS, OUT_TLS_BY_ROUTE);
	if (published_counts(route, need)) {
		dane_demand(&d, hop);
		sts_demand(&d, hop);
	}
	if (need == OUT_TLS_NEED_REQUIRE)
		requiretls_demand(&d, hop);
	else if (need == OUT_TLS_NEED_OPTIONAL)
		optional_demand(&d);
	return d;
}

bool out_tls_binds(const struct out_tls_demand *d)
{
	return !d->soft && d->level != OUT_TLS_MAY && d->level != OUT_TLS_OFF;
}

/* --- results ------------------------------------------------------------------------- */

enum out_tls_problem out_tls_judge(enum out_tls_level level, const struct out_tls_facts *f)
{
	if (level == OUT_TLS_MAY || level == OUT_TLS_OFF)
		return OUT_TLS_FINE;
	if (!f->offered)
		return OUT_TLS_NOT_OFFERED;
	if (!f->open)
		return f->failed != OUT_TLS_FINE ? f->failed : OUT_TLS_HANDSHAKE;
	if (level == OUT_TLS_VERIFY)
		return f->chain;
	if (level == OUT_TLS_DANE && !f->matched)
		return OUT_TLS_NO_MATCH;
	return OUT_TLS_FINE;
}

enum out_tls_problem out_tls_check(const struct out_tls_demand *d, const struct out_tls_facts *f)
{
	enum out_tls_problem p;

	if (d->soft)
		return OUT_TLS_FINE;
	if (d->problem != OUT_TLS_FINE)
		return d->problem;
	/* The session was opened without a demand. */
	if (f->open && f->old && out_tls_binds(d))
		return OUT_TLS_HANDSHAKE;
	p = out_tls_judge(d->level, f);
	if (p == OUT_TLS_FINE && d->dane && !f->matched)
		return OUT_TLS_NO_MATCH;
	if (p == OUT_TLS_FINE && d->requiretls && !f->requiretls)
		return OUT_TLS_NO_REQUIRETLS;
	return p;
}

/* --- texts ---------------------------------------------------------------------------- */

static const struct {
	const char *result_type, *status, *text;
} problems[OUT_TLS_PROBLEMS] = {
	/* RFC 8460 4.3 */
	[OUT_TLS_FINE] = { NULL, "4.7.0", "" },
	[OUT_TLS_DNSSEC] = { "dnssec-invalid", "4.7.5", "its TLSA records cannot be looked up" },
	[OUT_TLS_NO_RECORDS] = { "dane-required", "4.7.5", "it has no signed TLSA records" },
	[OUT_TLS_NOT_LISTED] = { "validation-failure", "4.7.5",
	                         "the policy does not name this server" },
	[OUT_TLS_NAME_DOUBT] = { NULL, "4.7.10",
	                         "neither DNSSEC nor MTA-STS vouches for the name of this server" },
	[OUT_TLS_NOT_OFFERED] = { "starttls-not-supported", "4.7.10", "the server offers no TLS" },
	[OUT_TLS_REFUSED] = { "starttls-not-supported", "4.7.10", "the server refuses STARTTLS" },
	[OUT_TLS_HANDSHAKE] = { "validation-failure", "4.7.5", "TLS failed" },
	[OUT_TLS_OTHER_NAME] = { "certificate-host-mismatch", "4.7.5",
	                         "the certificate is for another name" },
	[OUT_TLS_EXPIRED] = { "certificate-expired", "4.7.5",
	                      "the certificate has expired or is not yet valid" },
	[OUT_TLS_UNTRUSTED] = { "certificate-not-trusted", "4.7.5",
	                        "the certificate is from no trusted authority" },
	[OUT_TLS_NO_MATCH] = { "validation-failure", "4.7.5",
	                       "the certificate matches none of its TLSA records" },
	[OUT_TLS_UNUSABLE] = { "tlsa-invalid", "4.7.5", "none of its TLSA records can be used" },
	[OUT_TLS_NO_REQUIRETLS] = { NULL, "4.7.30", "the server does not know REQUIRETLS" },
};

const char *out_tls_result_type(enum out_tls_problem p)
{
	return problems[p].result_type;
}

const char *out_tls_words(enum out_tls_problem p)
{
	return problems[p].text;
}

const char *out_tls_by_name(enum out_tls_by by)
{
	static const char *const names[] = {
		[OUT_TLS_BY_NOBODY] = "",
		[OUT_TLS_BY_ROUTE] = "the route",
		[OUT_TLS_BY_DANE] = "DANE",
		[OUT_TLS_BY_STS] = "MTA-STS",
		[OUT_TLS_BY_REQUIRETLS] = "REQUIRETLS",
	};

	return names[by];
}

/* RFC 8689 4.2.1: the message must not be sent, and its sender gets a bounce. Missing
 * answers of DNS say nothing about the server. */
bool out_tls_final(const struct out_tls_demand *d, enum out_tls_problem p)
{
	if (p == OUT_TLS_FINE || p == OUT_TLS_DNSSEC)
		return false;
	return p == OUT_TLS_NO_REQUIRETLS || p == OUT_TLS_NAME_DOUBT ||
	       d->by == OUT_TLS_BY_REQUIRETLS;
}

static const char *status(bool final, enum out_tls_problem p)
{
	if (!final)
		return problems[p].status;
	return p == OUT_TLS_NO_REQUIRETLS ? "5.7.30" : "5.7.10";
}

static const char *verified_by(const struct out_tls_hop *hop, const struct out_tls_facts *f)
{
	if (f->matched)
		return "DANE";
	if (f->chain != OUT_TLS_FINE)
		return "not verified";
	return hop->sts != OUT_STS_NONE && hop->sts_match ? "MTA-STS" : "verified";
}

struct str out_tls_describe(const struct out_tls_hop *hop, const struct out_tls_facts *f,
                        struct str suite, struct arena *a)
{
	if (!f->open)
		return STR_EMPTY;
	return str_fmt(a, "%.*s, %s", STR_ARG(suite), verified_by(hop, f));
}

void out_tls_reply(const struct out_tls_demand *d, enum out_tls_problem p, const char *detail,
                   struct buf *text, struct envelope_reply *reply)
{
	bool final = out_tls_final(d, p);
	enum out_tls_by by = final ? OUT_TLS_BY_REQUIRETLS : d->by;

	buf_reset(text);
	if (by != OUT_TLS_BY_NOBODY && !d->soft)
		buf_fmt(text, "%s demands TLS here: ", out_tls_by_name(by));
	buf_put(text, str_of(problems[p].text));
	if (detail[0] != '\0')
		buf_fmt(text, " (%s)", detail);
	reply->code = final ? 550 : 454;
	reply->status = str_of(status(final, p));
	reply->text = buf_str(text);
}
