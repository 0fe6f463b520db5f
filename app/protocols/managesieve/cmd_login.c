/* protocols/managesieve/cmd_login.c: AUTHENTICATE, STARTTLS, UNAUTHENTICATE (RFC 5804 2.1, 2.2,
 * 2.14.1). */
#include "foundation/config/limits.h"
#include "protocols/managesieve/session.h"

/* RFC 5804 1.3: why is a mechanism not offered? It depends on the server alone, not on the user. */
static void mechanism_refuse(struct managesieve *s, struct str name)
{
	const struct sasl_mech *mech = sasl_mech_find(name, (unsigned)SASL_ALL);

	if (mech == NULL)
		managesieve_bad(s, "", "no such mechanism");
	else if (!login_allowed(s->conn))
		managesieve_bad(s, "ENCRYPT-NEEDED", "begin TLS first");
	else if (mech->flags & SASL_SCRAM && !logins_scram(s->server->logins))
		managesieve_bad(s, "TRANSITION-NEEDED", "log in by PLAIN");
	else if (mech->flags & SASL_CRAM)
		managesieve_bad(s, "AUTH-TOO-WEAK", "use another mechanism");
	else
		managesieve_bad(s, "", "this mechanism is not available");
}

static void login_went(struct managesieve *s, enum login_result result, struct str mechanism,
                       struct str challenge)
{
	if (result == LOGIN_CHALLENGE) {
		managesieve_enter(s, MANAGESIEVE_EXCHANGE);
		managesieve_string_put(conn_out(s->conn), challenge);
		buf_put(conn_out(s->conn), STR("\r\n"));
		return;
	}
	managesieve_enter(s, result == LOGIN_OK ? MANAGESIEVE_READY : MANAGESIEVE_START);
	switch (result) {
	case LOGIN_CHALLENGE:
		break;
	case LOGIN_OK:
		managesieve_ok(s, "", STR("logged in"));
		break;
	case LOGIN_DENIED:
		managesieve_no(s, "", STR("wrong name or password"));
		break;
	case LOGIN_BUSY:
		managesieve_no(s, "TRYLATER", STR("logins are not possible now, try again later"));
		break;
	case LOGIN_BAD:
		managesieve_bad(s, "", "not a response of that mechanism");
		break;
	case LOGIN_CANCELLED:
		managesieve_no(s, "", STR("cancelled"));
		break;
	case LOGIN_UNKNOWN:
		mechanism_refuse(s, mechanism);
		break;
	case LOGIN_TOO_MANY:
		managesieve_bye(s, "", "too many failed logins");
		break;
	}
}

void managesieve_authenticate(struct managesieve *s, const struct managesieve_command *c)
{
	struct str initial = c->args[1].text, mechanism = c->args[0].text;
	enum login_result result;
	struct buf challenge;

	buf_init(&challenge, SASL_LINE_MAX);
	result = login_begin(&s->login, s->conn, s->server->logins, mechanism,
	                     c->count == 2 ? &initial : NULL, &challenge);
	login_went(s, result, mechanism, buf_str(&challenge));
	buf_deinit(&challenge);
}

void managesieve_exchange_line(struct managesieve *s, struct str text)
{
	enum login_result result;
	struct buf challenge;
	struct str line;

	if (!managesieve_string_parse(text, &s->arena, &line)) {
		login_end(&s->login, s->conn);
		login_went(s, LOGIN_BAD, STR_EMPTY, STR_EMPTY);
		return;
	}
	buf_init(&challenge, SASL_LINE_MAX);
	result = login_line(&s->login, s->conn, s->server->logins, line, &challenge);
	login_went(s, result, STR_EMPTY, buf_str(&challenge));
	buf_deinit(&challenge);
}

/* Nothing from before TLS is believed: the bytes behind the command are dropped. */
void managesieve_starttls(struct managesieve *s, const struct managesieve_command *c)
{
	(void)c;
	if (!conn_can_starttls(s->conn)) {
		managesieve_bad(s, "",
		                conn_is_tls(s->conn) ? "TLS is on already" : "there is no TLS");
		return;
	}
	managesieve_ok(s, "", STR("begin TLS now"));
	s->tls_begins = true;
	conn_starttls(s->conn);
}

/* It may not fail. Each login leaves memory in the connection's arena, so the number is limited. */
void managesieve_unauthenticate(struct managesieve *s, const struct managesieve_command *c)
{
	(void)c;
	if (++s->unauthenticated >= LIMIT_managesieve_unauthenticate) {
		managesieve_bye(s, "", "please connect again");
		return;
	}
	login_end(&s->login, s->conn);
	managesieve_enter(s, MANAGESIEVE_START);
	managesieve_ok(s, "", STR("logged out"));
}
