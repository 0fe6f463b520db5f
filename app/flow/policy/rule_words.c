/* flow/policy/rule_words.c: words shared by the rules of filters and hooks; see
 * milter_rules.h. */
#include "flow/policy/milter/milter_rules.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"

enum { WAIT_MAX_S = 600 };

struct word {
	const char *name;
	unsigned bits;
};

static const struct word roles[] = {
	{ "mx", POLICY_MX },
	{ "submission", POLICY_SUBMISSION },
	{ "lmtp", POLICY_LMTP },
};
static const struct word stages[] = {
	{ "connect", BIT(POLICY_CONNECT) }, { "hello", BIT(POLICY_HELLO) },
	{ "auth", BIT(POLICY_AUTH) },       { "mail", BIT(POLICY_MAIL) },
	{ "rcpt", BIT(POLICY_RCPT) },       { "data", BIT(POLICY_DATA) },
	{ "end", BIT(POLICY_END) },
};
static const struct word failures[] = {
	{ "accept", POLICY_PASS },
	{ "quarantine", POLICY_QUARANTINE },
	{ "tempfail", POLICY_TEMPFAIL },
	{ "reject", POLICY_REJECT },
};

static bool word_find(const struct word *words, size_t n, struct str name, unsigned *bits)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(name, str_of(words[i].name))) {
			*bits = words[i].bits;
			return true;
		}
	return false;
}

static bool list_parse(const struct word *words, size_t n, struct str list, unsigned *out)
{
	struct cur c = cur_of(list);
	unsigned all = 0, bits;
	struct str name;

	do {
		if (!cur_until(&c, ',', &name)) {
			name = cur_rest(&c);
			cur_skip(&c, name.n);
		}
		if (!word_find(words, n, str_trim(name), &bits))
			return false;
		all |= bits;
	} while (cur_byte(&c, ','));
	*out = all;
	return true;
}

bool policy_roles_parse(struct str list, unsigned *out)
{
	return list_parse(roles, COUNT(roles), list, out);
}

bool policy_stages_parse(struct str list, unsigned *out)
{
	return list_parse(stages, COUNT(stages), list, out);
}

bool policy_failure_parse(struct str word, enum policy_kind *out)
{
	unsigned kind;

	if (!word_find(failures, COUNT(failures), word, &kind))
		return false;
	*out = (enum policy_kind)kind;
	return true;
}

enum err policy_rule_ms(const struct rule *r, const char *key, int64_t *ms, struct why *why)
{
	struct str value;
	uint64_t s;

	if (!rule_get(r, str_of(key), &value))
		return OK;
	if (!value_seconds(value, &s) || s == 0 || s > WAIT_MAX_S)
		return rule_fail(r, why, "%s is a time like 30s, at most 10m", key);
	*ms = (int64_t)s * 1000;
	return OK;
}
