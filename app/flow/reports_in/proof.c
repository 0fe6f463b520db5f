/* flow/reports_in/proof.c: is the author of a report authentic? See mail.h. */
#include "flow/reports_in/mail.h"

#include "formats/mailauth/authres.h"
#include "formats/mailauth/psl.h"
#include "formats/message/header.h"
#include "formats/message/mailaddr.h"

static struct str property_of(const struct authres_result *r, const char *type, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eqi(r->properties[i].type, str_of(type)) &&
		    str_eqi(r->properties[i].name, str_of(name)))
			return r->properties[i].value;
	return STR_EMPTY;
}

/* Relaxed alignment (RFC 7489 3.1.1, 3.1.2). */
static bool aligned(struct str domain, struct str author)
{
	struct str organization = psl_organization(author);

	return domain.n != 0 && (str_eqi(domain, author) ||
	                         (organization.n != 0 &&
	                          mailaddr_domain_within(domain, organization)));
}

static struct str behind_at(struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	return str_sub(address, (size_t)(at + 1), address.n);
}

/* In test mode: ignored (RFC 6376 3.6.1). */
static bool is_test(const struct authres_result *r)
{
	return property_of(r, "policy", "testing").n != 0;
}

static bool result_proves(const struct authres_result *r, struct str author)
{
	if (!str_eqi(r->result, STR("pass")))
		return false;
	if (str_eqi(r->method, STR("dmarc")))
		return str_eqi(property_of(r, "header", "from"), author);
	if (str_eqi(r->method, STR("dkim")))
		return !is_test(r) && aligned(property_of(r, "header", "d"), author);
	return str_eqi(r->method, STR("spf")) &&
	       aligned(behind_at(property_of(r, "smtp", "mailfrom")), author);
}

/* A failure of DMARC has precedence. */
static bool result_denies(const struct authres_result *r)
{
	return str_eqi(r->method, STR("dmarc")) && str_eqi(r->result, STR("fail"));
}

/* The first such field is our own. */
static bool results_find(struct str results, struct arena *a, struct authres_field *out)
{
	struct header_field f;

	return header_find(results, STR("Authentication-Results"), &f) &&
	       authres_parse(f.value, a, out);
}

bool report_proof(struct str results, struct str author)
{
	struct arena a = { 0 };
	struct authres_field field;
	bool yes = false, no = false;

	if (author.n != 0 && results_find(results, &a, &field))
		for (size_t i = 0; i < field.count; i++) {
			yes = yes || result_proves(&field.results[i], author);
			no = no || result_denies(&field.results[i]);
		}
	arena_deinit(&a);
	return yes && !no;
}

/* --- TLS reports ----------------------------------------------------------------------------- */

/* By a key for mail, or by one for TLS reports. */
static bool result_signs(const struct authres_result *r, struct str author)
{
	return (str_eqi(r->result, STR("pass")) ||
	        (str_eqi(r->result, STR("policy")) &&
	         str_eqi(property_of(r, "policy", "service"), STR("tlsrpt")))) &&
	       !is_test(r) && aligned(property_of(r, "header", "d"), author);
}

enum report_signed report_signed(struct str results, struct str author)
{
	struct arena a = { 0 };
	struct authres_field field;
	bool asked = false, lost = false, signs = false;

	if (results_find(results, &a, &field))
		for (size_t i = 0; i < field.count; i++) {
			const struct authres_result *r = &field.results[i];

			if (!str_eqi(r->method, STR("dkim")))
				continue;
			asked = true;
			lost = lost || str_eqi(r->result, STR("temperror"));
			signs = signs || (author.n != 0 && result_signs(r, author));
		}
	arena_deinit(&a);
	if (signs)
		return REPORT_SIGNED;
	return asked && !lost ? REPORT_UNSIGNED : REPORT_SIGNED_UNKNOWN;
}
