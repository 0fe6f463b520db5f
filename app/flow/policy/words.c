/* flow/policy/words.c: see words.h. */
#include "flow/policy/words.h"

#include "flow/policy/reply_code.h"
#include "foundation/base/cur.h"
#include "foundation/config/value.h"
#include "foundation/text/utf8.h"

enum { DELAY_S = 5, BLOCK_S = 3600 }; /* defaults if a setting has no duration */

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

/* --- a verdict ------------------------------------------------------------------------------ */

/* "tag", "delay", "delay:10s", "block:1d" */
static bool kind_take(struct str word, struct policy_answer *out)
{
	struct cur c = cur_of(word);
	struct str name = word;
	bool timed = cur_until(&c, ':', &name);
	uint64_t seconds;

	out->block = str_eqi(name, STR("block"));
	if (out->block)
		out->kind = POLICY_REJECT;
	else if (!policy_kind_parse(name, &out->kind))
		return false;
	seconds = out->block ? BLOCK_S : out->kind == POLICY_DELAY ? DELAY_S : 0;
	cur_byte(&c, ':');
	if (timed && (seconds == 0 || !value_seconds(cur_rest(&c), &seconds) || seconds == 0))
		return false;
	out->ms = (int64_t)seconds * 1000;
	return true;
}

static bool refuses(const struct policy_answer *as)
{
	return as->kind == POLICY_TEMPFAIL || as->kind == POLICY_REJECT;
}

static unsigned verdict_class_of(const struct policy_answer *as)
{
	return as->kind == POLICY_TEMPFAIL ? 4 : 5;
}

static enum err code_take(const struct rule *rule, bool named, struct policy_answer *out,
                          struct why *why)
{
	struct str word;
	bool code = rule_get(rule, STR("code"), &word);

	if (code && (out->code = reply_code_parse(word)) == 0)
		return rule_fail(rule, why,
		                 "code is 400 to 459 of tempfail, 500 to 559 of reject");
	if (code && !named)
		out->kind = out->code < 500 ? POLICY_TEMPFAIL : POLICY_REJECT;
	if (code &&
	    (!refuses(out) || out->block || !reply_code_is(out->code, verdict_class_of(out))))
		return rule_fail(rule, why,
		                 "a code goes with its verdict: 4xx with tempfail, 5xx "
		                 "with reject");
	if (!rule_get(rule, STR("status"), &out->enhanced))
		return OK;
	if (!refuses(out) || out->block || !reply_status_is(out->enhanced, verdict_class_of(out)))
		return rule_fail(rule, why,
		                 "status is like 4.7.1 with tempfail, 5.7.1 with reject");
	return OK;
}

/* No control characters, including those of Unicode (U+0080 to U+009F). */
static bool text_ok(struct str text)
{
	struct cur c = cur_of(text);

	if (text.n > POLICY_TEXT_MAX || !utf8_valid(text))
		return false;
	while (!cur_done(&c)) {
		uint32_t x = utf8_next(&c);

		if (x < ' ' || (x >= 0x7f && x <= 0x9f))
			return false;
	}
	return true;
}

enum err policy_answer_take(const struct rule *rule, struct str verdict,
                            struct policy_answer *out, struct why *why)
{
	enum err e;

	if (verdict.n != 0 && !kind_take(verdict, out))
		return rule_fail(rule, why, "a verdict is " POLICY_VERDICTS);
	if ((e = code_take(rule, verdict.n != 0 || out->kind == POLICY_PASS, out, why)))
		return e;
	if (rule_get(rule, STR("text"), &out->text) && !text_ok(out->text))
		return rule_fail(rule, why, "text has at most %d bytes and no control characters",
		                 POLICY_TEXT_MAX);
	return OK;
}

enum err policy_verdict_take(const struct rule *rule, struct policy_answer *out, struct why *why)
{
	struct str word = STR_EMPTY;

	if (rule_get(rule, STR("verdict"), &word) && word.n == 0)
		return rule_fail(rule, why, "a verdict is " POLICY_VERDICTS);
	return policy_answer_take(rule, word, out, why);
}

/* --- a setting of one line ------------------------------------------------------------------ */

enum err policy_line_parse(struct str text, struct arena *a, const struct rule **out,
                           struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	*out = NULL;
	if (e)
		return e;
	if (rules.count > 1)
		return rule_fail(&rules.items[1], why, "there is one line only");
	if (rules.count == 1)
		*out = rules.items;
	return OK;
}

static enum err level_take(const struct rule *rule, const char *const *names,
                           struct policy_level *out, struct why *why)
{
	static const struct rule_key keys[] = { { "", false },
		                                { "verdict", false },
		                                POLICY_ANSWER_KEYS };
	struct str word;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	if (e || (e = policy_verdict_take(rule, &out->verdict, why)))
		return e;
	if (!rule_get(rule, STR(""), &word))
		return rule_fail(rule, why, "a mode or off is missing");
	for (out->level = 0; names[out->level] != NULL; out->level++)
		if (str_eqi(word, str_of(names[out->level])))
			return OK;
	return rule_fail(rule, why, "the words are off%s%s...", ", ", names[1]);
}

enum err policy_level_parse(struct str text, struct arena *a, const char *const *names,
                            struct policy_level *out, struct why *why)
{
	const struct rule *rule;
	enum err e = policy_line_parse(text, a, &rule, why);

	*out = (struct policy_level){ .verdict = { .kind = POLICY_REJECT } };
	return e == OK && rule != NULL ? level_take(rule, names, out, why) : e;
}

enum err policy_level_check(struct str text, const char *const *names, const char *variable,
                            struct why *why)
{
	struct arena a = { 0 };
	struct policy_level unused;
	enum err e = policy_level_parse(text, &a, names, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, variable) : OK;
}

struct policy_level policy_level_of(struct str text, struct arena *a, const char *const *names)
{
	struct policy_level level;

	if (policy_level_parse(text, a, names, &level, NULL) != OK)
		level.level = 0;
	return level;
}

unsigned policy_level_only(struct str text, const char *const *names)
{
	struct arena a = { 0 };
	unsigned level = policy_level_of(text, &a, names).level;

	arena_deinit(&a);
	return level;
}
