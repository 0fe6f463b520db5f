/* protocols/smtp_in/auth.c: AUTH (RFC 4954) on the submission ports. */
#include "foundation/base/cur.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/policy.h"

/* A right password is not enough where a check says no. */
static void welcome(struct in_session *s, const struct policy_verdict *v)
{
	if (in_policy_refused(s, v)) {
		login_end(&s->login, s->c);
		s->login = (struct login_session){ .hostname = s->settings->hostname };
		return;
	}
	in_reply(s, 235, "2.7.0", "welcome");
}

static void answer(struct in_session *s, enum login_result result)
{
	if (s->state == IN_AUTH)
		in_enter(s, IN_READY);
	switch (result) {
	case LOGIN_CHALLENGE:
		in_enter(s, IN_AUTH);
		return;
	case LOGIN_OK:
		in_policy_ask(s, POLICY_AUTH, welcome);
		return;
	case LOGIN_DENIED:
		in_reply(s, 535, "5.7.8", "login or password is wrong");
		return;
	case LOGIN_BUSY:
		in_reply(s, 454, "4.7.0",
		         "authentication temporarily unavailable, try again later");
		return;
	case LOGIN_BAD:
		in_bad(s, 501, "5.5.2", "malformed authentication response");
		return;
	case LOGIN_CANCELLED:
		in_reply(s, 501, "5.7.0", "login cancelled");
		return;
	case LOGIN_UNKNOWN:
		in_bad(s, 504, "5.5.4", "mechanism not supported");
		return;
	case LOGIN_TOO_MANY:
		in_reply(s, 421, "4.7.0", "too many failed logins");
		in_enter(s, IN_CLOSED);
		return;
	}
}

/* The challenge follows "334 ", which has to be written first. */
static void exchange(struct in_session *s, struct str mech, const struct str *line)
{
	enum login_result result;
	struct buf challenge;

	login_named(&s->login, s->c, s->config->logins, s->helo);
	buf_init(&challenge, SASL_LINE_MAX);
	if (s->state == IN_AUTH)
		result = login_line(&s->login, s->c, s->config->logins, *line, &challenge);
	else
		result = login_begin(&s->login, s->c, s->config->logins, mech, line, &challenge);
	if (result == LOGIN_CHALLENGE)
		in_reply(s, 334, "", "%.*s", STR_ARG(buf_str(&challenge)));
	answer(s, result);
	buf_deinit(&challenge);
}

void in_auth(struct in_session *s, struct str args)
{
	struct cur c = cur_of(args);
	struct str mech, initial;

	if (s->role != SMTP_SUBMISSION) {
		in_bad(s, 502, "5.5.1", "authentication not available on this port");
		return;
	}
	if (args.n == 0) {
		in_bad(s, 501, "5.5.4", "mechanism missing");
		return;
	}
	if (s->login.login.account != 0) { /* RFC 4954 4: only once */
		in_bad(s, 503, "5.5.1", "already authenticated");
		return;
	}
	if (!login_allowed(s->c)) {
		in_reply(s, 538, "5.7.11", "STARTTLS first"); /* RFC 4954 6 */
		return;
	}
	if (!cur_until(&c, ' ', &mech)) {
		exchange(s, args, NULL);
		return;
	}
	initial = str_trim(cur_rest(&c));
	exchange(s, mech, &initial);
}

void in_auth_end(struct in_session *s)
{
	if (s->state != IN_AUTH)
		return;
	login_end(&s->login, s->c);
	in_enter(s, IN_READY);
}

void in_auth_line(struct in_session *s, struct str line)
{
	exchange(s, STR_EMPTY, &line);
}
