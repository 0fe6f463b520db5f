/* flow/reports_in/words.c: see words.h. */
#include "flow/reports_in/words.h"

static const struct report_verdict passes = {
	"passes", "DMARC passed: SPF or DKIM authenticates the mail as the domain's own."
};
static const struct report_verdict mixed = {
	"mixed", "DMARC passed for a part of the mail. "
		 "Check that the server signs all mail with DKIM."
};
static const struct report_verdict forwarded = {
	"forwarded", "The message was forwarded or sent by a list, which broke SPF or DKIM."
};
static const struct report_verdict misaligned = {
	"misaligned", "SPF or DKIM passed, but for another domain than From."
};
static const struct report_verdict unauthenticated = {
	"unauthenticated", "SPF and DKIM both failed: a forged sender, or "
			   "your own server without SPF entry and DKIM."
};

struct report_verdict report_verdict_source(const struct report_tally *t)
{
	if (t->n[REPORT_N_PASSED] >= t->n[REPORT_N_COUNT])
		return passes;
	if (t->n[REPORT_N_PASSED] != 0)
		return mixed;
	if (2 * t->n[REPORT_N_FORWARDED] >= t->n[REPORT_N_COUNT])
		return forwarded;
	return t->name_count[REPORT_NAMES_DKIM] + t->name_count[REPORT_NAMES_SPF] != 0
	               ? misaligned
	               : unauthenticated;
}

static bool any_pass(const struct wire_dmarc_auth *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].result, STR("pass")))
			return true;
	return false;
}

struct report_verdict report_verdict_row(const struct wire_dmarc_row *r)
{
	if (r->dkim || r->spf)
		return passes;
	for (size_t i = 0; i < r->reason_count; i++)
		if (str_eqi(r->reasons[i].type, STR("forwarded")) ||
		    str_eqi(r->reasons[i].type, STR("mailing_list")) ||
		    str_eqi(r->reasons[i].type, STR("trusted_forwarder")))
			return forwarded;
	return any_pass(r->dkims, r->dkim_count) || any_pass(r->spfs, r->spf_count)
	               ? misaligned
	               : unauthenticated;
}

const char *report_tls_words(struct str result)
{
	static const struct {
		struct str result;
		const char *words;
	} rows[] = {
		{ STR("starttls-not-supported"),
		  "The server did not offer STARTTLS. Check its TLS settings, and "
		  "firewalls that remove STARTTLS." },
		{ STR("certificate-host-mismatch"),
		  "The certificate does not contain the name of the MX host. Get one that does." },
		{ STR("certificate-expired"),
		  "The certificate had expired. Check why it was not renewed." },
		{ STR("certificate-not-trusted"),
		  "The certificate is not from a trusted authority, or its chain is incomplete." },
		{ STR("validation-failure"),
		  "TLS failed for another reason. See the sender's failure reason." },
		{ STR("tlsa-invalid"),
		  "No TLSA record matches the certificate. "
		  "The records in DNS are for another key." },
		{ STR("dnssec-invalid"),
		  "DNSSEC validation of the zone failed. Ask the operator of the zone." },
		{ STR("dane-required"),
		  "The sender requires DANE, and no usable TLSA records exist." },
		{ STR("sts-policy-fetch-error"),
		  "The MTA-STS policy could not be fetched from https://mta-sts.DOMAIN." },
		{ STR("sts-policy-invalid"),
		  "The MTA-STS policy was fetched but has invalid syntax." },
		{ STR("sts-webpki-invalid"),
		  "The certificate of the MTA-STS policy host is invalid." },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eqi(result, rows[i].result))
			return rows[i].words;
	return "A failure type that is not in RFC 8460.";
}
