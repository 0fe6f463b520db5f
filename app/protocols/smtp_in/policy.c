/* protocols/smtp_in/policy.c: see policy.h. */
#include "protocols/smtp_in/policy.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/trace.h"

/* Beyond the two limits only when a check does not keep to them, which is a bug. */
enum { PATIENCE_MS = LIMIT_filter_ms + 2 * LIMIT_policy_stage_ms + 60000 };

/* --- asking ------------------------------------------------------------------------------ */

static void facts_take(struct in_session *s)
{
	struct policy_session *p = s->policy;

	p->helo = s->helo;
	p->esmtp = s->esmtp;
	if (p->tls.n == 0 && conn_is_tls(s->c))
		p->tls = str_dup(&p->arena, conn_tls_text(s->c));
	if (p->account != s->login.login.account)
		p->login = str_dup(&p->arena, s->login.login.address);
	p->account = s->login.login.account;
	p->mechanism = s->login.mechanism;
	p->size = s->mail.size;
	p->envelope = s->mail.envelope;
}

static void answer(struct in_session *s, const struct policy_verdict *v)
{
	struct in_wait wait = s->wait;

	s->wait = (struct in_wait){ 0 };
	conn_hold_input(s->c, false);
	conn_deadline(s->c, LIMIT_smtp_idle_ms);
	wait.then(s, v);
	s->mail.asked = (struct envelope_rcpt){ 0 };
	if (s->policy != NULL)
		s->policy->rcpt_unknown = false;
	policy_end(&wait.run);
	arena_deinit(&wait.arena);
}

/* Answer, or go on waiting. */
static void look(struct in_session *s)
{
	struct policy_verdict v;

	if (!policy_ready(s->wait.run, &v)) {
		int64_t line_ms = policy_wait_ms(s->wait.run);

		s->wait.in_line = line_ms != 0;
		conn_hold_input(s->c, true);
		conn_deadline(s->c, s->wait.in_line ? line_ms : PATIENCE_MS);
	} else if (v.delay_ms != 0 && !s->wait.delayed) {
		s->wait.delayed = true;
		conn_hold_input(s->c, true);
		conn_deadline(s->c, v.delay_ms);
	} else {
		answer(s, &v);
	}
}

void in_policy_ask(struct in_session *s, enum policy_stage stage, in_then *then)
{
	static const struct policy_verdict pass = { .kind = POLICY_PASS };

	s->wait.then = then;
	if (s->policy == NULL) {
		answer(s, &pass);
		return;
	}
	facts_take(s);
	s->wait.run = policy_begin(s->config->policy, s->policy, stage, conn_waker(s->c));
	look(s);
}

static const struct policy_param *params_dup(struct arena *a, const struct smtp_path *path)
{
	struct policy_param *params = arena_array(a, struct policy_param, path->param_count);

	for (size_t i = 0; i < path->param_count; i++)
		params[i] = (struct policy_param){ str_dup(a, path->params[i].keyword),
			                           str_dup(a, path->params[i].value) };
	return params;
}

void in_policy_mail(struct in_session *s, const struct smtp_path *path, in_then *then)
{
	if (s->policy != NULL) {
		s->policy->params = params_dup(&s->policy->mail_arena, path);
		s->policy->param_count = path->param_count;
	}
	in_policy_ask(s, POLICY_MAIL, then);
}

/* Only a recipient that is accepted costs memory of the transaction, so their number limits
 * it. */
void in_policy_rcpt(struct in_session *s, const struct smtp_path *path,
                    const struct envelope_rcpt *rcpt, bool unknown, in_then *then)
{
	s->mail.asked = envelope_rcpt_dup(&s->wait.arena, rcpt);
	if (s->policy != NULL) {
		s->policy->rcpt = s->mail.asked.address;
		s->policy->rcpt_unknown = unknown;
		s->policy->rcpt_params = params_dup(&s->wait.arena, path);
		s->policy->rcpt_param_count = path->param_count;
	}
	in_policy_ask(s, POLICY_RCPT, then);
}

/* --- the beginning ------------------------------------------------------------------------ */

void in_policy_open(struct in_session *s, in_then *greet)
{
	static const unsigned roles[] = {
		[SMTP_MX] = POLICY_MX,
		[SMTP_SUBMISSION] = POLICY_SUBMISSION,
		[SMTP_LMTP] = POLICY_LMTP,
	};
	int64_t delay_ms;

	if (s->config->policy != NULL)
		s->policy = policy_session_new(s->config->policy, s->c, roles[s->role],
		                               s->settings);
	delay_ms = s->policy != NULL ? policy_greeting_delay_ms(s->policy) : 0;
	if (delay_ms == 0) {
		in_policy_ask(s, POLICY_CONNECT, greet);
		return;
	}
	s->wait = (struct in_wait){ .then = greet, .greeting = true };
	conn_hold_input(s->c, true);
	conn_deadline(s->c, delay_ms);
}

/* What has come before the greeting? */
static void listen(struct in_session *s)
{
	in_then *greet = s->wait.then;

	s->wait = (struct in_wait){ 0 };
	conn_hold_input(s->c, false);
	s->policy->early = conn_input(s->c).n != 0;
	in_policy_ask(s, POLICY_CONNECT, greet);
}

/* --- while it waits ----------------------------------------------------------------------- */

bool in_policy_waits(const struct in_session *s)
{
	return s->wait.run != NULL || s->wait.greeting;
}

unsigned in_policy_run(struct in_session *s, unsigned events)
{
	bool passes = s->wait.greeting || s->wait.delayed; /* time, and nothing else */
	bool timed = passes || s->wait.in_line;

	if (passes && !(events & CONN_TIMEOUT))
		return events;
	if (s->wait.greeting)
		listen(s);
	else
		look(s);
	return timed ? events & ~(unsigned)CONN_TIMEOUT : events;
}

/* --- the answer --------------------------------------------------------------------------- */

/* RFC 6531 3.7.4.2: beyond ASCII a reply may have the address of a 251 or 551, and what VRFY and
 * EXPN show, but no text of a hook or a setting, whatever MAIL had. Logs and traces have it as it
 * is. */
static struct str plain(struct in_session *s, struct str text)
{
	struct str ascii;
	struct buf b;

	if (utf8_ascii(text))
		return text;
	buf_init(&b, text.n);
	fold_ascii_put(&b, text);
	ascii = str_dup(&s->scratch, buf_str(&b));
	buf_deinit(&b);
	return ascii;
}

/* RFC 5321 4.2.1: of several lines all but the last have a "-" behind the code. */
static void refuse(struct in_session *s, const struct policy_verdict *v)
{
	const char *enhanced = str_z(&s->scratch, v->enhanced);
	struct cur c = cur_of(plain(s, v->text));
	struct str line;

	while (cur_until(&c, '\n', &line)) {
		cur_skip(&c, 1);
		buf_fmt(conn_out(s->c), "%u-%s%s%.*s\r\n", v->code, enhanced,
		        enhanced[0] != '\0' ? " " : "", STR_ARG(line));
	}
	in_reply(s, v->code, enhanced, "%.*s", STR_ARG(cur_rest(&c)));
}

bool in_policy_refused(struct in_session *s, const struct policy_verdict *v)
{
	return in_policy_refused_each(s, v, 1);
}

bool in_policy_refused_each(struct in_session *s, const struct policy_verdict *v, size_t replies)
{
	if (v->kind != POLICY_REJECT && v->kind != POLICY_TEMPFAIL)
		return false;
	metric_add(METRIC_smtp_in_refused, 1);
	in_trace_policy(s, v);
	for (size_t i = 0; i < replies; i++)
		refuse(s, v);
	if (v->code == 421) /* RFC 5321 3.8: the one reply after which a server closes */
		in_enter(s, IN_CLOSED);
	return true;
}

void in_policy_close(struct in_session *s, void (*gone)(void *session))
{
	s->wait.then = NULL;
	policy_leave(&s->wait.run, gone, s);
}
