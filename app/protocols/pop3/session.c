/* protocols/pop3/session.c: the life of one POP3 connection; see pop3.h. */
#include "protocols/pop3/session.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

#include <stdarg.h>
#include <stdio.h>

enum { UNITS_PER_STEP = 64 };

static const unsigned pop3_next[] = {
	[POP3_START] = BIT(POP3_START) | BIT(POP3_EXCHANGE) | BIT(POP3_MAIL) | BIT(POP3_CLOSED),
	[POP3_EXCHANGE] = BIT(POP3_START) | BIT(POP3_EXCHANGE) | BIT(POP3_CLOSED),
	[POP3_MAIL] = BIT(POP3_ANSWER) | BIT(POP3_CLOSED),
	[POP3_ANSWER] = BIT(POP3_MAIL) | BIT(POP3_CLOSED),
	[POP3_CLOSED] = BIT(POP3_CLOSED),
};

/* An illegal move is our bug, not the client's. */
void pop3_enter(struct pop3 *s, enum pop3_state to)
{
	assert(pop3_next[s->state] & BIT(to));
	s->state = to;
}

/* RFC 1939 5 asks for ten minutes and more after the login. */
static void deadline(struct pop3 *s)
{
	bool early = s->state == POP3_START || s->state == POP3_EXCHANGE;

	conn_deadline(s->conn, early ? LIMIT_pop3_login_idle_ms : LIMIT_pop3_idle_ms);
}

void pop3_ok(struct pop3 *s, const char *fmt, ...)
{
	char text[400]; /* RFC 1939 3: a line has 512 bytes at most */
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	buf_fmt(conn_out(s->conn), "+OK %s\r\n", text);
}

void pop3_err(struct pop3 *s, const char *code, const char *text)
{
	const char *open = code[0] != '\0' ? "[" : "", *close = code[0] != '\0' ? "] " : "";

	buf_fmt(conn_out(s->conn), "-ERR %s%s%s%s\r\n", open, code, close, text);
}

void pop3_bad(struct pop3 *s, const char *code, const char *text)
{
	pop3_err(s, code, text);
	if (++s->errors >= LIMIT_pop3_errors)
		pop3_enter(s, POP3_CLOSED);
}

/* RFC 3206 4 */
void pop3_failed(struct pop3 *s, enum err e)
{
	if (e == ERR_CORRUPT)
		pop3_err(s, "SYS/PERM", "the stored mail is damaged");
	else
		pop3_err(s, "SYS/TEMP", "the mail cannot be read now, try again later");
}

void pop3_answer(struct pop3 *s, bool (*answer)(struct pop3 *s))
{
	s->answer = answer;
	pop3_enter(s, POP3_ANSWER);
}

static enum step session_open(struct conn *c)
{
	struct pop3 *s = NEW(struct pop3);

	s->conn = c;
	s->server = conn_context(c);
	s->settings = settings_ref(s->server->live);
	s->login.hostname = s->settings->hostname;
	conn_set_session(c, s);
	deadline(s);
	pop3_ok(s, "%.*s Roost POP3 ready", STR_ARG(s->settings->hostname));
	return STEP_PARK;
}

static void session_close(struct conn *c)
{
	struct pop3 *s = conn_session(c);

	if (s == NULL)
		return;
	login_end(&s->login, c);
	pop3_sending_end(s);
	maildrop_close(&s->drop);
	str_free(&s->name);
	settings_unref(s->settings);
	mem_free(s);
}

static void no_line(struct pop3 *s, const char *text)
{
	pop3_exchange_end(s);
	pop3_bad(s, "", text);
}

static void take_line(struct pop3 *s, struct str line)
{
	if (!conn_line_strict(line))
		no_line(s, "a line must end in CRLF, without a lone CR, lone LF or NUL");
	else if (s->state == POP3_EXCHANGE)
		pop3_exchange_line(s, line);
	else
		pop3_command(s, line);
}

/* Take one line, or write some of an answer; false when a line is awaited. */
static bool unit(struct pop3 *s)
{
	size_t max = s->state == POP3_EXCHANGE ? LIMIT_login_bytes : LIMIT_pop3_line;
	struct str line;

	if (s->state == POP3_ANSWER) {
		if (!s->answer(s))
			return true;
		if (s->state == POP3_ANSWER)
			pop3_enter(s, POP3_MAIL);
		deadline(s);
		return true;
	}
	switch (conn_line(s->conn, max, &line)) {
	case CONN_LINE:
		take_line(s, line);
		break;
	case CONN_TOO_LONG:
		no_line(s, "line too long");
		break;
	case CONN_MORE:
		return false;
	}
	deadline(s);
	return true;
}

/* In the middle of an answer a line would be taken for a part of the message. */
static enum step goodbye(struct pop3 *s, unsigned events)
{
	if (s->state == POP3_ANSWER)
		return STEP_CLOSE;
	if (events & CONN_STOP)
		pop3_err(s, "SYS/TEMP", "the server is shutting down, try again later");
	else if (events & CONN_TIMEOUT)
		pop3_err(s, "", "no command was received in time");
	else
		pop3_err(s, "AUTH", "the login is no longer valid, log in again");
	return STEP_CLOSE;
}

static enum step session_run(struct conn *c, unsigned events)
{
	struct pop3 *s = conn_session(c);

	/* A slow reader has a deadline of its own: conn.h. */
	if (s->state == POP3_ANSWER)
		events &= ~(unsigned)CONN_TIMEOUT;
	if (events & (CONN_STOP | CONN_TIMEOUT) || login_ended(&s->login, c))
		return goodbye(s, events);
	for (int n = 0; n < UNITS_PER_STEP && !conn_out_full(c); n++) {
		if (s->state == POP3_CLOSED)
			return STEP_CLOSE;
		if (!unit(s))
			return STEP_PARK;
	}
	return s->state == POP3_CLOSED ? STEP_CLOSE : STEP_AGAIN;
}

const struct proto pop3_proto = {
	.name = "pop3",
	.refusal = STR("-ERR [SYS/TEMP] too many connections, try again later\r\n"),
	.first_deadline_ms = LIMIT_pop3_login_idle_ms,
	.open = session_open,
	.run = session_run,
	.close = session_close,
};
