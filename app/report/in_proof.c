/* report/in_proof.c: is the author of a report who he says? See in_mail.h. */
#include "report/in_mail.h"

#include "mailauth/authres.h"
#include "mailauth/psl.h"
#include "message/header.h"
#include "message/mailaddr.h"

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

static bool result_proves(const struct authres_result *r, struct str author)
{
	if (!str_eqi(r->result, STR("pass")))
		return false;
	if (str_eqi(r->method, STR("dmarc")))
		return str_eqi(property_of(r, "header", "from"), author);
	if (str_eqi(r->method, STR("dkim")))
		return aligned(property_of(r, "header", "d"), author);
	return str_eqi(r->method, STR("spf")) &&
	       aligned(behind_at(property_of(r, "smtp", "mailfrom")), author);
}

/* What DMARC has said against him counts more. */
static bool result_denies(const struct authres_result *r)
{
	return str_eqi(r->method, STR("dmarc")) && str_eqi(r->result, STR("fail"));
}

bool report_proof(struct str results, struct str author)
{
	struct arena a = { 0 };
	struct authres_field field;
	struct header_field f;
	bool yes = false, no = false;

	if (author.n != 0 && header_find(results, STR("Authentication-Results"), &f) &&
	    authres_parse(f.value, &a, &field))
		for (size_t i = 0; i < field.count; i++) {
			yes = yes || result_proves(&field.results[i], author);
			no = no || result_denies(&field.results[i]);
		}
	arena_deinit(&a);
	return yes && !no;
}
