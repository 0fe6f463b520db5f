/* line/login.c: see login.h. */
#include "line/login.h"

#include "base/mem.h"
#include "config/limits.h"
#include "net/conn.h"
#include "observe/event.h"

bool login_allowed(const struct conn *c)
{
	return conn_is_tls(c) || conn_service(c)->plain_auth;
}

unsigned login_mechs(const struct conn *c)
{
	unsigned all = (unsigned)SASL_ALL;

	return login_allowed(c) ? all : all & ~(unsigned)SASL_PLAINTEXT;
}

static enum login_result failed(struct login_session *s, enum login_result result)
{
	if (++s->failures >= LIMIT_login_tries)
		return LOGIN_TOO_MANY;
	return result;
}

static enum login_result check(struct login_session *s, struct conn *c, struct logins *logins,
                               const struct sasl *claim)
{
	struct login_try try = {
		.id = conn_id(c),
		.service = str_of(conn_service(c)->name),
		.peer = conn_peer(c),
		.name = claim->authcid,
		.password = claim->password,
		.authzid = claim->authzid,
		.client = s->client,
	};

	switch (login_check(logins, &try, conn_arena(c), &s->login, NULL)) {
	case OK:
		s->failures = 0;
		live_login_add(logins_live(logins), &s->live, &s->login, conn_waker(c));
		return LOGIN_OK;
	case ERR_DENIED:
		return failed(s, LOGIN_DENIED);
	default:
		return failed(s, LOGIN_BUSY);
	}
}

static enum login_result step(struct login_session *s, struct conn *c, struct logins *logins,
                              const struct str *line, struct buf *challenge)
{
	enum login_result result;

	switch (sasl_line(&s->sasl, line, challenge)) {
	case SASL_CONTINUE:
		return LOGIN_CHALLENGE;
	case SASL_DONE:
		result = check(s, c, logins, &s->sasl);
		break;
	case SASL_CANCELLED:
		result = LOGIN_CANCELLED;
		break;
	default:
		result = failed(s, LOGIN_BAD);
	}
	sasl_end(&s->sasl);
	return result;
}

/* The line lies in the connection's own input buffer, which nobody else reads. */
static void line_wipe(struct str line)
{
	if (line.n != 0)
		mem_wipe((char *)(uintptr_t)line.p, line.n);
}

enum login_result login_begin(struct login_session *s, struct conn *c, struct logins *logins,
                              struct str mech, const struct str *initial, struct buf *challenge)
{
	enum login_result result;

	sasl_end(&s->sasl);
	if (!sasl_begin(&s->sasl, mech, login_mechs(c)))
		return LOGIN_UNKNOWN;
	result = step(s, c, logins, initial, challenge);
	if (initial != NULL)
		line_wipe(*initial);
	return result;
}

enum login_result login_line(struct login_session *s, struct conn *c, struct logins *logins,
                             struct str line, struct buf *challenge)
{
	enum login_result result = step(s, c, logins, &line, challenge);

	line_wipe(line);
	return result;
}

enum login_result login_password(struct login_session *s, struct conn *c, struct logins *logins,
                                 struct str name, struct str password)
{
	struct sasl claim = { .authcid = name, .password = password };

	return check(s, c, logins, &claim);
}

void login_named(struct login_session *s, struct conn *c, struct logins *logins, struct str client)
{
	if (s->client.n != 0 || client.n == 0)
		return;
	s->client = str_dup(conn_arena(c), client);
	if (s->login.account != 0)
		login_client(logins, &s->login, str_of(conn_service(c)->name), conn_peer(c),
		             client);
}

bool login_ended(const struct login_session *s, struct conn *c)
{
	if (!live_login_ended(&s->live))
		return false;
	event(login_ended, conn_id(c), ev_z(conn_service(c)->name), ev_str(conn_peer_text(c)),
	      ev_str(s->login.address));
	return true;
}

void login_end(struct login_session *s)
{
	sasl_end(&s->sasl);
	live_login_remove(&s->live);
	s->login.account = 0;
}
