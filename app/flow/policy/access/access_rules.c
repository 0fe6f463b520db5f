/* flow/policy/access/access_rules.c: see access_rules.h. */
#include "flow/policy/access/access_rules.h"

#include "flow/policy/check.h"
#include "flow/policy/milter/milter_rules.h"
#include "flow/policy/words.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"

/* --- syntax -------------------------------------------------------------------------------- */

/* The first stage that has all facts of the rule. */
static enum policy_stage stage_of(const struct access_rule *rule)
{
	if (rule->to.n != 0)
		return POLICY_RCPT;
	if (rule->from.n != 0)
		return POLICY_MAIL;
	if (rule->login.n != 0)
		return POLICY_AUTH;
	if (rule->helo.n != 0 || rule->name.n != 0)
		return POLICY_HELLO;
	return POLICY_CONNECT;
}

enum err access_rule_take(const struct rule *rule, struct arena *a, struct access_rule *out,
                          struct why *why)
{
	static const struct rule_key keys[] = { { "", false },     { "peer", false },
		                                { "name", false }, { "helo", false },
		                                { "login", false }, { "from", false },
		                                { "to", false },    { "on", false },
		                                POLICY_ANSWER_KEYS };
	struct str word;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	*out = (struct access_rule){ .verdict.kind = POLICY_REJECT,
		                     .roles = POLICY_MX,
		                     .until_ms = INT64_MAX };
	if (e)
		return e;
	if (!rule_get(rule, STR(""), &word) || word.n == 0)
		return rule_fail(rule, why, "begin with a verdict: " POLICY_VERDICTS);
	if ((e = policy_answer_take(rule, word, &out->verdict, why)))
		return e;
	if (rule_get(rule, STR("peer"), &word)) {
		out->has_peers = true;
		if (network_list_parse(a, word, &out->peers, NULL) != OK || out->peers.count == 0)
			return rule_fail(rule, why, "peer is a list of networks like 192.0.2.0/24");
	}
	rule_get(rule, STR("login"), &out->login);
	if (out->login.n != 0)
		out->roles = POLICY_SUBMISSION;
	if (rule_get(rule, STR("on"), &word) && (!policy_roles_parse(word, &out->roles) ||
	                                         (out->roles & POLICY_LMTP)))
		return rule_fail(rule, why, "on is a list of mx and submission");
	if (out->login.n != 0 && out->roles != POLICY_SUBMISSION)
		return rule_fail(rule, why, "only users log in: login= goes with on=submission");
	rule_get(rule, STR("name"), &out->name);
	rule_get(rule, STR("helo"), &out->helo);
	rule_get(rule, STR("from"), &out->from);
	rule_get(rule, STR("to"), &out->to);
	if (!rule_domains(a, out->name, &out->name) || !rule_domains(a, out->helo, &out->helo) ||
	    !rule_domains(a, out->login, &out->login) ||
	    !rule_domains(a, out->from, &out->from) || !rule_domains(a, out->to, &out->to))
		return rule_fail(rule, why, RULE_DOMAINS);
	out->stage = stage_of(out);
	if (!out->has_peers && out->stage == POLICY_CONNECT)
		return rule_fail(rule, why, "say about whom: peer=, name=, helo=, login=, "
		                 "from= or to=");
	return OK;
}

enum err access_rules_parse(struct str text, struct arena *a, struct access_rules *out,
                            struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	*out = (struct access_rules){ 0 };
	if (e)
		return e;
	out->items = arena_array(a, struct access_rule, rules.count);
	for (size_t i = 0; e == OK && i < rules.count; i++)
		e = access_rule_take(&rules.items[i], a, &out->items[out->count++], why);
	return e;
}

/* --- matching ------------------------------------------------------------------------------ */

struct facts {
	const struct policy_session *s;
	enum policy_stage stage;
	struct str from, to;
	int64_t now_ms;
};

static bool access_rule_fits(const struct access_rule *rule, const struct facts *f)
{
	const struct policy_session *s = f->s;

	return rule->stage == f->stage && (rule->roles & s->role) && rule->until_ms > f->now_ms &&
	       (!rule->has_peers || network_list_has(&rule->peers, &s->peer)) &&
	       (rule->name.n == 0 || rule_fits(rule->name, s->peer_name)) &&
	       (rule->helo.n == 0 || rule_fits(rule->helo, s->helo)) &&
	       (rule->login.n == 0 || (s->account != 0 && rule_fits(rule->login, s->login))) &&
	       (rule->from.n == 0 || rule_fits(rule->from, f->from)) &&
	       (rule->to.n == 0 || rule_fits(rule->to, f->to));
}

const struct access_rule *access_rules_fit(const struct access_rules *rules, struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	struct facts f = { .s = s, .stage = policy_stage(r), .now_ms = clock_real_ms() };

	if (f.stage >= POLICY_MAIL)
		f.from = mailaddr_text(policy_arena(r), &s->envelope.sender);
	if (f.stage == POLICY_RCPT)
		f.to = mailaddr_text(policy_arena(r), &s->rcpt);
	for (size_t i = 0; i < rules->count; i++)
		if (access_rule_fits(&rules->items[i], &f))
			return &rules->items[i];
	return NULL;
}
