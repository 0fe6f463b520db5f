/* model/directory/rewrite.c: see rewrite.h. */
#include "model/directory/rewrite.h"

#include "foundation/base/arena.h"
#include "foundation/config/parsed.h"
#include "foundation/config/rules.h"
#include "model/directory/pattern.h"

static const struct rule_key keys[] = {
	{ "sender", false }, { "rcpt", false }, { "to", false }, { "by", false }
};

/* The pattern of a rule for `what`; false when the rule is for the other kind of address. */
static bool pattern_of(const struct rule *r, enum rewrite_what what, struct str *out)
{
	return rule_get(r, what == REWRITE_SENDER ? STR("sender") : STR("rcpt"), out);
}

/* Addresses have A-labels. In a regular expression, U-labels cannot always be converted: it should
 * be written with A-labels. */
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

/* --- the rules of a snapshot, ready to be used ------------------------------------------------ */

struct rewrite_rule {
	enum rewrite_what what;
	bool users, servers; /* whose mail */
	struct pattern *pattern;
	struct str to;
};

struct rewrite_rules {
	struct rewrite_rule *items;
	size_t count;
};

/* False when the rule is invalid, which is refused when rules are set. */
static bool rule_take(const struct rule *r, struct arena *a, struct rewrite_rule *out)
{
	struct str pattern, by;

	out->what = rule_get(r, STR("sender"), &pattern) ? REWRITE_SENDER : REWRITE_RCPT;
	if (!pattern_of(r, out->what, &pattern) || !pattern_normal(a, pattern, &pattern) ||
	    !rule_get(r, STR("to"), &out->to))
		return false;
	if (!rule_get(r, STR("by"), &by))
		by = STR("anybody");
	out->users = !str_eq(by, STR("servers"));
	out->servers = !str_eq(by, STR("users"));
	out->pattern = pattern_new(pattern);
	return out->pattern != NULL;
}

static void *rewrite_rules_take(struct str text, struct arena *a)
{
	struct rewrite_rules *out = arena_new(a, struct rewrite_rules);
	struct rules rules;

	if (rules_parse(text, a, &rules, NULL) != OK)
		return NULL;
	out->items = arena_array(a, struct rewrite_rule, rules.count);
	for (size_t i = 0; i < rules.count; i++)
		out->count += rule_take(&rules.items[i], a, &out->items[out->count]);
	return out;
}

static void rules_free(void *parsed)
{
	struct rewrite_rules *rules = parsed;

	for (size_t i = 0; i < rules->count; i++)
		pattern_free(&rules->items[i].pattern);
}

static const struct parsed_kind kind = { .parse = rewrite_rules_take, .free = rules_free };

/* --- rewriting ------------------------------------------------------------------------------- */

static bool rule_apply(const struct rewrite_rule *r, struct str text, struct arena *a,
                       struct mailaddr *out)
{
	struct pattern_match match;

	return pattern_takes(r->pattern, text, &match) &&
	       mailaddr_of(pattern_fill(a, r->to, &match), a, MAILADDR_UTF8, out);
}

bool rewrite_address(const struct settings *s, enum rewrite_what what, bool user, struct arena *a,
                     struct mailaddr *address)
{
	struct mailaddr was = *address, to;
	const struct rewrite_rules *rules;
	struct str whole;

	if (s->rewrite.n == 0 || mailaddr_is_null(address))
		return false;
	rules = settings_parsed(s, s->rewrite, &kind);
	whole = mailaddr_text(a, address);
	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		const struct rewrite_rule *r = &rules->items[i];

		if (r->what != what || !(user ? r->users : r->servers) ||
		    !rule_apply(r, whole, a, &to))
			continue;
		*address = to;
		return !mailaddr_equal(&was, &to);
	}
	return false;
}
