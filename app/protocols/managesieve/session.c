/* protocols/managesieve/session.c: the life of one ManageSieve connection; see managesieve.h. */
#include "protocols/managesieve/session.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

enum { UNITS_PER_STEP = 64 };

static const unsigned managesieve_next[] = {
	[MANAGESIEVE_START] = BIT(MANAGESIEVE_START) | BIT(MANAGESIEVE_EXCHANGE) |
	                      BIT(MANAGESIEVE_READY) | BIT(MANAGESIEVE_CLOSED),
	[MANAGESIEVE_EXCHANGE] = BIT(MANAGESIEVE_START) | BIT(MANAGESIEVE_EXCHANGE) |
	                         BIT(MANAGESIEVE_READY) | BIT(MANAGESIEVE_CLOSED),
	[MANAGESIEVE_READY] = BIT(MANAGESIEVE_START) | BIT(MANAGESIEVE_CLOSED),
	[MANAGESIEVE_CLOSED] = BIT(MANAGESIEVE_CLOSED),
};

/* An illegal move is our bug, not the client's. */
void managesieve_enter(struct managesieve *s, enum managesieve_state to)
{
	assert(managesieve_next[s->state] & BIT(to));
	s->state = to;
}

static bool authenticated(const struct managesieve *s)
{
	return s->state == MANAGESIEVE_READY;
}

/* RFC 5804 1.2 asks for 30 minutes and more after the login. */
static void deadline(struct managesieve *s)
{
	conn_deadline(s->conn, authenticated(s) ? LIMIT_managesieve_idle_ms
	                                    : LIMIT_managesieve_login_idle_ms);
}

static void response(struct managesieve *s, const char *word, const char *code, struct str text)
{
	struct buf *out = conn_out(s->conn);

	buf_put(out, str_of(word));
	if (code[0] != '\0')
		buf_fmt(out, " (%s)", code);
	if (text.n != 0) {
		buf_byte(out, ' ');
		managesieve_string_put(out, text);
	}
	buf_put(out, STR("\r\n"));
}

void managesieve_ok(struct managesieve *s, const char *code, struct str text)
{
	response(s, "OK", code, text);
}

void managesieve_no(struct managesieve *s, const char *code, struct str text)
{
	response(s, "NO", code, text);
}

void managesieve_bye(struct managesieve *s, const char *code, const char *text)
{
	response(s, "BYE", code, str_of(text));
	managesieve_enter(s, MANAGESIEVE_CLOSED);
}

void managesieve_bad(struct managesieve *s, const char *code, const char *text)
{
	if (++s->errors >= LIMIT_managesieve_errors)
		managesieve_bye(s, "", "too many bad commands");
	else
		managesieve_no(s, code, str_of(text));
}

static enum step session_open(struct conn *c)
{
	struct managesieve *s = NEW(struct managesieve);

	s->conn = c;
	s->server = conn_context(c);
	s->settings = settings_ref(s->server->live);
	s->login.hostname = s->settings->hostname;
	conn_set_session(c, s);
	deadline(s);
	managesieve_capabilities(s);
	return STEP_PARK;
}

static void script_end(struct managesieve *s)
{
	if (s->script.max != 0)
		buf_deinit(&s->script);
	s->script = (struct buf){ 0 };
	s->script_sent = 0;
}

static void session_close(struct conn *c)
{
	struct managesieve *s = conn_session(c);

	if (s == NULL)
		return;
	login_end(&s->login, c);
	managesieve_input_reset(&s->input);
	script_end(s);
	arena_deinit(&s->arena);
	settings_unref(s->settings);
	mem_free(s);
}

/* Write some of the script of GETSCRIPT. */
static void script_write(struct managesieve *s)
{
	struct str piece = str_sub(buf_str(&s->script), s->script_sent,
	                           s->script_sent + CONN_OUT_SOFT);

	buf_put(conn_out(s->conn), piece);
	s->script_sent += piece.n;
	if (s->script_sent == s->script.n)
		script_end(s);
}

static void command_take(struct managesieve *s)
{
	struct str text = buf_str(&s->input.text);
	unsigned errors = s->errors;

	if (s->state == MANAGESIEVE_EXCHANGE)
		managesieve_exchange_line(s, text);
	else
		managesieve_command_run(s, text);
	if (s->errors == errors)
		s->errors = 0;
	managesieve_input_reset(&s->input);
	arena_deinit(&s->arena);
}

/* Take one command, or write some of a script; false when input is awaited. */
static bool session_unit(struct managesieve *s)
{
	if (s->script.max != 0) {
		script_write(s);
		return true;
	}
	switch (managesieve_input_take(&s->input, s->conn, authenticated(s))) {
	case MANAGESIEVE_MORE:
		return false;
	case MANAGESIEVE_COMMAND:
		command_take(s);
		break;
	case MANAGESIEVE_DROPPED:
		managesieve_input_reset(&s->input);
		managesieve_bad(s, "QUOTA/MAXSIZE", "the script is too large");
		break;
	case MANAGESIEVE_TOO_LONG:
		managesieve_bye(s, "", "a line or literal is too long");
		break;
	case MANAGESIEVE_NOT_STRICT:
		managesieve_bye(s, "", "a line has a lone CR or LF, or a NUL");
		break;
	}
	deadline(s);
	return true;
}

/* In the middle of a script a response would be taken for a part of it. */
static enum step goodbye(struct managesieve *s, unsigned events)
{
	if (s->script.max != 0)
		return STEP_CLOSE;
	if (events & CONN_STOP)
		managesieve_bye(s, "TRYLATER", "the server stops, come back soon");
	else if (events & CONN_TIMEOUT)
		managesieve_bye(s, "", "no command came for too long");
	else
		managesieve_bye(s, "", "the login is no longer valid, log in again");
	return STEP_CLOSE;
}

static enum step session_run(struct conn *c, unsigned events)
{
	struct managesieve *s = conn_session(c);

	/* A slow reader has a deadline of its own: conn.h. */
	if (s->script.max != 0)
		events &= ~(unsigned)CONN_TIMEOUT;
	if (events & (CONN_STOP | CONN_TIMEOUT) || login_ended(&s->login, c))
		return goodbye(s, events);
	if ((events & CONN_TLS) && s->tls_begins) { /* RFC 5804 2.2 */
		s->tls_begins = false;
		managesieve_capabilities(s);
	}
	for (int n = 0; n < UNITS_PER_STEP && !conn_out_full(c); n++) {
		if (s->state == MANAGESIEVE_CLOSED)
			return STEP_CLOSE;
		if (!session_unit(s))
			return STEP_PARK;
	}
	return s->state == MANAGESIEVE_CLOSED ? STEP_CLOSE : STEP_AGAIN;
}

const struct proto managesieve_proto = {
	.name = "managesieve",
	.refusal = STR("BYE (TRYLATER) \"too many connections, try again later\"\r\n"),
	.first_deadline_ms = LIMIT_managesieve_login_idle_ms,
	.open = session_open,
	.run = session_run,
	.close = session_close,
};
