/* flow/policy/milter/milter_rules.c: see milter_rules.h. */
#include "flow/policy/milter/milter_rules.h"

#include "foundation/config/limits.h"
#include "foundation/config/rules.h"

/* Postfix's defaults. The last one is shorter: well below the shortest time that a client
 * waits after DATA (RFC 5321 4.5.3.2.6). */
static const struct milter_rule usual = {
	.roles = POLICY_MX | POLICY_SUBMISSION,
	.stages = BIT(POLICY_STAGES) - 1,
	.fail = POLICY_TEMPFAIL,
	.version = MILTER_VERSION_MAX,
	.connect_ms = 10000,
	.command_ms = 30000,
	.message_ms = 120000,
};

static enum err version_parse(const struct rule *r, uint32_t *out, struct why *why)
{
	struct str text;
	struct cur c;

	if (!rule_get(r, STR("version"), &text))
		return OK;
	c = cur_of(text);
	if (!cur_u32(&c, out) || !cur_done(&c) || *out < MILTER_VERSION_MIN ||
	    *out > MILTER_VERSION_MAX)
		return rule_fail(r, why, "version is 2 to 6");
	return OK;
}

static enum err times_parse(const struct rule *r, struct milter_rule *out, struct why *why)
{
	enum err e = policy_rule_ms(r, "connect", &out->connect_ms, why);

	if (e == OK)
		e = policy_rule_ms(r, "command", &out->command_ms, why);
	if (e == OK)
		e = policy_rule_ms(r, "message", &out->message_ms, why);
	return e;
}

static enum err milter_rule_read(const struct rule *r, struct milter_rule *out, struct why *why)
{
	static const struct rule_key keys[] = {
		{ "", false },        { "name", false },    { "for", false },
		{ "stages", false },  { "fail", false },    { "version", false },
		{ "connect", false }, { "command", false }, { "message", false },
	};
	struct str text;
	enum err e = rule_check(r, keys, COUNT(keys), why);

	if (e)
		return e;
	*out = usual;
	if (!rule_get(r, STR(""), &text) || !milter_address_parse(text, &out->at))
		return rule_fail(r, why,
		                 "a filter is at inet:HOST:PORT or unix:/PATH, the first word");
	out->name = text;
	if (rule_get(r, STR("name"), &text) && text.n != 0)
		out->name = text;
	if (rule_get(r, STR("for"), &text) && !policy_roles_parse(text, &out->roles))
		return rule_fail(r, why, "for is a comma list of mx and submission");
	if (rule_get(r, STR("stages"), &text) && !policy_stages_parse(text, &out->stages))
		return rule_fail(
			r, why, "stages is a comma list of connect, hello, mail, rcpt, data, end");
	if (rule_get(r, STR("fail"), &text) && !policy_failure_parse(text, &out->fail))
		return rule_fail(r, why, "fail is accept, quarantine, tempfail or reject");
	if ((e = version_parse(r, &out->version, why)))
		return e;
	return times_parse(r, out, why);
}

enum err milter_rules_parse(struct str text, struct arena *a, struct milter_rules *out,
                            struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	if (e)
		return e;
	if (rules.count > LIMIT_milters)
		return fail(why, ERR_SYNTAX, "at most %d filters", LIMIT_milters);
	out->items = arena_array(a, struct milter_rule, rules.count);
	out->count = rules.count;
	for (size_t i = 0; i < rules.count; i++)
		if ((e = milter_rule_read(&rules.items[i], &out->items[i], why)))
			return e;
	return OK;
}
