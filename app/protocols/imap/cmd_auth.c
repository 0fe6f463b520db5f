/* protocols/imap/cmd_auth.c: STARTTLS, AUTHENTICATE and LOGIN (RFC 9051 6.2). */
#include "model/mailbox/mail.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/store.h"

enum done imap_cmd_starttls(struct imap *s, union imap_args *args)
{
	(void)args;
	if (!conn_can_starttls(s->conn)) {
		imap_bad(s,
		         conn_is_tls(s->conn) ? "TLS is already active" : "TLS is not available");
		return DONE;
	}
	imap_ok(s, NULL, "Begin TLS now");
	imap_reply_put(imap_out(s), s->run.tag, s->run.name, &s->reply);
	/* Input after the command is unencrypted and dropped; the client must request the
	 * capabilities again (RFC 9051 6.2.1). */
	conn_starttls(s->conn);
	return DONE_QUIET;
}

/* RFC 4978 3: output is compressed after the CRLF of the reply. */
enum done imap_cmd_compress(struct imap *s, union imap_args *args)
{
	(void)args;
	if (conn_is_compressed(s->conn)) {
		imap_bad(s, "Compression is already active");
		return DONE;
	}
	imap_ok(s, NULL, NULL);
	imap_reply_put(imap_out(s), s->run.tag, s->run.name, &s->reply);
	conn_compress(s->conn);
	return DONE_QUIET;
}

static enum err has_mail(const struct mail_txn *m, void *arg)
{
	uint64_t modseq;

	(void)arg;
	return mail_modseq(m, &modseq);
}

static enum err make_mail(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_provision(m);
}

/* The first login creates the account's default mailboxes, unless a delivery did
 * before. */
static void logged_in(struct imap *s)
{
	struct buf text;
	enum err e = imap_read(s, has_mail, NULL);

	if (e == ERR_MISSING)
		e = imap_write(s, make_mail, NULL, NULL);
	if (e) {
		login_end(&s->login, s->conn);
		imap_failed(s, ABOUT_ANY, e, NULL);
		return;
	}
	s->state = STATE_AUTHENTICATED;
	imap_ok(s, NULL, "Welcome");
	/* RFC 9051 7.1: saves the client a CAPABILITY command. */
	buf_init(&text, 1024);
	imap_capability_put(s, &text);
	s->reply.code = str_dup(&s->run.arena, buf_str(&text));
	buf_deinit(&text);
}

static enum done login_went(struct imap *s, enum login_result result, struct str challenge)
{
	switch (result) {
	case LOGIN_CHALLENGE:
		buf_put(imap_out(s), STR("+ "));
		buf_put(imap_out(s), challenge);
		buf_put(imap_out(s), STR("\r\n"));
		s->mode = MODE_AUTH;
		return DONE_LATER;
	case LOGIN_OK:
		logged_in(s);
		break;
	case LOGIN_DENIED:
		imap_no(s, "AUTHENTICATIONFAILED", "Wrong name or password");
		break;
	case LOGIN_BUSY:
		imap_no(s, "UNAVAILABLE",
		        "Authentication is temporarily unavailable, try again later");
		break;
	case LOGIN_BAD:
		imap_bad(s, "Malformed authentication response");
		break;
	case LOGIN_CANCELLED:
		imap_bad(s, "Cancelled"); /* RFC 9051 6.2.2 */
		break;
	case LOGIN_UNKNOWN:
		imap_no(s, login_allowed(s->conn) ? "CANNOT" : "PRIVACYREQUIRED",
		        login_allowed(s->conn) ? "Mechanism not supported" : "STARTTLS required");
		break;
	case LOGIN_TOO_MANY:
		(void)imap_bye(s, "Too many failed logins");
		return DONE_CLOSE;
	}
	return DONE;
}

enum done imap_cmd_login(struct imap *s, union imap_args *args)
{
	if (!login_allowed(s->conn)) {
		imap_no(s, "PRIVACYREQUIRED", "Begin TLS first"); /* RFC 9051 6.2.3 */
		return DONE;
	}
	return login_went(s,
	                  login_password(&s->login, s->conn, s->server->logins, args->login.name,
	                                 args->login.password),
	                  STR_EMPTY);
}

enum done imap_cmd_authenticate(struct imap *s, union imap_args *args)
{
	const struct imap_args_auth *a = &args->auth;
	struct buf challenge;
	enum login_result result;
	enum done done;

	buf_init(&challenge, SASL_LINE_MAX);
	result = login_begin(&s->login, s->conn, s->server->logins, a->mech,
	                     a->has_initial ? &a->initial : NULL, &challenge);
	done = login_went(s, result, buf_str(&challenge));
	buf_deinit(&challenge);
	return done;
}

enum go imap_auth_input(struct imap *s)
{
	struct buf challenge;
	struct str line;
	enum login_result result;
	enum done done;

	switch (conn_line(s->conn, SASL_LINE_MAX, &line)) {
	case CONN_MORE:
		return GO_PARK;
	case CONN_TOO_LONG:
		return imap_bye(s, "Line too long");
	case CONN_LINE:
		break;
	}
	buf_init(&challenge, SASL_LINE_MAX);
	result = login_line(&s->login, s->conn, s->server->logins, line, &challenge);
	done = login_went(s, result, buf_str(&challenge));
	buf_deinit(&challenge);
	return imap_went(s, done);
}
