/* flow/policy/authentication/spf.c: see spf.h. */
#include "flow/policy/authentication/spf.h"

#include "flow/policy/authentication/later.h"
#include "flow/policy/authentication/verified.h"
#include "flow/policy/stages/stage_programs.h"
#include "flow/policy/task.h"
#include "flow/policy/words.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"

static const char *const levels[] = { "off", "record", "fail", "softfail", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_FAIL, LEVEL_SOFTFAIL };

typedef void spf_check(const struct spf_query *q, struct arena *a, struct spf_answer *out);

/* The query for one of the two names, and its result. */
struct question {
	spf_check *check;
	struct spf_query query;
	struct spf_answer answer;
};

/* One of them in this stage: running, or collected from an earlier stage. */
struct asked {
	struct policy_task task;
	struct policy_later *later; /* NULL: it runs now */
	struct question q;
	bool late; /* its time was used up */
};

struct asking {
	struct asked helo, mail;
};

/* Queries that continue after MAIL. */
struct begun {
	struct policy_later *helo, *mail;
};

/* --- which sessions -------------------------------------------------------------------------- */

/* Private addresses are in no record. The check runs once. */
static bool spf_concerns(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	const struct policy_verified *v = s->verified;

	return policy_level_only(policy_settings(r)->spf, levels) != LEVEL_OFF && s->account == 0 &&
	       !addr_is_private(&s->peer) && (v == NULL || (!v->spf && !v->spf_late));
}

/* MAIL does not wait for a result that is only recorded. */
static bool can_be_later(const struct policy_run *r)
{
	return policy_level_only(policy_settings(r)->spf, levels) == LEVEL_RECORD &&
	       !stage_programs_use(r, STAGE_USES_SPF);
}

static bool has_landed(const struct begun *x)
{
	return policy_later_landed(x->helo) && (x->mail == NULL || policy_later_landed(x->mail));
}

enum policy_need spf_need(const struct policy_run *r)
{
	bool last = policy_stage(r) == POLICY_END;
	const struct begun *x = policy_state_of(r);

	if (!spf_concerns(r))
		return POLICY_NO;
	if (policy_stage(r) == POLICY_MAIL)
		return can_be_later(r) && policy_later_room(r) ? POLICY_NO : POLICY_SLOW;
	if (x == NULL) /* no thread was free */
		return last && can_be_later(r) ? POLICY_SLOW : POLICY_NO;
	return has_landed(x) ? POLICY_QUICK : last ? POLICY_SLOW : POLICY_NO;
}

/* --- queries -------------------------------------------------------------------------------- */

/* A record may require many lookups (RFC 7208 4.6.4). So SPF gets more time than other
 * queries, in addition to the wait for a thread: the client waits five minutes for the
 * reply to MAIL (RFC 5321 4.5.3.2.2). A single lookup has the usual timeout. */
static int64_t end_ms(const struct policy_run *r)
{
	return policy_deadline_ms(r) + LIMIT_policy_spf_ms;
}

static bool is_null(const struct policy_run *r)
{
	return mailaddr_is_null(&policy_of(r)->envelope.sender);
}

/* Strings are the session's. */
static struct question question_of(const struct policy_run *r, spf_check *check)
{
	const struct policy_session *s = policy_of(r);

	return (struct question){ .check = check,
		                  .query = { .ip = s->peer,
		                             .helo = s->helo,
		                             .local = s->envelope.sender.local,
		                             .domain = s->envelope.sender.domain,
		                             .receiver = s->hostname,
		                             .now_s = clock_real_ms() / 1000,
		                             .question_ms = LIMIT_policy_dns_ms } };
}

static void ask_later(struct policy_later *x)
{
	struct question *q = x->what;

	q->query.dns = x->dns;
	q->query.deadline_ms = x->deadline_ms;
	q->check(&q->query, &x->arena, &q->answer);
}

static struct policy_later *spf_begin(struct policy_run *r, spf_check *check)
{
	struct policy_later *x = policy_later_new(r, ask_later);
	struct question *q = arena_new(&x->arena, struct question);

	/* it does not wait for a thread */
	x->deadline_ms = clock_mono_ms() + LIMIT_policy_spf_ms;
	*q = question_of(r, check);
	q->query.helo = str_dup(&x->arena, q->query.helo);
	q->query.local = str_dup(&x->arena, q->query.local);
	q->query.domain = str_dup(&x->arena, q->query.domain);
	q->query.receiver = str_dup(&x->arena, q->query.receiver);
	x->what = q;
	policy_later_go(&x);
	return x;
}

static void begun_leave(struct begun *x)
{
	policy_later_leave(&x->mail);
	policy_later_leave(&x->helo);
}

/* RFC 7208 2.3, 2.4: for a null sender both are the EHLO name. The query for DMARC starts
 * first. */
void spf_later(struct policy_run *r)
{
	struct begun x = { 0 };

	if (!spf_concerns(r) || !can_be_later(r))
		return;
	if (!is_null(r) && (x.mail = spf_begin(r, spf_check_mail)) == NULL)
		return;
	x.helo = spf_begin(r, spf_check_helo);
	if (x.helo == NULL) {
		begun_leave(&x);
		return;
	}
	*policy_state(r) = arena_new(policy_mail_arena(r), struct begun);
	*(struct begun *)*policy_state(r) = x;
}

static void spf_names_query(struct policy_task *task)
{
	struct asked *x = container_of(task, struct asked, task);
	if (x->later != NULL) {
		(void)policy_later_wait(x->later, x->later->deadline_ms);
		return;
	}
	x->q.query.dns = task->dns;
	x->q.query.deadline_ms = end_ms(task->run);
	x->late = x->q.query.deadline_ms - clock_mono_ms() < LIMIT_policy_dns_ms / 2;
	x->q.check(&x->q.query, &task->arena, &x->q.answer);
}

static struct asking *asking_new(struct policy_run *r)
{
	struct asking *all = arena_new(policy_arena(r), struct asking);
	const struct begun *begun = policy_state_of(r);

	all->helo.q = question_of(r, spf_check_helo);
	all->mail.q = question_of(r, spf_check_mail);
	if (begun != NULL) {
		all->helo.later = begun->helo;
		all->mail.later = begun->mail;
	}
	return all;
}

static void task_begin(struct policy_run *r, struct asked *x)
{
	if (x->later != NULL)
		policy_task(r, &x->task, spf_names_query);
	else
		policy_task_known(r, &x->task, spf_names_query);
}

void spf_start(struct policy_run *r)
{
	struct asking *all = asking_new(r);

	policy_keep(r, all);
	if (!is_null(r))
		task_begin(r, &all->mail);
	task_begin(r, &all->helo);
}

/* --- evaluation ----------------------------------------------------------------------------- */

static struct spf_answer answer_dup(struct arena *a, const struct spf_answer *from)
{
	struct spf_answer copy = *from;

	copy.domain = str_dup(a, from->domain);
	copy.term = str_dup(a, from->term);
	copy.why = str_dup(a, from->why);
	copy.explanation = str_dup(a, from->explanation);
	return copy;
}

/* "HELO mx.example: pass by ip4:192.0.2.0/24" */
static void spf_report(struct policy_run *r, const char *of, const struct spf_answer *x)
{
	bool by = x->term.n != 0;
	struct str more = by ? x->term : x->why;

	policy_found(r, "%s %.*s: %.*s%s%.*s", of, STR_ARG(x->domain),
	             STR_ARG(spf_result_text(x->result)),
	             more.n == 0 ? ""
	             : by        ? " by "
	                         : ", ",
	             STR_ARG(more));
}

static bool is_bad(const struct spf_answer *x, unsigned level)
{
	return (level >= LEVEL_FAIL && x->result == SPF_FAIL) ||
	       (level >= LEVEL_SOFTFAIL && x->result == SPF_SOFTFAIL);
}

/* RFC 7208 8.4: the explanation is the domain's own text. */
static void spf_judge(struct policy_run *r, const struct policy_level *level,
                      const struct spf_answer *x)
{
	/* RFC 7372 3.2 */
	struct policy_answer verdict = policy_usually(level->verdict, 550, "5.7.23");

	if (!is_bad(x, level->level))
		return;
	policy_say(r, &verdict, "by SPF %.*s does not send from %.*s%s%.*s", STR_ARG(x->domain),
	           STR_ARG(policy_of(r)->peer_text),
	           x->explanation.n != 0 ? ", and explains: " : "", STR_ARG(x->explanation));
}

/* Collect a query that has continued since MAIL. */
static void landed_take(struct asked *x, struct str domain)
{
	const struct question *q = x->later->what;
	bool landed = policy_later_landed(x->later);

	x->late = !landed || x->later->late;
	if (!landed)
		x->q.answer = (struct spf_answer){ .result = SPF_TEMPERROR,
			                           .domain = domain,
			                           .why = STR("DNS did not answer") };
	else
		x->q.answer = q->answer;
}

/* The queries of this stage, or the finished ones of MAIL. NULL: neither, if a thread
 * became free only after the stage had begun. */
static struct asking *asking_get(struct policy_run *r)
{
	if (policy_kept(r) == NULL && policy_state_of(r) == NULL)
		spf_start(r);
	return policy_kept(r) != NULL ? policy_kept(r) : asking_new(r);
}

void spf_run(struct policy_run *r)
{
	struct asking *all = asking_get(r);
	const struct policy_session *s = policy_of(r);
	const struct asked *sender = is_null(r) ? &all->helo : &all->mail;
	struct policy_verified *v = policy_verified(r);
	struct policy_level level =
		policy_level_of(policy_settings(r)->spf, policy_arena(r), levels);
	struct arena *a = policy_mail_arena(r);

	policy_tasks_wait(r);
	if (all->helo.later != NULL)
		landed_take(&all->helo, s->helo);
	if (all->mail.later != NULL)
		landed_take(&all->mail, s->envelope.sender.domain);
	v->spf = true;
	v->spf_helo = answer_dup(a, &all->helo.q.answer);
	v->spf_mail = answer_dup(a, &sender->q.answer);
	v->spf_late = sender->late && sender->q.answer.result == SPF_TEMPERROR;
	spf_report(r, "HELO", &v->spf_helo);
	if (!is_null(r))
		spf_report(r, "MAIL FROM", &v->spf_mail);
	if (!policy_let_be(r))
		spf_judge(r, &level, &v->spf_helo);
	if (!policy_let_be(r) && !policy_settled(r))
		spf_judge(r, &level, &v->spf_mail);
}

void spf_missed(struct policy_run *r)
{
	policy_verified(r)->spf_late = true;
	policy_failed(r, "all slots for external queries are in use");
}

void spf_reset(struct policy *p, struct policy_session *s, void **state)
{
	(void)p;
	(void)s;
	begun_leave(*state);
	*state = NULL;
}

enum err spf_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_SPF", why);
}
