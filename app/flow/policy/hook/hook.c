/* flow/policy/hook/hook.c: see hook.h. */
#include "flow/policy/hook/hook.h"

#include "flow/policy/filter_health.h"
#include "flow/policy/hook/hook_ask.h"
#include "foundation/base/mem.h"
#include "foundation/config/parsed.h"

/* State of a session. */
struct hooks {
	uint32_t failed; /* BIT of each hook not called again for this message */
};

static void *hook_rules_take(struct str text, struct arena *a)
{
	struct hook_rules *rules = arena_new(a, struct hook_rules);

	if (hook_rules_parse(text, a, rules, NULL) != OK)
		rules->count = 0;
	return rules;
}

static const struct hook_rules *hook_rules_of(const struct policy_run *r)
{
	static const struct parsed_kind kind = { .parse = hook_rules_take };
	const struct settings *s = policy_settings(r);

	return settings_parsed(s, s->hooks, &kind);
}

enum policy_need hooks_need(const struct policy_run *r)
{
	const struct hook_rules *rules;

	if (policy_settings(r)->hooks.n == 0)
		return POLICY_NO;
	rules = hook_rules_of(r);
	for (size_t i = 0; i < rules->count; i++)
		if (policy_is_due(r, rules->items[i].roles, rules->items[i].stages))
			return POLICY_SLOW;
	return POLICY_NO;
}

static struct hooks *hooks_of(struct policy_run *r)
{
	void **state = policy_state(r);

	if (*state == NULL)
		*state = NEW(struct hooks);
	return *state;
}

/* --- responses ------------------------------------------------------------------- */

static enum err changes_grant(struct policy_run *r, const struct hook_rule *rule,
                              const struct hook_answer *answer, struct why *why)
{
	struct policy_changes requests;
	enum err e = OK;

	if (answer->change_count != 0 && policy_stage(r) != POLICY_END)
		return fail(why, ERR_SYNTAX, "a message can be changed at its end only");
	policy_changes_init(&requests);
	for (size_t i = 0; e == OK && i < answer->change_count; i++)
		e = policy_changes_add(&requests, policy_mail_arena(r), &answer->changes[i], why);
	if (e == OK)
		e = policy_change(r, &requests, why);
	if (e == OK && answer->change_count != 0)
		policy_changed(r, "%.*s: %zu changes of the message", STR_ARG(rule->name),
		               answer->change_count);
	return e;
}

static struct str hook_words(const struct hook_answer *answer, const char *else_text)
{
	return answer->text.n != 0 ? answer->text : str_of(else_text);
}

static void hook_refuse(struct policy_run *r, const struct hook_answer *a)
{
	bool passing = a->action == HOOK_TEMPFAIL;
	const char *usual = passing ? "4.7.1" : "5.7.1";
	const char *enhanced = a->enhanced.n != 0 ? str_z(policy_arena(r), a->enhanced) : usual;

	if (passing)
		policy_tempfail(r, a->code != 0 ? a->code : 451, enhanced, "%.*s",
		                STR_ARG(hook_words(a, "try again later")));
	else
		policy_reject(r, a->code != 0 ? a->code : 550, enhanced, "%.*s",
		              STR_ARG(hook_words(a, "refused")));
}

static enum err pass_on(struct policy_run *r, const struct hook_rule *rule,
                        const struct hook_answer *a, struct why *why)
{
	enum err e = changes_grant(r, rule, a, why);

	if (e)
		return e;
	if (policy_stage(r) < POLICY_MAIL &&
	    (a->action == HOOK_DISCARD || a->action == HOOK_QUARANTINE))
		return fail(why, ERR_SYNTAX, "there is no message yet to put aside");
	switch (a->action) {
	case HOOK_TEMPFAIL:
	case HOOK_REJECT:
		hook_refuse(r, a);
		break;
	case HOOK_DISCARD:
		policy_discard(r, "%.*s: %.*s", STR_ARG(rule->name),
		               STR_ARG(hook_words(a, "discarded")));
		break;
	case HOOK_QUARANTINE:
		policy_quarantine(r, "%.*s: %.*s", STR_ARG(rule->name),
		                  STR_ARG(hook_words(a, "quarantine")));
		break;
	default:
		break;
	}
	return OK;
}

/* --- calls ------------------------------------------------------------------------- */

static enum err hook_query(struct policy_run *r, const struct hook_rule *rule, int64_t last_ms,
                           struct why *why)
{
	struct hook_answer answer;
	enum err e;

	if (!filter_health_ask(rule->url))
		return fail(why, ERR_RETRY,
		            "it has failed some times in a row, and is left alone a while");
	e = hook_ask(r, rule, last_ms, &answer, why);
	filter_health_tell(rule->url, e == OK);
	return e == OK ? pass_on(r, rule, &answer, why) : e;
}

/* As with milters: before a message nothing can be quarantined. If failure refuses, the
 * next stage calls the hook again, because the mail must not pass. */
static void hook_failed(struct policy_run *r, const struct hook_rules *rules, size_t i,
                        const char *why)
{
	const struct hook_rule *rule = &rules->items[i];

	if (policy_stage(r) >= POLICY_MAIL && rule->fail <= POLICY_QUARANTINE)
		hooks_of(r)->failed |= BIT(i);
	policy_failed(r, "%.*s: %s", STR_ARG(rule->name), why);
	if (rule->fail == POLICY_TEMPFAIL)
		policy_tempfail(r, 451, "4.7.1", "temporary failure, try again later");
	else if (rule->fail == POLICY_REJECT)
		policy_reject(r, 550, "5.7.1", "mail cannot be checked now");
	else if (rule->fail == POLICY_QUARANTINE && policy_stage(r) >= POLICY_MAIL)
		policy_quarantine_mail(r, "%.*s is unreachable", STR_ARG(rule->name));
}

void hooks_run(struct policy_run *r)
{
	const struct hook_rules *rules = hook_rules_of(r);

	for (size_t i = 0; i < rules->count && !policy_settled(r); i++) {
		const struct hook_rule *rule = &rules->items[i];
		struct why why = { "" };

		if (!(hooks_of(r)->failed & BIT(i)) &&
		    policy_is_due(r, rule->roles, rule->stages) &&
		    hook_query(r, rule, policy_filter_deadline_ms(r), &why) != OK)
			hook_failed(r, rules, i, why.text);
	}
}

void hooks_missed(struct policy_run *r)
{
	const struct hook_rules *rules = hook_rules_of(r);

	for (size_t i = 0; i < rules->count && !policy_settled(r); i++)
		if (!(hooks_of(r)->failed & BIT(i)) &&
		    policy_is_due(r, rules->items[i].roles, rules->items[i].stages))
			hook_failed(r, rules, i, "all slots for external queries are in use");
}

void hooks_reset(struct policy *p, struct policy_session *s, void **state)
{
	struct hooks *h = *state;

	(void)p, (void)s;
	h->failed = 0;
}

void hooks_end(struct policy *p, struct policy_session *s, void **state)
{
	struct hooks *h = *state;

	(void)p, (void)s;
	mem_clear(&h);
	*state = NULL;
}
