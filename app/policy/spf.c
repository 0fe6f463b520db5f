/* policy/spf.c: see spf.h. */
#include "policy/spf.h"

#include "base/clock.h"
#include "config/limits.h"
#include "config/settings.h"
#include "policy/task.h"
#include "policy/verified.h"
#include "policy/words.h"

static const char *const levels[] = { "off", "record", "fail", "softfail", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_FAIL, LEVEL_SOFTFAIL };

/* One of the two names. */
struct asked {
	struct policy_task task;
	void (*check)(const struct spf_query *q, struct arena *a, struct spf_answer *out);
	struct spf_answer answer;
	bool late; /* there was no time left for it */
};

struct asking {
	struct asked helo, mail;
};

/* Nobody publishes addresses that are private. */
enum policy_need spf_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	unsigned level = policy_level_only(policy_settings(r)->spf, levels);

	return level == LEVEL_OFF || s->account != 0 || addr_is_private(&s->peer) ? POLICY_NO
	                                                                          : POLICY_SLOW;
}

/* --- asking --------------------------------------------------------------------------------- */

/* What a domain has in its record may take as long as it should be let (RFC 7208 4.6.4), beyond the
 * time in line, and longer than other questions to DNS: the peer waits five minutes for the answer
 * to MAIL (RFC 5321 4.5.3.2.2), and no single question has more time than elsewhere. */
static int64_t end_ms(const struct policy_run *r)
{
	return policy_deadline_ms(r) + LIMIT_policy_spf_ms;
}

static void ask(struct policy_task *task)
{
	struct asked *x = container_of(task, struct asked, task);
	const struct policy_session *s = policy_of(task->run);
	const struct spf_query q = { .ip = s->peer,
		                     .helo = s->helo,
		                     .local = s->from.local,
		                     .domain = s->from.domain,
		                     .receiver = s->hostname,
		                     .now_s = clock_real_ms() / 1000,
		                     .dns = task->dns,
		                     .deadline_ms = end_ms(task->run),
		                     .question_ms = LIMIT_policy_dns_ms };

	x->late = q.deadline_ms - clock_mono_ms() < LIMIT_policy_dns_ms / 2;
	x->check(&q, &task->arena, &x->answer);
}

/* RFC 7208 2.3, 2.4: for a null sender both are the name of EHLO. What DMARC needs goes first. */
void spf_start(struct policy_run *r)
{
	struct asking *all = arena_new(policy_arena(r), struct asking);

	policy_keep(r, all);
	all->helo.check = spf_check_helo;
	all->mail.check = spf_check_mail;
	if (!mailaddr_is_null(&policy_of(r)->from))
		policy_task_known(r, &all->mail.task, ask);
	policy_task_known(r, &all->helo.task, ask);
}

/* --- judging -------------------------------------------------------------------------------- */

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
static void tell(struct policy_run *r, const char *of, const struct spf_answer *x)
{
	bool by = x->term.n != 0;
	struct str more = by ? x->term : x->why;

	policy_found(r, "%s %.*s: %.*s%s%.*s", of, STR_ARG(x->domain),
	             STR_ARG(spf_result_text(x->result)), more.n == 0 ? "" : by ? " by " : ", ",
	             STR_ARG(more));
}

static bool is_bad(const struct spf_answer *x, unsigned level)
{
	return (level >= LEVEL_FAIL && x->result == SPF_FAIL) ||
	       (level >= LEVEL_SOFTFAIL && x->result == SPF_SOFTFAIL);
}

/* RFC 7208 8.4: the words of the domain are its own. */
static void judge(struct policy_run *r, const struct policy_level *level,
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

void spf_run(struct policy_run *r)
{
	const struct asking *all = policy_kept(r);
	const struct asked *sender =
		mailaddr_is_null(&policy_of(r)->from) ? &all->helo : &all->mail;
	struct policy_verified *v = policy_verified(r);
	struct policy_level level =
		policy_level_of(policy_settings(r)->spf, policy_arena(r), levels);
	struct arena *a = policy_mail_arena(r);

	policy_tasks_wait(r);
	v->spf = true;
	v->spf_helo = answer_dup(a, &all->helo.answer);
	v->spf_mail = answer_dup(a, &sender->answer);
	v->spf_late = sender->late && sender->answer.result == SPF_TEMPERROR;
	tell(r, "HELO", &v->spf_helo);
	if (!mailaddr_is_null(&policy_of(r)->from))
		tell(r, "MAIL FROM", &v->spf_mail);
	if (!policy_let_be(r))
		judge(r, &level, &v->spf_helo);
	if (!policy_let_be(r) && !policy_settled(r))
		judge(r, &level, &v->spf_mail);
}

void spf_missed(struct policy_run *r)
{
	policy_verified(r)->spf_late = true;
	policy_failed(r, "too many others were to be asked about");
}

enum err spf_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_SPF", why);
}
