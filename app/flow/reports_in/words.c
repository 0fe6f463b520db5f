/* flow/reports_in/words.c: see words.h. */
#include "flow/reports_in/words.h"

static const struct report_verdict passes = {
	"passes", "It passes DMARC: SPF or a signature proves that it is the domain's own mail."
};
static const struct report_verdict mixed = {
	"mixed", "Some of it passes DMARC and some does not: see whether all of it is signed."
};
static const struct report_verdict forwarded = {
	"forwarded", "Mail that was forwarded, or came by a list, and lost its proof on the way; "
		     "signatures that survive (DKIM) help, and forwarders that seal (ARC)."
};
static const struct report_verdict misaligned = {
	"misaligned", "Its sender is proven under another domain than that in From: a service that "
		      "sends for you and must sign as your domain, or a forwarder."
};
static const struct report_verdict unauthenticated = {
	"unauthenticated", "Nothing proves that it is yours: somebody who pretends to be you, or a "
			   "server of yours that is missing in SPF and does not sign."
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
		  "The server did not offer STARTTLS: look at its TLS settings, and at firewalls "
		  "that take it out." },
		{ STR("certificate-host-mismatch"),
		  "The certificate is not for the name of the MX host: get one that has it." },
		{ STR("certificate-expired"),
		  "The certificate had expired: see why it was not renewed." },
		{ STR("certificate-not-trusted"),
		  "The certificate is of no authority that the sender knows, or its chain is not "
		  "whole." },
		{ STR("validation-failure"),
		  "TLS failed for another reason; the sender's words may say which." },
		{ STR("tlsa-invalid"),
		  "No TLSA record fits the certificate: the records in DNS are of another key." },
		{ STR("dnssec-invalid"),
		  "Signatures of the zone (DNSSEC) could not be proven: ask who runs the zone." },
		{ STR("dane-required"),
		  "The sender insists on DANE, and there are no TLSA records that can be used." },
		{ STR("sts-policy-fetch-error"),
		  "The MTA-STS policy could not be fetched from https://mta-sts.DOMAIN." },
		{ STR("sts-policy-invalid"),
		  "The MTA-STS policy was fetched but is not of its form." },
		{ STR("sts-webpki-invalid"),
		  "The certificate of the host that serves the MTA-STS policy is not good." },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eqi(result, rows[i].result))
			return rows[i].words;
	return "A failure that the sender has a word of his own for.";
}
