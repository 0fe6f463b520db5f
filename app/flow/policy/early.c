/* flow/policy/early.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/words.h"
#include "foundation/config/settings.h"
#include "foundation/config/value.h"

struct early {
	uint64_t wait_s;
	struct policy_answer verdict;
};

/* --- the setting --------------------------------------------------------------------------- */

static enum err early_row_take(const struct rule *rule, struct early *out, struct why *why)
{
	static const struct rule_key keys[] = { { "", false },
		                                { "verdict", false },
		                                POLICY_ANSWER_KEYS };
	struct str word;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	if (e)
		return e;
	if (!rule_get(rule, STR(""), &word) ||
	    (!str_eqi(word, STR("off")) && !value_seconds(word, &out->wait_s)))
		return rule_fail(rule, why, "begin with a time like 3s, or off");
	return policy_verdict_take(rule, &out->verdict, why);
}

static enum err early_parse(struct str text, struct arena *a, struct early *out, struct why *why)
{
	const struct rule *rule;
	enum err e = policy_line_parse(text, a, &rule, why);

	*out = (struct early){ .verdict.kind = POLICY_REJECT };
	return e == OK && rule != NULL ? early_row_take(rule, out, why) : e;
}

enum err early_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct early unused;
	enum err e = early_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_GREETING_DELAY") : OK;
}

int64_t early_wait_ms(struct str text)
{
	struct arena a = { 0 };
	struct early early;
	enum err e = early_parse(text, &a, &early, NULL);

	arena_deinit(&a);
	return e ? 0 : (int64_t)early.wait_s * 1000;
}

/* --- the check ------------------------------------------------------------------------------- */

int64_t policy_greeting_delay_ms(const struct policy_session *s)
{
	if (s->role != POLICY_MX || addr_is_loopback(&s->peer))
		return 0;
	return early_wait_ms(s->settings->greeting_delay);
}

enum policy_need early_need(const struct policy_run *r)
{
	return policy_greeting_delay_ms(policy_of(r)) != 0 ? POLICY_QUICK : POLICY_NO;
}

void early_run(struct policy_run *r)
{
	struct early early;

	if (!policy_of(r)->early ||
	    early_parse(policy_settings(r)->greeting_delay, policy_arena(r), &early, NULL) != OK)
		return;
	early.verdict = policy_usually(early.verdict, 554, "5.5.1");
	policy_say(r, &early.verdict, "client sent data before the greeting");
}
