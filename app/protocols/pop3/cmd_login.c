/* protocols/pop3/cmd_login.c: USER, PASS (RFC 1939 7), AUTH (RFC 5034) and STLS (RFC 2595 4). */
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "protocols/pop3/session.h"

static const char tls_first[] = "begin TLS first";

/* The password was right; the maildrop is opened (RFC 1939 4). */
static void logged_in(struct pop3 *s)
{
	enum err e = maildrop_open(&s->drop, s->server, s->login.login.account);

	if (e == OK) {
		pop3_enter(s, POP3_MAIL);
		pop3_ok(s, "%u messages (%llu octets)", s->drop.n,
		        (unsigned long long)s->drop.size_bytes);
		return;
	}
	login_end(&s->login, s->conn);
	if (++s->unopened >= LIMIT_pop3_errors) /* each login takes memory */
		pop3_enter(s, POP3_CLOSED);
	if (e == ERR_CONFLICT) /* RFC 2449 8.1.2; counted, because each login takes memory */
		pop3_bad(s, "IN-USE", "another POP3 session has this maildrop");
	else if (e == ERR_DENIED)
		pop3_bad(s, "SYS/PERM", "POP3 is turned off for this account");
	else
		pop3_failed(s, e);
}

static void login_went(struct pop3 *s, enum login_result result, struct str challenge)
{
	if (result == LOGIN_CHALLENGE) {
		pop3_enter(s, POP3_EXCHANGE);
		buf_fmt(conn_out(s->conn), "+ %.*s\r\n", STR_ARG(challenge));
		return;
	}
	pop3_enter(s, POP3_START);
	switch (result) {
	case LOGIN_CHALLENGE:
		break;
	case LOGIN_OK:
		logged_in(s);
		break;
	case LOGIN_DENIED:
		pop3_err(s, "AUTH", "wrong name or password"); /* RFC 3206 5 */
		break;
	case LOGIN_BUSY:
		pop3_err(s, "SYS/TEMP", "logins are not possible now, try again later");
		break;
	case LOGIN_BAD:
		pop3_bad(s, "", "the response does not fit the mechanism");
		break;
	case LOGIN_CANCELLED:
		pop3_err(s, "", "cancelled");
		break;
	case LOGIN_UNKNOWN:
		pop3_bad(s, "", login_allowed(s->conn) ? "no such mechanism" : tls_first);
		break;
	case LOGIN_TOO_MANY:
		pop3_err(s, "AUTH", "too many failed logins");
		pop3_enter(s, POP3_CLOSED);
		break;
	}
}

static void name_set(struct pop3 *s, struct str name)
{
	str_free(&s->name);
	if (name.n != 0)
		s->name = str_new(name);
}

/* The reply is the same for each name: it does not tell which accounts exist. */
void pop3_user(struct pop3 *s, struct str args)
{
	if (!login_allowed(s->conn)) {
		pop3_bad(s, "", tls_first);
		return;
	}
	name_set(s, args);
	pop3_ok(s, "send the password");
}

void pop3_pass(struct pop3 *s, struct str args)
{
	if (!login_allowed(s->conn)) {
		pop3_bad(s, "", tls_first);
		return;
	}
	if (s->name.n == 0) {
		pop3_bad(s, "", "send USER first");
		return;
	}
	login_went(s, login_password(&s->login, s->conn, s->server->logins, s->name, args),
	           STR_EMPTY);
	name_set(s, STR_EMPTY);
}

/* AUTH without a mechanism lists them: older than CAPA, and clients still use it. */
static void mechanisms_put(struct pop3 *s)
{
	struct buf *out = conn_out(s->conn);

	buf_put(out, STR("+OK Mechanisms follow"));
	sasl_mechs_put(out, login_mechs(s->conn, s->server->logins), STR("\r\n"), '\0');
	buf_put(out, STR("\r\n.\r\n"));
}

void pop3_auth(struct pop3 *s, struct str args)
{
	struct cur c = cur_of(args);
	bool has_initial;
	struct str mech, initial;
	struct buf challenge;
	enum login_result result;

	if (args.n == 0) {
		mechanisms_put(s);
		return;
	}
	has_initial = cur_until(&c, ' ', &mech);
	if (has_initial)
		cur_skip(&c, 1);
	else
		mech = args;
	initial = cur_rest(&c);
	buf_init(&challenge, SASL_LINE_MAX);
	result = login_begin(&s->login, s->conn, s->server->logins, mech,
	                     has_initial ? &initial : NULL, &challenge);
	login_went(s, result, buf_str(&challenge));
	buf_deinit(&challenge);
}

void pop3_exchange_line(struct pop3 *s, struct str line)
{
	enum login_result result;
	struct buf challenge;

	buf_init(&challenge, SASL_LINE_MAX);
	result = login_line(&s->login, s->conn, s->server->logins, line, &challenge);
	login_went(s, result, buf_str(&challenge));
	buf_deinit(&challenge);
}

void pop3_exchange_end(struct pop3 *s)
{
	if (s->state != POP3_EXCHANGE)
		return;
	login_end(&s->login, s->conn);
	pop3_enter(s, POP3_START);
}

/* Nothing from before TLS is believed: the bytes behind the command are dropped, and the name is
 * forgotten. RFC 6856 2.1: not after UTF8. */
void pop3_stls(struct pop3 *s, struct str args)
{
	(void)args;
	if (!conn_can_starttls(s->conn)) {
		pop3_bad(s, "",
		         conn_is_tls(s->conn) ? "TLS is already active" : "TLS is not available");
		return;
	}
	if (s->utf8) {
		pop3_bad(s, "", "send STLS before UTF8");
		return;
	}
	name_set(s, STR_EMPTY);
	pop3_ok(s, "begin TLS now");
	conn_starttls(s->conn);
}
