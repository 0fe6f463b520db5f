/* operations/doctor/meaning/meaning_caa.c: may the authority whose certificates we get
 * issue for the domain? CAA (RFC 8659, RFC 8657); see meaning.h. */
#include "operations/doctor/meaning/meaning.h"

#include "foundation/base/cur.h"
#include "operations/doctor/sentence.h"

enum { CRITICAL = 128, LABELS_MAX = 40 };

struct caa {
	uint32_t flags;
	struct str tag, value;
};

/* 0 issue "ca.example; accounturi=https://ca.example/1" */
static bool caa_parse(struct str text, struct caa *out)
{
	struct cur c = cur_of(text);

	if (!cur_u32(&c, &out->flags) || !cur_byte(&c, ' ') || !cur_until(&c, ' ', &out->tag) ||
	    !cur_byte(&c, ' ') || !cur_byte(&c, '"'))
		return false;
	out->value = cur_rest(&c);
	if (out->value.n == 0 || out->value.p[out->value.n - 1] != '"')
		return false;
	out->value.n--;
	return true;
}

/* [issuer-domain-name] *WSP [";" *WSP [parameters *WSP]]			RFC 8659 4.2 */
static struct str issuer_of(struct str value)
{
	ptrdiff_t end = str_find_byte(value, ';');

	return str_trim(str_sub(value, 0, end < 0 ? value.n : (size_t)end));
}

/* The value of a parameter; may be empty. parameter = tag *WSP "=" *WSP value	RFC 8659 4.2 */
static struct str parameter_of(struct str value, const char *name)
{
	struct cur c = cur_of(value);
	struct str one;

	(void)!cur_until(&c, ';', &one);
	while (cur_byte(&c, ';')) {
		ptrdiff_t equals;

		if (!cur_until(&c, ';', &one))
			cur_take(&c, cur_left(&c), &one);
		equals = str_find_byte(one, '=');
		if (equals > 0 && str_eqi(str_trim(str_sub(one, 0, (size_t)equals)), str_of(name)))
			return str_trim(str_sub(one, (size_t)equals + 1, one.n));
	}
	return STR_EMPTY;
}

/* RFC 8657 4: names that are proved in another way get no certificate. */
static bool lets_prove(struct str value, struct str challenge)
{
	struct str methods = parameter_of(value, "validationmethods"), one;
	struct cur c = cur_of(methods);

	if (methods.n == 0 || challenge.n == 0)
		return true;
	while (cur_listed(&c, &one))
		if (str_eqi(one, challenge))
			return true;
	return false;
}

static bool is_known(struct str tag)
{
	static const char *const known[] = { "issue",     "issuewild",    "iodef",
		                             "issuemail", "contactemail", "contactphone" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eqi(tag, str_of(known[i])))
			return true;
	return false;
}

/* To the account that alone may have certificates (RFC 8657 3); none said: to any. */
static bool lets(const struct meaning *m, const struct caa *there, const struct caa *ours)
{
	struct str account = parameter_of(there->value, "accounturi");
	struct str own = parameter_of(ours->value, "accounturi");

	return str_eqi(issuer_of(there->value), issuer_of(ours->value)) &&
	       (account.n == 0 || own.n == 0 || str_eq(account, own)) &&
	       lets_prove(there->value, m->j->home->challenge);
}

/* Which property says who may issue: that for wildcards stands in the other's place where there is
 * one (RFC 8659 4.3). */
static struct str tag_of(struct str wanted, const struct str *set, size_t n)
{
	struct caa there;

	for (size_t i = 0; i < n; i++)
		if (caa_parse(set[i], &there) && str_eqi(there.tag, wanted))
			return wanted;
	return STR("issue");
}

/* RFC 8659 4.2: without a record for issue anybody may; what is critical and unknown forbids. */
static bool allows(const struct meaning *m, const struct str *set, size_t n)
{
	struct caa ours, there;
	bool limited = false, let = false;
	struct str tag;

	if (!caa_parse(m->r->expected, &ours))
		return true;
	tag = tag_of(ours.tag, set, n);
	for (size_t i = 0; i < n; i++) {
		if (!caa_parse(set[i], &there))
			continue;
		if ((there.flags & CRITICAL) != 0 && !is_known(there.tag))
			return false;
		if (!str_eqi(there.tag, tag))
			continue;
		limited = true;
		let = let || lets(m, &there, &ours);
	}
	return let || !limited;
}

/* The records of the nearest domain above that has some (RFC 8659 3). */
static enum dns_status climb(struct meaning *m, struct str *name, struct dns_text_list *found)
{
	enum dns_status s = DNS_NODATA;

	*found = (struct dns_text_list){ .count = 0 };
	for (int i = 0; i < LABELS_MAX && m->j->dns != NULL && dns_missing(s); i++) {
		*name = meaning_above(*name);
		if (name->n == 0)
			break;
		s = dns_records(m->j->dns, m->j->a, *name, DNS_CAA, m->j->deadline_ms, found);
	}
	return s;
}

/* The host's name, where a record there is not about this name, nor about more: it is all that our
 * certificates need, and counts for aliases of it, too (RFC 8659 3). Empty: there is no such. */
static struct str narrower(const struct meaning *m)
{
	struct str host = m->j->home->hostname;

	for (struct str name = m->r->name; name.n != 0; name = meaning_above(name))
		if (str_eqi(name, host))
			return STR_EMPTY;
	return host;
}

/* Nobody is kept from issuing. Our record would be the first that does so, for all others and all
 * names below (RFC 8659 3), for whom it may be more than is wanted: it is no lack. */
static void say_anybody(struct meaning *m)
{
	static const enum sentence limits[2][2] = {
		{ SENTENCE_caa_limit, SENTENCE_caa_limit_account },
		{ SENTENCE_caa_limit_wild, SENTENCE_caa_limit_wild_account },
	};
	struct str host = narrower(m);
	struct caa ours;
	bool wild = caa_parse(m->r->expected, &ours) && str_eqi(ours.tag, STR("issuewild"));
	bool account = parameter_of(m->r->expected, "accounturi").n != 0;
	const struct sentence_value limit = { "limit", sentence_of(limits[wild][account]) };

	meaning_say(m, DNS_STATE_OK,
	            host.n != 0 ? sentence(m->j->a, caa_none_host, limit, { "host", host })
	                        : sentence(m->j->a, caa_none, limit));
}

static void judge_inherited(struct meaning *m)
{
	struct dns_text_list found;
	struct str name = m->r->name;
	enum dns_status s = climb(m, &name, &found);
	const struct sentence_value domain = { "domain", name };
	struct arena *a = m->j->a;

	if (s == DNS_RETRY)
		meaning_say(m, DNS_STATE_UNKNOWN, sentence(a, caa_parent_unknown, domain));
	else if (s != DNS_OK)
		say_anybody(m);
	else if (allows(m, found.items, found.count))
		meaning_say(m, DNS_STATE_OK, sentence(a, caa_parent, domain));
	else
		meaning_say(m, DNS_STATE_FAIL, sentence(a, caa_parent_closed, domain));
}

void meaning_caa(struct meaning *m)
{
	if (m->s->seen_count == 0)
		judge_inherited(m);
	else if (allows(m, m->s->seen, m->s->seen_count))
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else
		meaning_say(m, DNS_STATE_FAIL, sentence_of(SENTENCE_caa_closed));
}
