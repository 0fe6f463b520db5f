/* flow/policy/authentication/arc_trust.c: see authentication_private.h. */
#include "flow/policy/authentication/authentication_private.h"

#include "formats/mailauth/authres.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"

/* Is sealer one of the list, or below one? */
static bool trusted(struct str list, struct str sealer)
{
	struct cur c = cur_of(list);
	struct str name;

	while (cur_listed(&c, &name))
		if (mailaddr_domain_within(sealer, name))
			return true;
	return false;
}

/* The author that passed DMARC there (RFC 7489 11.1); empty: none. */
static struct str passed_for(const struct authres_field *said)
{
	for (size_t i = 0; i < said->count; i++) {
		const struct authres_result *x = &said->results[i];

		if (!str_eqi(x->method, STR("dmarc")) || !str_eqi(x->result, STR("pass")))
			continue;
		for (size_t k = 0; k < x->count; k++)
			if (str_eqi(x->properties[k].type, STR("header")) &&
			    str_eqi(x->properties[k].name, STR("from")))
				return x->properties[k].value;
	}
	return STR_EMPTY;
}

void vouched_find(struct policy_run *r, const struct arc_verifier *chain)
{
	struct str list = policy_settings(r)->arc_trusted;
	struct policy_verified *v = policy_verified(r);
	struct arena *a = policy_mail_arena(r);

	/* A chain without a signed From passes ARC's public test suite, but a later
	 * forwarder could have changed the author (RFC 6376 5.4). */
	if (chain->result != ARC_PASS || list.n == 0 ||
	    !dkim_names_have(chain->message.names, STR("From")))
		return;
	v->vouchers = arena_array(a, struct policy_voucher, chain->count);
	for (size_t i = chain->count; i-- > 0;) {
		const struct arc_set *set = &chain->sets[i];
		struct authres_field said;
		struct str author;

		if (!trusted(list, set->sealed.domain))
			return;
		if (!authres_parse(set->said, policy_arena(r), &said))
			continue;
		author = passed_for(&said);
		if (author.n == 0)
			continue;
		v->vouchers[v->voucher_count++] = (struct policy_voucher){
			.instance = (unsigned)i + 1,
			.sealer = str_dup(a, set->sealed.domain),
			.selector = str_dup(a, set->sealed.selector),
			.author = mailaddr_domain_normal(a, author),
		};
	}
}

const struct policy_voucher *vouched_for(const struct policy_verified *v, struct str author)
{
	for (size_t i = 0; i < v->voucher_count; i++)
		if (str_eqi(v->vouchers[i].author, author))
			return &v->vouchers[i];
	return NULL;
}
