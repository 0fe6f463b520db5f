/* protocols/smtp_in/rcpt.c: RCPT TO: will somebody here take it? */
#include "flow/acceptance/addresses.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/params.h"
#include "protocols/smtp_in/policy.h"
#include "protocols/smtp_in/trace.h"

#include <string.h>

/* One more was refused: a peer that tries name after name is harvesting. */
static bool harvests(struct in_session *s)
{
	return ++s->rcpts_refused >= LIMIT_smtp_rcpts_unknown;
}

static void refuse(struct in_session *s, const struct mailaddr *rcpt, const struct smtp_answer *why)
{
	event(rcpt_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
	      ev_str(conn_peer_text(s->c)), ev_str(in_addr_text(s, &s->mail.envelope.sender)),
	      ev_str(in_addr_text(s, rcpt)), ev_int(why->code), ev_z(why->text));
	metric_add(METRIC_smtp_in_refused, 1);
	in_trace_rcpt(s, rcpt, why->code, why->enhanced, why->text);
	if (harvests(s)) {
		in_reply(s, 421, "4.7.0", "too many unknown recipients");
		in_enter(s, IN_CLOSED);
		return;
	}
	in_reply(s, why->code, why->enhanced, "%s", why->text);
}

/* Would delivery/ take mail for this address from this session? False: answered, or there is nobody
 * of this name. */
static bool rcpt_check(struct in_session *s, const struct mailaddr *rcpt, bool *unknown)
{
	const struct accept_check look = { .store = s->config->store,
		                           .settings = s->settings,
		                           .account = s->login.login.account,
		                           .from = s->mail.envelope.sender,
		                           .size = s->mail.size,
		                           .anywhere = s->role == SMTP_SUBMISSION };
	struct smtp_answer answer;

	if (accept_recipient(&look, rcpt, &s->mail.asked_targets, &answer))
		return true;
	*unknown = accept_is_unknown(&answer);
	if (answer.code / 100 == 4)
		in_reply(s, answer.code, answer.enhanced, "%s", answer.text);
	else if (!*unknown)
		refuse(s, rcpt, &answer);
	return false;
}

static void rcpt_add(struct in_mail *mail, struct arena *a, const struct envelope_rcpt *rcpt)
{
	if (mail->envelope.rcpt_count == mail->rcpt_cap) {
		size_t cap = MAX(mail->rcpt_cap * 2, (size_t)4);
		struct envelope_rcpt *grown = arena_array(a, struct envelope_rcpt, cap);

		if (mail->envelope.rcpt_count != 0)
			memcpy(grown, mail->envelope.rcpts,
			       mail->envelope.rcpt_count * sizeof *grown);
		mail->envelope.rcpts = grown;
		mail->rcpt_cap = cap;
	}
	mail->envelope.rcpts[mail->envelope.rcpt_count++] = envelope_rcpt_dup(a, rcpt);
}

/* Refusals of the checks are refusals too, but for those that ask to come back. */
static bool rcpt_refused(struct in_session *s, const struct policy_verdict *v)
{
	struct policy_verdict last = *v;

	if (v->kind == POLICY_REJECT && v->code != 421 && harvests(s)) {
		last.code = 421;
		last.enhanced = STR("4.7.0");
		last.text = STR("too many refused recipients");
	}
	return in_policy_refused(s, &last);
}

/* The checks count who asks for whom there is not, and may have more to say than no. */
static void unknown_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (!rcpt_refused(s, v))
		refuse(s, &s->mail.asked.address, &accept_unknown);
}

static void rcpt_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (rcpt_refused(s, v))
		return;
	s->mail.asked.actions = policy_verdict_actions(v, &s->mail_arena);
	rcpt_add(&s->mail, &s->mail_arena, &s->mail.asked);
	s->mail.target_count += s->mail.asked_targets;
	in_enter(s, IN_RCPT);
	in_reply(s, 250, "2.1.5", "ok");
}

static void rcpt_take(struct in_session *s, struct str args, struct arena *a)
{
	struct envelope_rcpt rcpt = { 0 };
	struct smtp_path path;
	bool unknown = false;

	if (!smtp_path_parse(args, STR("TO:"), MAILADDR_LITERAL | MAILADDR_UTF8, a, &path)) {
		in_bad(s, 501, "5.5.4", "syntax: RCPT TO:<user@domain>");
		return;
	}
	if (!in_utf8_check(s, args))
		return;
	if (!in_rcpt_params_take(s, &path, &rcpt))
		return;
	if (s->mail.envelope.rcpt_count >= LIMIT_smtp_rcpts ||
	    s->mail.target_count >= LIMIT_smtp_targets) {
		in_reply(s, accept_too_many.code, accept_too_many.enhanced, "%s",
		         accept_too_many.text);
		return;
	}
	rcpt.written = path.addr;
	in_rewrite(s, REWRITE_RCPT, a, &path.addr);
	rcpt.address = path.addr;
	if (mailaddr_equal(&rcpt.written, &rcpt.address))
		rcpt.written = (struct mailaddr){ 0 };
	if (rcpt_check(s, &path.addr, &unknown))
		in_policy_rcpt(s, &path, &rcpt, false, rcpt_answer);
	else if (unknown)
		in_policy_rcpt(s, &path, &rcpt, true, unknown_answer);
}

/* As in_policy_rcpt: what is refused costs the transaction nothing. */
void in_rcpt(struct in_session *s, struct str args)
{
	struct arena a = { 0 };

	rcpt_take(s, args, &a);
	arena_deinit(&a);
}
