/* smtp/in_hello.c: HELO, EHLO and STARTTLS. */
#include "net/conn.h"
#include "smtp/in_session.h"
#include "smtp/wire_command.h"

/* A name that is no name is the mark of a program that is no mail server; but clients of
 * users call themselves what they like. */
static bool hello_take(struct in_session *s, struct str args)
{
	if (args.n == 0 || (s->role == SMTP_MX && !smtp_hello_parse(args))) {
		in_bad(s, 501, "5.5.2", "give your host name or address literal");
		return false;
	}
	str_free(&s->helo);
	s->helo = str_new(str_sub(args, 0, MAILADDR_DOMAIN_MAX));
	in_reset(s);
	in_enter(s, IN_READY);
	return true;
}

void in_hello(struct in_session *s, struct str args)
{
	if (!hello_take(s, args))
		return;
	s->esmtp = false;
	in_reply(s, 250, "", "%.*s", STR_ARG(s->settings->hostname));
}

void in_ehlo(struct in_session *s, struct str args)
{
	struct buf *out = conn_out(s->c);

	if (!hello_take(s, args))
		return;
	s->esmtp = true;
	buf_fmt(out, "250-%.*s\r\n", STR_ARG(s->settings->hostname));
	buf_put(out, STR("250-PIPELINING\r\n"));                             /* RFC 2920 */
	buf_fmt(out, "250-SIZE %" PRIu64 "\r\n", s->settings->message_size); /* RFC 1870 */
	buf_put(out, STR("250-8BITMIME\r\n"));                               /* RFC 6152 */
	if (conn_can_starttls(s->c))
		buf_put(out, STR("250-STARTTLS\r\n")); /* RFC 3207 */
	if (s->role == SMTP_SUBMISSION && s->login.login.account == 0 && login_allowed(s->c)) {
		buf_put(out, STR("250-AUTH ")); /* RFC 4954 */
		sasl_mechs_put(out, login_mechs(s->c, s->config->logins), STR(""), ' ');
		buf_put(out, STR("\r\n"));
	}
	buf_put(out, STR("250 ENHANCEDSTATUSCODES\r\n")); /* RFC 2034 */
}

void in_starttls(struct in_session *s, struct str args)
{
	(void)args;
	if (!conn_can_starttls(s->c)) {
		in_bad(s, 503, "5.5.1", "TLS is on already or not available");
		return;
	}
	in_reply(s, 220, "2.0.0", "go ahead");
	/* RFC 3207 4.2: nothing the peer said before counts any more. */
	in_reset(s);
	login_end(&s->login);
	s->login = (struct login_session){ 0 };
	str_free(&s->helo);
	s->esmtp = false;
	in_enter(s, IN_START);
	conn_starttls(s->c);
}
