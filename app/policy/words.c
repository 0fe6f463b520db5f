/* policy/words.c: see words.h. */
#include "policy/words.h"

#include "base/cur.h"
#include "config/value.h"

bool policy_kind_parse(struct str word, enum policy_kind *out)
{
	for (enum policy_kind k = POLICY_PASS + 1; k < POLICY_KINDS; k++) {
		if (!str_eqi(word, str_of(policy_kind_name(k))))
			continue;
		*out = k;
		return true;
	}
	return false;
}

bool policy_answer_parse(struct str word, struct policy_answer *out)
{
	uint64_t seconds = POLICY_DELAY_S;
	struct cur c = cur_of(word);
	struct str name = word;
	bool timed = cur_until(&c, ':', &name);

	if (!policy_kind_parse(name, &out->kind))
		return false;
	cur_byte(&c, ':');
	if (timed && (out->kind != POLICY_DELAY || !value_seconds(cur_rest(&c), &seconds) ||
	              seconds == 0))
		return false;
	out->delay_ms = out->kind == POLICY_DELAY ? (int64_t)seconds * 1000 : 0;
	return true;
}

static enum err level_take(const struct rule *rule, const char *const *names,
                           struct policy_level *out, struct why *why)
{
	static const struct rule_key keys[] = { { "", false }, { "verdict", false } };
	struct str word;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	if (e)
		return e;
	if (rule_get(rule, STR("verdict"), &word) && !policy_answer_parse(word, &out->verdict))
		return rule_fail(rule, why,
		                 "verdict is tag, delay:5s, quarantine, tempfail, reject...");
	if (!rule_get(rule, STR(""), &word))
		return rule_fail(rule, why, "say how much is looked at, or off");
	for (out->level = 0; names[out->level] != NULL; out->level++)
		if (str_eqi(word, str_of(names[out->level])))
			return OK;
	return rule_fail(rule, why, "the words are off%s%s...", ", ", names[1]);
}

enum err policy_level_parse(struct str text, const char *const *names, struct policy_level *out,
                            struct why *why)
{
	struct arena a = { 0 };
	struct rules rules;
	enum err e = rules_parse(text, &a, &rules, why);

	*out = (struct policy_level){ 0, { POLICY_REJECT, 0 } };
	if (e == OK && rules.count > 1)
		e = rule_fail(&rules.items[1], why, "there is one line only");
	if (e == OK && rules.count == 1)
		e = level_take(&rules.items[0], names, out, why);
	arena_deinit(&a);
	return e;
}
