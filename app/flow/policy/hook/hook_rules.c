/* flow/policy/hook/hook_rules.c: see hook_rules.h. */
#include "flow/policy/hook/hook_rules.h"

#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"
#include "model/webhook/rules.h"

static const struct hook_rule usual = {
	.roles = POLICY_MX | POLICY_SUBMISSION,
	.stages = BIT(POLICY_END),
	.fail = POLICY_TEMPFAIL,
	.max = MIB(1),
	.timeout_ms = 10000,
};

static enum err body_parse(const struct rule *r, struct hook_rule *out, struct why *why)
{
	struct str text;

	if (rule_get(r, STR("body"), &text)) {
		out->full = str_eqi(text, STR("full"));
		if (!out->full && !str_eqi(text, STR("headers")))
			return rule_fail(r, why, "body is headers or full");
	}
	if (rule_get(r, STR("max"), &text) &&
	    (!value_bytes(text, &out->max) || out->max > LIMIT_hook_body))
		return rule_fail(r, why, "max is a size like 1M, at most %dM",
		                 (int)(LIMIT_hook_body >> 20));
	return OK;
}

static enum err hook_rule_read(const struct rule *r, struct arena *a, struct hook_rule *out,
                               struct why *why)
{
	static const struct rule_key keys[] = {
		{ "", false },     { "name", false },    { "for", false },
		{ "stages", false }, { "fail", false },  { "secret", false },
		{ "body", false }, { "max", false },     { "timeout", false },
	};
	struct str text;
	enum err e = rule_check(r, keys, COUNT(keys), why);

	if (e)
		return e;
	*out = usual;
	if (!rule_get(r, STR(""), &out->url) || !webhook_url_host(out->url, &out->name))
		return rule_fail(r, why, "a hook is at https://HOST/PATH, the first word");
	if (rule_get(r, STR("name"), &text) && text.n != 0)
		out->name = text;
	if (rule_get(r, STR("for"), &text) && !policy_roles_parse(text, &out->roles))
		return rule_fail(r, why, "for is a comma list of mx and submission");
	if (rule_get(r, STR("stages"), &text) && !policy_stages_parse(text, &out->stages))
		return rule_fail(r, why, "stages is a comma list of connect, hello, auth, mail, "
		                         "rcpt, data, end");
	if (rule_get(r, STR("fail"), &text) && !policy_failure_parse(text, &out->fail))
		return rule_fail(r, why, "fail is accept, quarantine, tempfail or reject");
	if ((e = webhook_secret_parse(r, a, &out->secret, why)) || (e = body_parse(r, out, why)))
		return e;
	return policy_rule_ms(r, "timeout", &out->timeout_ms, why);
}

enum err hook_rules_parse(struct str text, struct arena *a, struct hook_rules *out,
                          struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	if (e)
		return e;
	if (rules.count > LIMIT_hooks)
		return fail(why, ERR_SYNTAX, "at most %d hooks", LIMIT_hooks);
	out->items = arena_array(a, struct hook_rule, rules.count);
	out->count = rules.count;
	for (size_t i = 0; i < rules.count; i++)
		if ((e = hook_rule_read(&rules.items[i], a, &out->items[i], why)))
			return e;
	return OK;
}
