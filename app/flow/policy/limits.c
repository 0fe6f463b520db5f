/* flow/policy/limits.c: see limits.h. */
#include "flow/policy/limits.h"

#include "flow/policy/blocks/blocks.h"
#include "flow/policy/blocks/hold.h"
#include "flow/policy/limits_rules.h"
#include "flow/policy/network.h"
#include "flow/policy/run.h"
#include "foundation/base/clock.h"
#include "foundation/config/parsed.h"
#include "foundation/observe/event.h"

enum { DAY_MS = 24 * 3600 * 1000, KNOWN_DAYS = 60 };

enum err limits_check(struct str text, struct why *why)
{
	struct limit_rules unused;
	struct arena a = { 0 };
	enum err e = limit_rules_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_LIMITS") : OK;
}

/* --- counted values ------------------------------------------------------------------------ */

static struct str limits_value_of(struct policy_run *r, enum limit_of of)
{
	const struct policy_session *s = policy_of(r);
	struct arena *a = policy_arena(r);
	char text[ADDR_TEXT_MAX];

	switch (of) {
	case LIMIT_OF_ACCOUNT:
		return s->login;
	case LIMIT_OF_ADDRESS:
		return str_dup(a, addr_ip_text(&s->peer, text));
	case LIMIT_OF_NETWORK:
		return str_dup(a, peer_network(&s->peer, text));
	case LIMIT_OF_HELO:
		return str_lower(a, s->helo);
	case LIMIT_OF_SENDER:
		return str_lower(a, mailaddr_text(a, &s->envelope.sender));
	case LIMIT_OF_SENDER_DOMAIN:
		return s->envelope.sender.domain;
	case LIMIT_OF_RECIPIENT:
		return str_lower(a, mailaddr_text(a, &s->rcpt));
	case LIMIT_OF_RECIPIENT_DOMAIN:
		return s->rcpt.domain;
	case LIMIT_OFS:
		break;
	}
	return STR_EMPTY;
}

/* The counted unit is the blocked unit: all addresses of an IPv6 peer. */
static struct str counted(struct policy_run *r, enum limit_of of, struct str value)
{
	char text[ADDR_TEXT_MAX];

	return of == LIMIT_OF_ADDRESS
	               ? str_dup(policy_arena(r), peer_host(&policy_of(r)->peer, text))
	               : value;
}

static bool of_rcpt(enum limit_of of)
{
	return of == LIMIT_OF_RECIPIENT || of == LIMIT_OF_RECIPIENT_DOMAIN;
}

/* Where values are counted, and the arena of keys and texts. */
struct counter {
	struct recall *recall;
	struct arena *a;
};

static struct counter counter_of(struct policy_run *r)
{
	return (struct counter){ r->policy->recall, policy_arena(r) };
}

static bool limits_take(struct counter c, const struct limit_rule *rule, enum limit_what what,
                        struct str value)
{
	struct str key;

	if (rule->what[what].max == 0)
		return true;
	key = str_fmt(c.a, "%s %d %.*s", limit_of_name(rule->of), what, STR_ARG(value));
	return recall_take(c.recall, key, 1, rule->what[what].max,
	                   (int64_t)rule->what[what].period_s * 1000);
}

/* Known recipients are refreshed without a row for each message. */
static bool take_new(struct counter c, const struct limit_rule *rule, struct str account,
                     struct str rcpt, bool remember)
{
	struct str key = str_fmt(c.a, "%.*s %.*s", STR_ARG(account), STR_ARG(rcpt));
	int64_t now_ms = clock_real_ms(), until_ms = 0;
	bool known = recall_get(c.recall, RECALL_RCPT, key, &until_ms);

	if (!known && !limits_take(c, rule, LIMIT_NEW_RECIPIENTS, account))
		return false;
	if (remember && (!known || until_ms - now_ms < (int64_t)KNOWN_DAYS / 2 * DAY_MS)) {
		until_ms = now_ms + (int64_t)KNOWN_DAYS * DAY_MS;
		recall_put(c.recall, RECALL_RCPT, key, until_ms, until_ms);
	}
	return true;
}

/* --- consequences -------------------------------------------------------------------- */

/* Which limit was reached; it is logged. */
static struct str beyond_text(struct arena *a, const struct limit_rule *rule, enum limit_what what,
                              struct str value, struct str session)
{
	static const char *const names[] = { "messages", "recipients", "new recipients",
		                             "unknown recipients" };
	struct str text = str_fmt(a, "more than %" PRIu64 " %s in %" PRIu64 " minutes (%s)",
	                          rule->what[what].max, names[what],
	                          (rule->what[what].period_s + 59) / 60, limit_of_name(rule->of));

	event(policy_limit, session, ev_z(limit_of_name(rule->of)), ev_str(value), ev_str(text));
	return text;
}

static void beyond(struct policy_run *r, const struct limit_rule *rule, enum limit_what what,
                   struct str value)
{
	struct policy_answer then = policy_usually(rule->then, 450, "4.7.1"); /* RFC 3463 3.8 */
	struct str text = beyond_text(policy_arena(r), rule, what, value, policy_of(r)->id);

	if (rule->hold)
		hold_sending(r, then.text.n != 0 ? then.text : text, rule->hold_ms);
	else
		policy_say(r, &then, "%.*s%s", STR_ARG(text),
		           then.kind == POLICY_TEMPFAIL ? ", try again later" : "");
}

/* --- the check ------------------------------------------------------------------------------- */

/* Rows of each kind count independently; the strictest verdict wins. */
static void limits_lookup(struct policy_run *r, const struct limit_rules *rules, enum limit_of of)
{
	enum limit_what what = LIMIT_MESSAGES;
	const struct limit_rule *rule;
	struct str value = limits_value_of(r, of);
	bool rcpt = policy_stage(r) == POLICY_RCPT;

	if (value.n == 0 || (of_rcpt(of) && !rcpt))
		return;
	if (rcpt && policy_of(r)->rcpt_unknown)
		what = LIMIT_UNKNOWN;
	else if (rcpt && !of_rcpt(of))
		what = LIMIT_RECIPIENTS;
	/* Loopback must not be blocked, and relays mail of others. */
	if (what == LIMIT_UNKNOWN && addr_is_loopback(&policy_of(r)->peer))
		return;
	rule = limit_rule_find(rules, of, value, what, policy_of(r)->role);
	if (rule == NULL)
		return;
	value = counted(r, of, value);
	if (!limits_take(counter_of(r), rule, what, value))
		beyond(r, rule, what, value);
	else if (what == LIMIT_RECIPIENTS && of == LIMIT_OF_ACCOUNT &&
	         !take_new(counter_of(r), rule, value, limits_value_of(r, LIMIT_OF_RECIPIENT),
	                   true))
		beyond(r, rule, LIMIT_NEW_RECIPIENTS, value);
}

static void *limits_rules_take(struct str text, struct arena *a)
{
	struct limit_rules *rules = arena_new(a, struct limit_rules);

	return limit_rules_parse(text, a, rules, NULL) == OK ? rules : NULL;
}

/* NULL: none. */
static const struct limit_rules *limits_rules_of(const struct settings *s)
{
	static const struct parsed_kind kind = { .parse = limits_rules_take };

	return settings_parsed(s, s->limits, &kind);
}

enum policy_need limits_need(const struct policy_run *r)
{
	return policy_settings(r)->limits.n != 0 && r->policy->recall != NULL ? POLICY_QUICK
	                                                                     : POLICY_NO;
}

void limits_run(struct policy_run *r)
{
	const struct limit_rules *rules = limits_rules_of(policy_settings(r));

	for (enum limit_of of = LIMIT_OF_ADDRESS; rules != NULL && of < LIMIT_OFS; of++)
		limits_lookup(r, rules, of);
}

enum policy_need account_limits_need(const struct policy_run *r)
{
	return policy_of(r)->account != 0 && r->policy->recall != NULL ? POLICY_QUICK : POLICY_NO;
}

void account_limits_run(struct policy_run *r)
{
	const struct limit_rules *rules = limits_rules_of(policy_settings(r));

	if (hold_refuses(r))
		return;
	if ((policy_stage(r) == POLICY_MAIL || policy_stage(r) == POLICY_RCPT) && rules != NULL)
		limits_lookup(r, rules, LIMIT_OF_ACCOUNT);
}

/* --- mail of filters -------------------------------------------------------------------------- */

/* The account is not held, because remote senders cause this mail. */
bool limits_filtered_take(const struct limits_filtered *m, struct arena *a, struct str *why)
{
	const struct limit_rules *rules = limits_rules_of(m->settings);
	const struct counter c = { m->recall, a };
	enum limit_what beyond_what;
	const struct limit_rule *rule;

	if (m->recall == NULL || rules == NULL)
		return true;
	rule = limit_rule_find(rules, LIMIT_OF_ACCOUNT, m->account, LIMIT_MESSAGES,
	                       POLICY_SUBMISSION);
	if (rule == NULL)
		return true;
	if (!limits_take(c, rule, LIMIT_MESSAGES, m->account))
		beyond_what = LIMIT_MESSAGES;
	else if (!limits_take(c, rule, LIMIT_RECIPIENTS, m->account))
		beyond_what = LIMIT_RECIPIENTS;
	else if (!take_new(c, rule, m->account, str_lower(a, mailaddr_text(a, m->rcpt)),
	                   m->chosen))
		beyond_what = LIMIT_NEW_RECIPIENTS;
	else
		return true;
	*why = beyond_text(a, rule, beyond_what, m->account, m->session);
	return false;
}
