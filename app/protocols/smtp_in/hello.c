/* protocols/smtp_in/hello.c: HELO, EHLO and STARTTLS. */
#include "formats/smtp_wire/command.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/extensions.h"
#include "protocols/smtp_in/policy.h"

/* A name that is no name is the mark of a program that is no mail server; but clients of
 * users call themselves what they like. */
static bool hello_take(struct in_session *s, struct str args)
{
	if (args.n == 0 || (s->role == SMTP_MX && !smtp_hello_parse(args))) {
		in_bad(s, 501, "5.5.2", "host name or address literal required");
		return false;
	}
	str_free(&s->helo);
	s->helo = str_new(str_sub(args, 0, MAILADDR_DOMAIN_MAX));
	in_reset(s);
	return true;
}

/* A refused greeting does not count: later commands are out of order. */
static bool welcome(struct in_session *s, const struct policy_verdict *v)
{
	in_enter(s, IN_START);
	if (in_policy_refused(s, v))
		return false;
	in_enter(s, IN_READY);
	return true;
}

static void helo_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (welcome(s, v))
		in_reply(s, 250, "", "%.*s", STR_ARG(s->settings->hostname));
}

void in_hello(struct in_session *s, struct str args)
{
	if (!hello_take(s, args))
		return;
	s->esmtp = false;
	in_policy_ask(s, POLICY_HELLO, helo_answer);
}

static void ehlo_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (!welcome(s, v))
		return;
	buf_fmt(conn_out(s->c), "250-%.*s\r\n", STR_ARG(s->settings->hostname));
	in_extensions_put(s, conn_out(s->c));
}

void in_ehlo(struct in_session *s, struct str args)
{
	if (!hello_take(s, args))
		return;
	s->esmtp = true;
	in_policy_ask(s, POLICY_HELLO, ehlo_answer);
}

void in_starttls(struct in_session *s, struct str args)
{
	(void)args;
	if (!conn_can_starttls(s->c)) {
		in_bad(s, 503, "5.5.1", "TLS is already active or not available");
		return;
	}
	in_reply(s, 220, "2.0.0", "ready to start TLS");
	/* RFC 3207 4.2: nothing the peer said before counts any more. */
	in_reset(s);
	if (s->policy != NULL)
		policy_session_restart(s->config->policy, s->policy);
	login_end(&s->login, s->c);
	s->login = (struct login_session){ 0 };
	str_free(&s->helo);
	s->esmtp = false;
	in_enter(s, IN_START);
	conn_starttls(s->c);
}
