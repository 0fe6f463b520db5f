/* flow/policy/grey.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/network.h"
#include "flow/policy/run.h"
#include "flow/policy/words.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "foundation/config/value.h"

struct grey {
	bool on;
	struct str match;
	uint64_t delay_s, window_s, keep_s;
	struct policy_answer verdict;
};

/* --- the setting --------------------------------------------------------------------------- */

static enum err grey_row_take(const struct rule *rule, struct arena *a, struct grey *g,
                              struct why *why)
{
	static const struct rule_key keys[] = { { "", false },       { "delay", false },
		                                { "window", false }, { "keep", false },
		                                { "for", false },    { "verdict", false },
		                                POLICY_ANSWER_KEYS };
	const struct {
		const char *key;
		uint64_t *to;
	} times[] = { { "delay", &g->delay_s },
		      { "window", &g->window_s },
		      { "keep", &g->keep_s } };
	struct str word;
	enum err e = rule_check(rule, keys, COUNT(keys), why);

	if (e)
		return e;
	if (!rule_get(rule, STR(""), &word) || !value_bool(word, &g->on))
		return rule_fail(rule, why, "begin with on or off");
	if (rule_get(rule, STR("for"), &word) && !rule_domains(a, word, &g->match))
		return rule_fail(rule, why, RULE_DOMAINS);
	for (size_t i = 0; i < COUNT(times); i++)
		if (rule_get(rule, str_of(times[i].key), &word) &&
		    (!value_seconds(word, times[i].to) || *times[i].to == 0))
			return rule_fail(rule, why, "%s is a time like 5m", times[i].key);
	if (g->delay_s >= g->window_s)
		return rule_fail(rule, why, "window is longer than delay");
	return policy_verdict_take(rule, &g->verdict, why);
}

static enum err grey_parse(struct str text, struct arena *a, struct grey *g, struct why *why)
{
	const struct rule *rule;
	enum err e = policy_line_parse(text, a, &rule, why);

	*g = (struct grey){ .delay_s = 300,
		            .window_s = 2 * 86400,
		            .keep_s = 36 * 86400,
		            .verdict.kind = POLICY_TEMPFAIL };
	return e == OK && rule != NULL ? grey_row_take(rule, a, g, why) : e;
}

enum err grey_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct grey unused;
	enum err e = grey_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_GREYLIST") : OK;
}

/* --- deferred mail ---------------------------------------------------------------------------- */

enum policy_need grey_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	struct str text = policy_settings(r)->greylist;

	if (text.n == 0 || str_eqi(text, STR("off")) || r->policy->recall == NULL)
		return POLICY_NO;
	if (s->account != 0 || addr_is_private(&s->peer) || mailaddr_is_null(&s->envelope.sender) ||
	    str_eqi(s->rcpt.local, STR("postmaster")))
		return POLICY_NO;
	return POLICY_QUICK;
}

/* An address that the recipient has written to may reply. */
static bool correspondent(struct policy_run *r, struct str from, struct str rcpt)
{
	struct str key = str_fmt(policy_arena(r), "%.*s %.*s", STR_ARG(rcpt), STR_ARG(from));
	int64_t unused;

	return recall_get(r->policy->recall, RECALL_RCPT, key, &unused);
}

static void grey_greet(struct policy_run *r, const struct grey *g, struct str network)
{
	int64_t until_ms = clock_real_ms() + (int64_t)g->keep_s * 1000, known_ms = 0;

	/* Do not write a row for each message. */
	if (recall_get(r->policy->recall, RECALL_GREETED, network, &known_ms) &&
	    until_ms - known_ms < (int64_t)g->keep_s * 1000 / 10)
		return;
	recall_put(r->policy->recall, RECALL_GREETED, network, until_ms, until_ms);
}

/* A verdict that only marks the mail makes the network known after the same time. */
static void put_off(struct policy_run *r, const struct grey *g, int64_t ms)
{
	policy_say(r, &g->verdict, "not seen before, please come back in %" PRId64 " seconds",
	           (ms + 999) / 1000);
}

void grey_run(struct policy_run *r)
{
	struct arena *a = policy_arena(r);
	struct str from = str_lower(a, mailaddr_text(a, &policy_of(r)->envelope.sender));
	struct str rcpt = str_lower(a, mailaddr_text(a, &policy_of(r)->rcpt));
	char room[ADDR_TEXT_MAX];
	struct str network = peer_network(&policy_of(r)->peer, room), key;
	int64_t now_ms = clock_real_ms(), first_ms = 0, ready_ms;
	struct grey g;

	if (grey_parse(policy_settings(r)->greylist, a, &g, NULL) != OK || !g.on ||
	    (g.match.n != 0 && !rule_fits(g.match, rcpt)) || correspondent(r, from, rcpt))
		return;
	if (recall_get(r->policy->recall, RECALL_GREETED, network, &first_ms)) {
		grey_greet(r, &g, network);
		return;
	}
	key = str_fmt(a, "%.*s %.*s %.*s", STR_ARG(network), STR_ARG(from), STR_ARG(rcpt));
	if (!recall_get(r->policy->recall, RECALL_GREY, key, &first_ms)) {
		recall_put(r->policy->recall, RECALL_GREY, key, now_ms,
		           now_ms + (int64_t)g.window_s * 1000);
		put_off(r, &g, (int64_t)g.delay_s * 1000);
		return;
	}
	ready_ms = first_ms + (int64_t)g.delay_s * 1000;
	if (now_ms < ready_ms && first_ms <= now_ms) /* if the clock was set back, do not
	                                              * wait longer */
		put_off(r, &g, ready_ms - now_ms);
	else
		grey_greet(r, &g, network);
}
