/* console/api/setup/api_setup_names.c: the steps of the setup that are about names: the first,
 * and the records of the fifth. */
#include "console/api/api_private.h"
#include "console/api/setup/api_setup.h"
#include "foundation/config/value.h"
#include "model/directory/directory.h"
#include "model/directory/dkim_key.h"
#include "model/store/store.h"

/* The step of the records has made keys for a domain that is ours no more, nor was it before. */
static enum err forget_domain(struct txn *t, struct str domain)
{
	enum err e = domain_get(t, domain, txn_arena(t), NULL);

	return e == ERR_MISSING ? dkim_keys_rm(t, domain) : e;
}

static enum err keep_domain(struct txn *t, struct setup *s, void *arg)
{
	const struct str *domain = arg;
	enum err e = OK;

	if (s->account != 0 && !str_eq(*domain, s->domain))
		return fail(txn_why(t), ERR_CONFLICT,
		            "%.*s was made already; add more domains in the console",
		            STR_ARG(s->domain));
	/* An owner who was named at another domain is named again. */
	if (!str_eq(*domain, s->domain)) {
		s->done &= ~(unsigned)SETUP_OWNER;
		e = s->domain.n != 0 ? forget_domain(t, s->domain) : OK;
	}
	s->domain = *domain;
	s->done |= SETUP_HOST;
	return e;
}

enum err api_setup_host(struct api_call *c)
{
	struct str domain = str_lower(c->arena, str_trim(api_setup_text(c, "domain")));
	struct str hostname = str_lower(c->arena, str_trim(api_setup_text(c, "hostname")));
	struct setting_edit edit = { .id = SETTING_hostname, .value = hostname };
	struct setup_change change = { .call = c, .fn = keep_domain, .arg = &domain };
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (!value_is_host(hostname) || str_find_byte(hostname, '.') < 0)
		return fail(&c->why, ERR_SYNTAX,
		            "hostname: use a full host name like mail.example.org");
	if (!value_is_host(domain) || str_find_byte(domain, '.') < 0)
		return fail(&c->why, ERR_SYNTAX, "domain: use a domain like example.org");
	e = api_setup_settings(c, &edit, 1, &change);
	return e == OK ? api_setup_checks(c, domain, look_names) : e;
}

enum err api_setup_dns(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (s.domain.n == 0)
		return fail(&c->why, ERR_CONFLICT, "complete the step Names first");
	return api_dns_put(c, s.domain);
}
