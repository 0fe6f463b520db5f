/* protocols/smtp_in/session.c: the life of one SMTP connection; see smtp_in.h. */
#include "protocols/smtp_in/session.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/policy.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	IN_LINES_PER_STEP = 32,
	IN_REPLY_MAX = 1024, /* EHLO's, with the longest of names */
};

/* No step runs while output waits for the peer: one that pipelines and never reads costs what
 * one step says, and then its own memory. */
_Static_assert(IN_LINES_PER_STEP *IN_REPLY_MAX <= CONN_OUT_SOFT, "a step answers too much");

static const unsigned in_next[] = {
	[IN_START] = BIT(IN_START) | BIT(IN_READY) | BIT(IN_CHUNK) | BIT(IN_CLOSED),
	[IN_READY] = BIT(IN_START) | BIT(IN_READY) | BIT(IN_MAIL) | BIT(IN_CHUNK) | BIT(IN_AUTH) |
	             BIT(IN_CLOSED),
	[IN_MAIL] = BIT(IN_READY) | BIT(IN_RCPT) | BIT(IN_CHUNK) | BIT(IN_CLOSED),
	[IN_RCPT] = BIT(IN_READY) | BIT(IN_RCPT) | BIT(IN_DATA) | BIT(IN_CHUNK) | BIT(IN_CLOSED),
	[IN_DATA] = BIT(IN_READY) | BIT(IN_CLOSED),
	[IN_BDAT] = BIT(IN_READY) | BIT(IN_CHUNK) | BIT(IN_CLOSED),
	[IN_CHUNK] = BIT(IN_START) | BIT(IN_READY) | BIT(IN_MAIL) | BIT(IN_RCPT) | BIT(IN_BDAT) |
	             BIT(IN_CLOSED),
	[IN_AUTH] = BIT(IN_READY) | BIT(IN_AUTH) | BIT(IN_CLOSED),
	[IN_CLOSED] = BIT(IN_CLOSED),
};

/* An illegal move is our bug, not the peer's. */
void in_enter(struct in_session *s, enum in_state to)
{
	assert(in_next[s->state] & BIT(to));
	s->state = to;
}

void in_reply(struct in_session *s, unsigned code, const char *enhanced, const char *fmt, ...)
{
	struct buf *out = conn_out(s->c);
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	buf_fmt(out, "%u %s%s%s\r\n", code, enhanced, enhanced[0] != '\0' ? " " : "", text);
}

void in_bad(struct in_session *s, unsigned code, const char *enhanced, const char *text)
{
	if (++s->errors < LIMIT_smtp_errors) {
		in_reply(s, code, enhanced, "%s", text);
		return;
	}
	in_reply(s, 421, "4.7.0", "%.*s too many errors", STR_ARG(s->settings->hostname));
	in_enter(s, IN_CLOSED);
}

void in_reset(struct in_session *s)
{
	in_data_free(s);
	if (s->policy != NULL)
		policy_session_reset(s->config->policy, s->policy);
	s->mail = (struct in_mail){ 0 };
	arena_reset(&s->mail_arena);
	if (s->state != IN_START && s->state != IN_CLOSED)
		in_enter(s, IN_READY);
}

struct str in_addr_text(struct in_session *s, const struct mailaddr *addr)
{
	return mailaddr_text(&s->scratch, addr);
}

/* RFC 5321 3.1: who is refused by the greeting is heard until QUIT. */
static void greet(struct in_session *s, const struct policy_verdict *v)
{
	if (in_policy_refused(s, v)) {
		s->refused = true;
		return;
	}
	/* RFC 5321 4.2: the greeting has no enhanced code (RFC 2034 4). */
	in_reply(s, 220, "", "%.*s %s Roost", STR_ARG(s->settings->hostname),
	         s->role == SMTP_LMTP ? "LMTP" : "ESMTP");
}

static enum step in_open(struct conn *c)
{
	const struct smtp_in_service *service = conn_context(c);
	struct in_session *s = NEW(struct in_session);

	s->c = c;
	s->config = service->config;
	s->settings = settings_ref(s->config->live);
	s->login.hostname = s->settings->hostname;
	s->role = service->role;
	conn_set_session(c, s);
	conn_deadline(c, LIMIT_smtp_idle_ms);
	in_policy_open(s, greet);
	arena_deinit(&s->scratch);
	return s->state == IN_CLOSED ? STEP_CLOSE : STEP_PARK;
}

/* No check looks at it any more. */
static void in_gone(void *session)
{
	struct in_session *s = session;

	if (s->policy != NULL)
		policy_session_free(s->config->policy, &s->policy);
	in_data_free(s);
	arena_deinit(&s->wait.arena);
	str_free(&s->helo);
	settings_unref(s->settings);
	arena_deinit(&s->mail_arena);
	mem_free(s);
}

static void in_close(struct conn *c)
{
	struct in_session *s = conn_session(c);

	if (s == NULL)
		return;
	login_end(&s->login, s->c);
	in_policy_close(s, in_gone);
}

static void no_line(struct in_session *s, const char *enhanced, const char *text)
{
	in_auth_end(s);
	in_bad(s, 500, enhanced, text);
}

/* One line, whatever it is in this state. */
static void take_line(struct in_session *s, struct str line)
{
	conn_deadline(s->c, LIMIT_smtp_idle_ms);
	if (!conn_line_strict(line))
		no_line(s, "5.5.2",
		        "lines must end in CRLF; bare CR, bare LF and NUL are not allowed");
	else if (s->state == IN_AUTH)
		in_auth_line(s, line);
	else
		in_command(s, line);
}

/* Take one unit of input: true when there may be more. */
static bool take_input(struct in_session *s)
{
	size_t max = s->state == IN_AUTH ? LIMIT_login_bytes : LIMIT_smtp_line;
	struct str line;

	if (s->state == IN_DATA)
		return in_data_input(s);
	if (s->state == IN_CHUNK)
		return in_bdat_input(s);
	switch (conn_line(s->c, max, &line)) {
	case CONN_LINE:
		take_line(s, line);
		return true;
	case CONN_TOO_LONG:
		conn_deadline(s->c, LIMIT_smtp_idle_ms);
		no_line(s, "5.5.6", "line too long");
		return true;
	default:
		return false;
	}
}

static enum step goodbye(struct in_session *s, unsigned events)
{
	if (events & CONN_STOP)
		in_reply(s, 421, "4.3.2", "%.*s is shutting down, try again later",
		         STR_ARG(s->settings->hostname));
	else if (events & CONN_TIMEOUT)
		in_reply(s, 421, "4.4.2", "%.*s timeout", STR_ARG(s->settings->hostname));
	else
		in_reply(s, 421, "4.7.0", "the login is no longer valid, log in again");
	return STEP_CLOSE;
}

static enum step run(struct in_session *s, struct conn *c, unsigned events)
{
	if (in_policy_waits(s))
		events = in_policy_run(s, events);
	if (events & (CONN_STOP | CONN_TIMEOUT) || login_ended(&s->login, c))
		return goodbye(s, events);
	for (int n = 0; n < IN_LINES_PER_STEP; n++) {
		if (s->state == IN_CLOSED)
			return STEP_CLOSE;
		if (in_policy_waits(s) || !take_input(s))
			return s->state == IN_CLOSED ? STEP_CLOSE : STEP_PARK;
	}
	return s->state == IN_CLOSED ? STEP_CLOSE : STEP_AGAIN;
}

/* A parked session holds no command memory, also after a refusal. */
static enum step in_run(struct conn *c, unsigned events)
{
	struct in_session *s = conn_session(c);
	enum step next = run(s, c, events);

	arena_deinit(&s->scratch);
	return next;
}

const struct proto smtp_in_proto = {
	.name = "smtp",
	.refusal = STR("421 4.7.0 too many connections, try again later\r\n"),
	.first_deadline_ms = LIMIT_smtp_idle_ms,
	.open = in_open,
	.run = in_run,
	.close = in_close,
};
