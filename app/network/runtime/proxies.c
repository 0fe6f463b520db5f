/* network/runtime/proxies.c: see proxies.h. */
#include "network/runtime/proxies.h"

#include "foundation/base/mem.h"
#include "foundation/config/rules.h"
#include "network/runtime/network.h"

struct proxy_rule {
	struct network_list networks;
	struct str services; /* comma list; empty: all */
};

struct proxies {
	struct arena arena;
	struct proxy_rule *rules;
	size_t count;
};

static const struct str services[] = { STR("smtp"), STR("submission"), STR("submissions"),
	                               STR("lmtp"), STR("imap"),       STR("imaps"),
	                               STR("pop3"), STR("pop3s"),      STR("managesieve"),
	                               STR("http"), STR("https") };

static bool next_of(struct str *list, struct str *one)
{
	ptrdiff_t comma = str_find_byte(*list, ',');

	if (list->n == 0)
		return false;
	*one = str_trim(comma >= 0 ? str_sub(*list, 0, (size_t)comma) : *list);
	*list = comma >= 0 ? str_sub(*list, (size_t)comma + 1, list->n) : STR_EMPTY;
	return true;
}

static bool proxies_has(struct str list, struct str name)
{
	struct str one;

	while (next_of(&list, &one))
		if (str_eq(one, name))
			return true;
	return false;
}

static enum err services_check(const struct rule *r, struct str list, struct why *why)
{
	struct str one;

	while (next_of(&list, &one)) {
		bool known = false;

		for (size_t i = 0; i < COUNT(services); i++)
			known = known || str_eq(one, services[i]);
		if (!known)
			return rule_fail(r, why, "for= takes smtp, submission, submissions, lmtp, "
			                         "imap, imaps, pop3, pop3s, managesieve, http "
			                         "and https");
	}
	return OK;
}

static enum err networks_parse(struct arena *a, const struct rule *r, struct network_list *out,
                               struct why *why)
{
	struct str all = STR_EMPTY;
	struct why detail = { "" };

	for (size_t i = 0; i < r->count; i++)
		if (r->words[i].key.n == 0)
			all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), all.n != 0 ? "," : "",
			              STR_ARG(r->words[i].value));
	if (all.n == 0)
		return rule_fail(r, why, "an address or a network is missing");
	if (network_list_parse_trusted(a, str_dup(a, all), out, &detail) != OK)
		return rule_fail(r, why, "%s", detail.text);
	return OK;
}

static enum err rule_take(struct arena *a, const struct rule *r, struct proxy_rule *out,
                          struct why *why)
{
	static const struct rule_key keys[] = { { "", true }, { "for", false } };
	enum err e = rule_check(r, keys, COUNT(keys), why);
	struct str list = STR_EMPTY;

	if (e)
		return e;
	(void)rule_get(r, STR("for"), &list);
	out->services = str_dup(a, list);
	e = services_check(r, list, why);
	return e ? e : networks_parse(a, r, &out->networks, why);
}

enum err proxies_parse(struct str text, struct proxies **out, struct why *why)
{
	struct proxies *p = NEW(struct proxies);
	struct rules rules;
	enum err e = rules_parse(text, &p->arena, &rules, why);

	*out = NULL;
	if (e == OK)
		p->rules = arena_array(&p->arena, struct proxy_rule, rules.count + 1);
	for (; e == OK && p->count < rules.count; p->count++)
		e = rule_take(&p->arena, &rules.items[p->count], &p->rules[p->count], why);
	if (e != OK)
		proxies_free(&p);
	*out = p;
	return e;
}

void proxies_free(struct proxies **p)
{
	if (*p == NULL)
		return;
	arena_deinit(&(*p)->arena);
	mem_clear(p);
}

bool proxies_have(const struct proxies *p, const char *service, const struct addr *peer)
{
	for (size_t i = 0; p != NULL && i < p->count; i++) {
		const struct proxy_rule *r = &p->rules[i];

		if ((r->services.n == 0 || proxies_has(r->services, str_of(service))) &&
		    network_list_has(&r->networks, peer))
			return true;
	}
	return false;
}
