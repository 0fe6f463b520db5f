/* directory/rewrite.c: see rewrite.h. */
#include "directory/rewrite.h"

#include "base/arena.h"
#include "config/rules.h"
#include "directory/pattern.h"

static const struct rule_key keys[] = {
	{ "sender", false }, { "rcpt", false }, { "to", false }, { "by", false }
};

/* The pattern of a rule about what; false when it is about the other. */
static bool pattern_of(const struct rule *r, enum rewrite_what what, struct str *out)
{
	return rule_get(r, what == REWRITE_SENDER ? STR("sender") : STR("rcpt"), out);
}

/* Addresses have A-labels. Of an expression it is as good as it can be: who writes one of a domain
 * in another script writes them himself. */
static bool pattern_normal(struct arena *a, struct str pattern, struct str *out)
{
	*out = pattern;
	return rule_domains(a, pattern, out) || pattern_is_expression(pattern);
}

static enum err pattern_valid(const struct rule *r, struct str pattern, struct arena *a,
                              struct why *why)
{
	struct why inner = { "" };

	if (pattern_check(pattern, &inner) != OK)
		return rule_fail(r, why, "%s", inner.text);
	if (str_find_byte(pattern, '@') < 0)
		return rule_fail(r, why, "a pattern is of whole addresses, with an @");
	if (!pattern_normal(a, pattern, &pattern))
		return rule_fail(r, why, "%.*s has no domain", STR_ARG(pattern));
	return OK;
}

static enum err rule_valid(const struct rule *r, struct arena *a, struct why *why)
{
	struct str sender, rcpt, to, by;
	bool senders = pattern_of(r, REWRITE_SENDER, &sender);
	bool rcpts = pattern_of(r, REWRITE_RCPT, &rcpt);
	enum err e = rule_check(r, keys, COUNT(keys), why);

	if (e)
		return e;
	if (senders == rcpts)
		return rule_fail(r, why, "give one of sender= and rcpt=");
	if (!rule_get(r, STR("to"), &to) || str_find_byte(to, '@') < 0)
		return rule_fail(r, why, "to= is missing, or no address");
	if (rule_get(r, STR("by"), &by) && !str_eq(by, STR("users")) &&
	    !str_eq(by, STR("servers")) && !str_eq(by, STR("anybody")))
		return rule_fail(r, why, "by= is users, servers or anybody");
	return pattern_valid(r, senders ? sender : rcpt, a, why);
}

enum err rewrite_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct rules rules;
	enum err e = rules_parse(text, &a, &rules, why);

	for (size_t i = 0; e == OK && i < rules.count; i++)
		e = rule_valid(&rules.items[i], &a, why);
	arena_deinit(&a);
	return e;
}

static bool is_for(const struct rule *r, bool user)
{
	struct str by;

	return !rule_get(r, STR("by"), &by) || str_eq(by, STR("anybody")) ||
	       str_eq(by, user ? STR("users") : STR("servers"));
}

static bool rule_apply(const struct rule *r, enum rewrite_what what, struct str text,
                       struct arena *a, struct mailaddr *out)
{
	struct pattern_match match;
	struct str pattern, to;

	return pattern_of(r, what, &pattern) && pattern_normal(a, pattern, &pattern) &&
	       pattern_fits(pattern, text, &match) &&
	       rule_get(r, STR("to"), &to) &&
	       mailaddr_of(pattern_fill(a, to, &match), a, MAILADDR_UTF8, out);
}

bool rewrite_address(struct str text, enum rewrite_what what, bool user, struct arena *a,
                     struct mailaddr *address)
{
	struct mailaddr was = *address, to;
	struct rules rules;
	struct str whole;

	if (text.n == 0 || mailaddr_is_null(address) || rules_parse(text, a, &rules, NULL) != OK)
		return false;
	whole = mailaddr_text(a, address);
	for (size_t i = 0; i < rules.count; i++) {
		if (!is_for(&rules.items[i], user) ||
		    !rule_apply(&rules.items[i], what, whole, a, &to))
			continue;
		*address = to;
		return !mailaddr_equal(&was, &to);
	}
	return false;
}
