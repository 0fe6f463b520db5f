/* policy/milter.c: see milter.h. */
#include "policy/milter.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "config/settings.h"
#include "policy/filter_health.h"
#include "policy/milter_talk.h"

/* Of a session: the rules as they were when it was asked first. */
struct milters {
	struct arena arena;
	struct milter_rules rules;
	struct milter_talk *talks; /* one for each rule */
};

enum policy_need milter_need(const struct policy_run *r)
{
	return policy_settings(r)->milters.n == 0 ? POLICY_NO : POLICY_SLOW;
}

static struct milters *milters_new(const struct settings *settings)
{
	struct milters *m = NEW(struct milters);

	/* It was checked when it was set; a setting that has gone bad since has no filters. */
	if (milter_rules_parse(settings->milters, &m->arena, &m->rules, NULL) != OK)
		m->rules.count = 0;
	m->talks = arena_array(&m->arena, struct milter_talk, m->rules.count);
	for (size_t i = 0; i < m->rules.count; i++)
		m->talks[i].rule = &m->rules.items[i];
	return m;
}

/* It cannot be asked. Before a message there is nothing that could be put aside: the session
 * goes on, and its messages are. */
static void failed(struct policy_run *r, struct milter_talk *t, const struct why *why)
{
	bool message = policy_stage(r) >= POLICY_MAIL;
	enum policy_kind fail = t->rule->fail;

	milter_talk_close(t, false);
	filter_health_tell(t->rule->name, false);
	/* Where failure refuses, the next stage asks again: it must not pass. */
	t->mail_done = message && fail <= POLICY_QUARANTINE;
	policy_failed(r, "%.*s: %s", STR_ARG(t->rule->name), why->text);
	if (fail == POLICY_TEMPFAIL)
		policy_tempfail(r, 451, "4.7.1", "a passing failure, try again later");
	else if (fail == POLICY_REJECT)
		policy_reject(r, 550, "5.7.1", "mail cannot be checked now");
	else if (fail == POLICY_QUARANTINE && message)
		policy_quarantine_mail(r, "%.*s could not be asked", STR_ARG(t->rule->name));
}

/* False when the rest is not to be asked: what happens to the mail is settled. */
static bool ask(struct policy_run *r, struct milter_talk *t)
{
	struct why why = { "" };

	if (t->done || t->mail_done || !(t->rule->roles & policy_of(r)->role) ||
	    !(t->rule->stages & BIT(policy_stage(r))))
		return true;
	switch (milter_talk_stage(t, r, &why)) {
	case MILTER_FAILED:
		failed(r, t, &why);
		break;
	default:
		if (t->link != NULL)
			filter_health_tell(t->rule->name, true);
	}
	return !policy_settled(r);
}

void milter_run(struct policy_run *r)
{
	void **state = policy_state(r);
	struct milters *m;
	int64_t last_ms;

	if (*state == NULL)
		*state = milters_new(policy_settings(r));
	m = *state;
	last_ms = clock_mono_ms() + LIMIT_filter_ms;
	for (size_t i = 0; i < m->rules.count; i++) {
		m->talks[i].last_ms = last_ms;
		if (!ask(r, &m->talks[i]))
			break;
	}
}

void milter_reset(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->rules.count; i++)
		milter_talk_reset(&m->talks[i]);
}

void milter_restart(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->rules.count; i++)
		milter_talk_restart(&m->talks[i]);
}

void milter_end(struct policy *p, struct policy_session *s, void **state)
{
	struct milters *m = *state;

	(void)p, (void)s;
	for (size_t i = 0; i < m->rules.count; i++)
		milter_talk_close(&m->talks[i], true);
	arena_deinit(&m->arena);
	mem_clear(&m);
	*state = NULL;
}
