/* protocols/smtp_in/mail.c: MAIL FROM: who sends, how much, in what form. */
#include "flow/acceptance/addresses.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/utf8.h"
#include "model/store/store.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/params.h"
#include "protocols/smtp_in/policy.h"
#include "protocols/smtp_in/trace.h"

/* --- who --------------------------------------------------------------------- */

static void sender_refused(struct in_session *s, const struct mailaddr *from)
{
	static const char why[] = "sender address not owned by user";

	event(mail_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
	      ev_str(conn_peer_text(s->c)), ev_str(in_addr_text(s, from)), ev_int(553), ev_z(why));
	metric_add(METRIC_smtp_in_refused, 1);
	in_trace_mail(s, from, STR_EMPTY, 553, "5.7.1", why);
}

static bool sender_check(struct in_session *s, struct mailaddr from)
{
	const struct accept_check look = { .store = s->config->store,
		                      .settings = s->settings,
		                      .account = s->login.login.account,
		                      .from = from };
	struct smtp_answer answer;

	if (s->role != SMTP_SUBMISSION || accept_sender(&look, &answer))
		return true;
	if (answer.code == 553)
		sender_refused(s, &from);
	in_reply(s, answer.code, answer.enhanced, "%s", answer.text);
	return false;
}

static bool store_has_room(struct in_session *s)
{
	struct store_stats stats;

	store_stats(s->config->store, &stats);
	if (stats.full)
		in_reply(s, 452, "4.3.1", "the disk is full, try again later");
	return !stats.full;
}

static void mail_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (in_policy_refused(s, v))
		return;
	in_enter(s, IN_MAIL);
	if (s->mail.priority_lowered) /* RFC 6710 4.1: the text begins with the new one */
		in_reply(s, 250, "2.3.6",
		         "0 is the new priority: higher priorities require authentication");
	else
		in_reply(s, 250, "2.1.0", "ok");
}

bool in_utf8_check(struct in_session *s, struct str args)
{
	if (s->mail.envelope.flags & ENVELOPE_UTF8 || utf8_ascii(args))
		return true;
	in_bad(s, 553, "5.6.7", "non-ASCII address requires SMTPUTF8");
	return false;
}

void in_rewrite(struct in_session *s, enum rewrite_what what, struct arena *a,
                struct mailaddr *address)
{
	struct str before;

	if (s->settings->rewrite.n == 0)
		return;
	before = in_addr_text(s, address);
	if (rewrite_address(s->settings, what, s->role == SMTP_SUBMISSION, a, address))
		event(address_rewritten, conn_id(s->c), ev_z(conn_service(s->c)->name),
		      ev_str(before), ev_str(in_addr_text(s, address)));
}

void in_mail(struct in_session *s, struct str args)
{
	const unsigned flags = MAILADDR_NULL | MAILADDR_LITERAL | MAILADDR_UTF8;
	struct smtp_path path;

	in_reset(s); /* what a MAIL that was refused has left */
	if (s->role == SMTP_SUBMISSION && s->login.login.account == 0) {
		in_bad(s, 530, "5.7.0", "authentication required"); /* RFC 4954 6 */
		return;
	}
	if (s->messages >= LIMIT_smtp_messages) {
		in_reply(s, 421, "4.7.0", "too many messages in one connection");
		in_enter(s, IN_CLOSED);
		return;
	}
	if (!smtp_path_parse(args, STR("FROM:"), flags, &s->mail_arena, &path)) {
		in_bad(s, 501, "5.5.4", "syntax: MAIL FROM:<user@domain>");
		return;
	}
	in_rewrite(s, REWRITE_SENDER, &s->mail_arena, &path.addr);
	if (!in_mail_params_take(s, &path) || !in_utf8_check(s, args) || !store_has_room(s) ||
	    !sender_check(s, path.addr))
		return;
	s->mail.envelope.sender = mailaddr_dup(&s->mail_arena, &path.addr);
	/* An atom, as the Received field has it (RFC 5321 4.4). */
	s->mail.envelope.mail_id =
		str_fmt(&s->mail_arena, "%.*s-%u", STR_ARG(conn_id(s->c)), ++s->mails);
	s->mail.envelope.submitter = s->login.login.account;
	s->mail.envelope.session = (struct envelope_session){
		.id = conn_id(s->c),
		.service = str_of(conn_service(s->c)->name),
		.peer = conn_peer_text(s->c),
	};
	in_policy_mail(s, &path, mail_answer);
}
