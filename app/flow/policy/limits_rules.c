/* flow/policy/limits_rules.c: see limits_rules.h. */
#include "flow/policy/limits_rules.h"

#include "flow/policy/milter/milter_rules.h"
#include "flow/policy/words.h"
#include "foundation/base/cur.h"
#include "foundation/config/value.h"

static const char *const ofs[LIMIT_OFS] = {
	[LIMIT_OF_ACCOUNT] = "account",
	[LIMIT_OF_ADDRESS] = "address",
	[LIMIT_OF_NETWORK] = "network",
	[LIMIT_OF_HELO] = "helo",
	[LIMIT_OF_SENDER] = "sender",
	[LIMIT_OF_SENDER_DOMAIN] = "sender-domain",
	[LIMIT_OF_RECIPIENT] = "recipient",
	[LIMIT_OF_RECIPIENT_DOMAIN] = "recipient-domain",
};

static const char *const whats[LIMIT_WHATS] = { "messages", "recipients",
	                                          "new-recipients", "unknown" };

const char *limit_of_name(enum limit_of of)
{
	assert(of < LIMIT_OFS);
	return ofs[of];
}

static bool word_find(struct str word, const char *const *words, size_t count, unsigned *out)
{
	for (unsigned i = 0; i < count; i++) {
		if (!str_eqi(word, str_of(words[i])))
			continue;
		*out = i;
		return true;
	}
	return false;
}

/* "200/1h", "off" */
static bool rate_take(struct str word, struct limit_rule *out, unsigned what)
{
	struct cur c = cur_of(word);
	struct str max;

	out->what[what].given = true;
	if (str_eqi(word, STR("off")))
		return true;
	if (!cur_until(&c, '/', &max))
		return false;
	cur_byte(&c, '/');
	return value_count(max, &out->what[what].max) && out->what[what].max != 0 &&
	       value_seconds(cur_rest(&c), &out->what[what].period_s) &&
	       out->what[what].period_s != 0;
}

static enum err rates_take(const struct rule *rule, struct limit_rule *out, struct why *why)
{
	struct str word;

	for (unsigned i = 0; i < LIMIT_WHATS; i++)
		if (rule_get(rule, str_of(whats[i]), &word) && !rate_take(word, out, i))
			return rule_fail(rule, why, "%s is a rate like 200/1h, or off", whats[i]);
	return OK;
}

/* "hold", "hold:1d" */
static bool hold_take(struct str word, struct limit_rule *out)
{
	uint64_t seconds = 0;
	struct cur c = cur_of(word);
	struct str name = word;
	bool timed = cur_until(&c, ':', &name);

	if (!str_eqi(name, STR("hold")))
		return false;
	cur_byte(&c, ':');
	if (timed && !value_seconds(cur_rest(&c), &seconds))
		return false;
	out->hold = true;
	out->hold_ms = seconds == 0 ? INT64_MAX : (int64_t)seconds * 1000;
	return true;
}

/* The words of all checks, and hold. */
static enum err then_take(const struct rule *rule, struct limit_rule *out, struct why *why)
{
	struct str word = STR("tempfail");
	bool given = rule_get(rule, STR("then"), &word);
	enum err e;

	out->then.kind = POLICY_TEMPFAIL;
	if (given && hold_take(word, out)) {
		out->then.kind = POLICY_PASS; /* so a code is an error */
		word = STR_EMPTY;
	} else if (given && word.n == 0) {
		return rule_fail(rule, why, "then is " POLICY_VERDICTS ", or hold:1d");
	} else if (!given) {
		word = STR_EMPTY; /* a code may make it a reject */
	}
	if ((e = policy_answer_take(rule, word, &out->then, why)))
		return e;
	if (out->then.kind == POLICY_ACCEPT)
		return rule_fail(rule, why,
		                 "who has no limit gets a row of his own before, with "
		                 "messages=off");
	out->then.network = out->of == LIMIT_OF_NETWORK;
	return OK;
}

/* Rows about accounts apply to users only; on= may say so or be absent. */
static enum err roles_take(const struct rule *rule, struct limit_rule *out, struct why *why)
{
	struct str word;

	out->roles = out->of == LIMIT_OF_ACCOUNT ? POLICY_SUBMISSION : POLICY_MX;
	if (!rule_get(rule, STR("on"), &word))
		return OK;
	if (!policy_roles_parse(word, &out->roles) || (out->roles & POLICY_LMTP))
		return rule_fail(rule, why, "on is a list of mx and submission");
	if (out->of == LIMIT_OF_ACCOUNT && out->roles != POLICY_SUBMISSION)
		return rule_fail(rule, why, "only users log in: account goes with on=submission");
	return OK;
}

/* Reject a row that could never count. */
static enum err use_check(const struct rule *rule, const struct limit_rule *row, struct why *why)
{
	bool peer = row->of == LIMIT_OF_ADDRESS || row->of == LIMIT_OF_NETWORK;
	bool rcpt = row->of == LIMIT_OF_RECIPIENT || row->of == LIMIT_OF_RECIPIENT_DOMAIN;

	if (peer && str_find_byte(row->match, '/') >= 0)
		return rule_fail(rule, why,
		                 "for is a pattern like 198.51.100.*, no network with a /");
	if (rcpt && row->what[LIMIT_RECIPIENTS].max != 0)
		return rule_fail(rule, why,
		                 "what comes for a recipient is counted by messages=");
	if (row->of != LIMIT_OF_ACCOUNT &&
	    (row->hold || row->what[LIMIT_NEW_RECIPIENTS].max != 0))
		return rule_fail(rule, why, "new-recipients and hold are for accounts only");
	return OK;
}

static enum err limit_rule_row_take(const struct rule *rule, struct arena *a,
                                    struct limit_rule *out, struct why *why)
{
	static const struct rule_key keys[] = { { "", false },           { "for", false },
		                                { "messages", false },   { "recipients", false },
		                                { "new-recipients", false }, { "unknown", false },
		                                { "then", false },       { "on", false },
		                                POLICY_ANSWER_KEYS };
	struct str word;
	unsigned of;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	*out = (struct limit_rule){ 0 };
	if (e)
		return e;
	if (!rule_get(rule, STR(""), &word) || !word_find(word, ofs, LIMIT_OFS, &of))
		return rule_fail(rule, why,
		                 "begin with account, address, network, helo, sender, "
		                 "sender-domain, recipient or recipient-domain");
	out->of = (enum limit_of)of;
	if (rule_get(rule, STR("for"), &word) && !rule_domains(a, word, &out->match))
		return rule_fail(rule, why, RULE_DOMAINS);
	if ((e = roles_take(rule, out, why)) || (e = rates_take(rule, out, why)))
		return e;
	if ((e = then_take(rule, out, why)))
		return e;
	return use_check(rule, out, why);
}

enum err limit_rules_parse(struct str text, struct arena *a, struct limit_rules *out,
                           struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	*out = (struct limit_rules){ 0 };
	if (e)
		return e;
	out->items = arena_array(a, struct limit_rule, rules.count);
	for (size_t i = 0; e == OK && i < rules.count; i++)
		e = limit_rule_row_take(&rules.items[i], a, &out->items[out->count++], why);
	return e;
}

const struct limit_rule *limit_rule_find(const struct limit_rules *rules, enum limit_of of,
                                         struct str value, enum limit_what what, unsigned role)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct limit_rule *r = &rules->items[i];

		if (!(r->roles & role) || (what == LIMIT_UNKNOWN && !r->what[what].given))
			continue;
		if (r->of == of && (r->match.n == 0 || rule_fits(r->match, value)))
			return r;
	}
	return NULL;
}
