/* flow/policy/dnsbl.c: see policy_private.h. */

#include "flow/policy/policy_private.h"
#include "flow/policy/dnsbl_rules.h"
#include "flow/policy/run.h"
#include "flow/policy/task.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/parsed.h"

/* The query of one zone. */
struct asked {
	struct policy_task task;
	const struct dnsbl_zone *zone;
	struct str question;
	enum dns_status status;
	bool listed, refusal;
	char answer[ADDR_TEXT_MAX];
};

struct asking {
	const struct dnsbl_rules *rules; /* NULL: there are none, and no items */
	struct asked *items;
	size_t count;
};

/* Result of MAIL for the following RCPTs; in the session's mail_arena. */
struct found {
	struct policy_answer verdict;
	struct str text;
};

enum policy_need dnsbl_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	if (policy_settings(r)->dnsbl.n == 0 || s->account != 0)
		return POLICY_NO;
	if (policy_stage(r) == POLICY_RCPT)
		return s->states[policy_row(r)] != NULL ? POLICY_QUICK : POLICY_NO;
	return POLICY_SLOW;
}

enum err dnsbl_check(struct str text, struct why *why)
{
	struct dnsbl_rules unused;
	struct arena a = { 0 };
	enum err e = dnsbl_rules_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_DNSBL") : OK;
}

/* --- queries ----------------------------------------------------------------------------- */

static struct str question_of(struct policy_run *r, const struct dnsbl_zone *zone)
{
	const struct policy_session *s = policy_of(r);
	struct str name = zone->of == DNSBL_HELO ? s->helo : s->envelope.sender.domain;

	if (zone->of == DNSBL_PEER)
		return addr_is_private(&s->peer) ? STR_EMPTY
		                                 : dnsbl_question(policy_arena(r), zone, &s->peer);
	if (name.n == 0 || name.p[0] == '[' || str_find_byte(name, '.') < 0)
		return STR_EMPTY;
	return str_fmt(policy_arena(r), "%.*s.%.*s", STR_ARG(name), STR_ARG(zone->name));
}

/* A zone that had less than its full time, because the server was busy, is not counted as
 * failed. */
static void dnsbl_query(struct policy_task *task)
{
	struct asked *x = container_of(task, struct asked, task);
	int64_t from_ms = clock_mono_ms(), until_ms = policy_dns_deadline_ms(task->run);
	struct dns_addr_list addrs;

	x->status = dns_addresses(policy_dns(task->run), &task->arena, x->question, DNS_V4,
	                          until_ms, &addrs);
	if (x->status != DNS_RETRY || until_ms - from_ms >= LIMIT_policy_dns_ms ||
	    clock_mono_ms() < until_ms)
		policy_answering_tell(task->run, x->zone->name, x->status != DNS_RETRY);
	for (size_t i = 0; i < addrs.count; i++) {
		x->refusal |= dnsbl_refusal(&addrs.items[i]);
		if (x->listed || !dnsbl_listed(x->zone, &addrs.items[i]))
			continue;
		x->listed = true;
		addr_ip_text(&addrs.items[i], x->answer);
	}
}

static void *dnsbl_rules_take(struct str text, struct arena *a)
{
	struct dnsbl_rules *rules = arena_new(a, struct dnsbl_rules);

	return dnsbl_rules_parse(text, a, rules, NULL) == OK ? rules : NULL;
}

/* A zone that failed recently is skipped for some time, so that not every peer waits for
 * it. */
void dnsbl_start(struct policy_run *r)
{
	static const struct parsed_kind kind = { .parse = dnsbl_rules_take };
	struct asking *all = arena_new(policy_arena(r), struct asking);
	const struct settings *s = policy_settings(r);

	policy_keep(r, all);
	all->rules = settings_parsed(s, s->dnsbl, &kind);
	if (all->rules == NULL)
		return;
	all->items = arena_array(policy_arena(r), struct asked, all->rules->zone_count);
	for (size_t i = 0; i < all->rules->zone_count; i++) {
		struct asked *x = &all->items[all->count];

		x->zone = &all->rules->zones[i];
		x->question = question_of(r, x->zone);
		if (x->question.n == 0 || !policy_answering_good(r, x->zone->name))
			continue;
		all->count++;
		policy_task(r, &x->task, dnsbl_query);
	}
}

/* --- evaluation ----------------------------------------------------------------------------- */

static void dnsbl_add(struct policy_run *r, const struct asked *x, struct str *text)
{
	struct str more = x->zone->text;

	*text = str_fmt(policy_arena(r), "%.*s%slisted in %.*s (%s)%s%.*s", STR_ARG(*text),
	                text->n != 0 ? ", " : "", STR_ARG(x->zone->name), x->answer,
	                more.n != 0 ? " " : "", STR_ARG(more));
}

static int32_t sum_up(struct policy_run *r, const struct asking *all, struct str *text)
{
	int32_t sum = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct asked *x = &all->items[i];

		if (x->listed) {
			sum += x->zone->weight;
			dnsbl_add(r, x, text);
		} else if (x->status == DNS_RETRY || x->refusal) {
			policy_failed(r, "%.*s %s", STR_ARG(x->zone->name),
			              x->refusal ? "refuses to answer" : "does not answer");
		}
	}
	return sum;
}

/* A refusal waits for RCPT, other verdicts apply at once. */
static void dnsbl_judge(struct policy_run *r)
{
	const struct asking *all = policy_kept(r);
	struct str text = STR_EMPTY;
	struct arena *a = policy_mail_arena(r);
	struct policy_answer verdict;
	struct found *f;

	if (all->rules == NULL)
		return;
	policy_tasks_wait(r);
	verdict = dnsbl_verdict(all->rules, sum_up(r, all, &text));
	r->session->listed = str_dup(a, text);
	if (verdict.kind != POLICY_REJECT && verdict.kind != POLICY_TEMPFAIL) {
		policy_say(r, &verdict, "%.*s", STR_ARG(text));
		return;
	}
	f = arena_new(a, struct found);
	*f = (struct found){ policy_answer_dup(a, &verdict), str_dup(a, text) };
	*policy_state(r) = f;
}

static void dnsbl_refuse(struct policy_run *r)
{
	const struct found *f = *policy_state(r);

	if (str_eqi(policy_of(r)->rcpt.local, STR("postmaster")))
		return;
	policy_say(r, &f->verdict, "%.*s", STR_ARG(f->text));
}

void dnsbl_run(struct policy_run *r)
{
	if (policy_stage(r) == POLICY_RCPT)
		dnsbl_refuse(r);
	else
		dnsbl_judge(r);
}

/* The result was freed with the transaction's memory. */
void dnsbl_reset(struct policy *p, struct policy_session *s, void **state)
{
	(void)p, (void)s;
	*state = NULL;
}
