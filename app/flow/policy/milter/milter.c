/* flow/policy/milter/milter.c: see milter.h. */
#include "flow/policy/milter/milter.h"

#include "flow/policy/filter_health.h"
#include "flow/policy/milter/milter_talk.h"
#include "foundation/base/mem.h"
#include "foundation/config/parsed.h"

/* State of a session. */
struct milters {
	size_t count;
	struct milter_talk *talks; /* one for each rule */
};

/* The setting was checked when set; an invalid one has no filters. */
static void *milter_rules_take(struct str text, struct arena *a)
{
	struct milter_rules *rules = arena_new(a, struct milter_rules);

	if (milter_rules_parse(text, a, rules, NULL) != OK)
		rules->count = 0;
	return rules;
}

static const struct milter_rules *milter_rules_of(const struct policy_run *r)
{
	static const struct parsed_kind kind = { .parse = milter_rules_take };
	const struct settings *s = policy_settings(r);

	return settings_parsed(s, s->milters, &kind);
}

enum policy_need milter_need(const struct policy_run *r)
{
	const struct milter_rules *rules;

	if (policy_settings(r)->milters.n == 0)
		return POLICY_NO;
	rules = milter_rules_of(r);
	for (size_t i = 0; i < rules->count; i++)
		if (policy_is_due(r, rules->items[i].roles, rules->items[i].stages))
			return POLICY_SLOW;
	return POLICY_NO;
}

static struct milters *milters_of(struct policy_run *r)
{
	const struct milter_rules *rules = milter_rules_of(r);
	void **state = policy_state(r);
	struct milters *m = *state;

	if (m != NULL)
		return m;
	*state = m = NEW(struct milters);
	m->count = rules->count;
	m->talks = mem_new(m->count * sizeof *m->talks);
	for (size_t i = 0; i < m->count; i++)
		m->talks[i].rule = &rules->items[i];
	return m;
}

/* Handle a failed filter. Before a message nothing can be quarantined: the session goes
 * on, and so do its messages. */
static void milter_failed(struct policy_run *r, struct milter_talk *t, const char *why)
{
	bool message = policy_stage(r) >= POLICY_MAIL;
	enum policy_kind fail = t->rule->fail;

	milter_talk_close(t, false);
	/* If failure refuses, the next stage calls it again: the mail must not pass. */
	t->mail_done = message && fail <= POLICY_QUARANTINE;
	policy_failed(r, "%.*s: %s", STR_ARG(t->rule->name), why);
	if (fail == POLICY_TEMPFAIL)
		policy_tempfail(r, 451, "4.7.1", "temporary failure, try again later");
	else if (fail == POLICY_REJECT)
		policy_reject(r, 550, "5.7.1", "mail cannot be checked now");
	else if (fail == POLICY_QUARANTINE && message)
		policy_quarantine_mail(r, "%.*s is unreachable", STR_ARG(t->rule->name));
}

/* False: the fate of the mail is decided, stop. */
static bool milter_query(struct policy_run *r, struct milter_talk *t)
{
	struct why why = { "" };

	if (t->done || t->mail_done || !policy_is_due(r, t->rule->roles, t->rule->stages))
		return true;
	switch (milter_talk_stage(t, r, &why)) {
	case MILTER_FAILED:
		filter_health_tell(t->rule->name, false);
		milter_failed(r, t, why.text);
		break;
	default:
		if (t->link != NULL)
			filter_health_tell(t->rule->name, true);
	}
	return !policy_settled(r);
}

void milter_run(struct policy_run *r)
{
	struct milters *m = milters_of(r);

	for (size_t i = 0; i < m->count; i++) {
		m->talks[i].last_ms = policy_filter_deadline_ms(r);
		if (!milter_query(r, &m->talks[i]))
			break;
	}
}

void milter_missed(struct policy_run *r)
{
	struct milters *m = milters_of(r);

	for (size_t i = 0; i < m->count && !policy_settled(r); i++) {
		struct milter_talk *t = &m->talks[i];

		if (!t->done && !t->mail_done && policy_is_due(r, t->rule->roles, t->rule->stages))
			milter_failed(r, t, "all slots for external queries are in use");
	}
}

void milter_reset(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->count; i++)
		milter_talk_reset(&m->talks[i]);
}

void milter_restart(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->count; i++)
		milter_talk_restart(&m->talks[i]);
}

void milter_end(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->count; i++)
		milter_talk_close(&m->talks[i], true);
	mem_free(m->talks);
	mem_clear(&m);
	*state = NULL;
}
