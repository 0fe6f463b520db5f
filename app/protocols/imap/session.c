/* protocols/imap/session.c: the callbacks of the runtime, see session.h. */
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/metadata.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/search/context_fetch.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum {
	UNITS_PER_STEP = 32, /* commands before other connections run */
};

void imap_deadline(struct imap *s)
{
	const struct imap_server *v = s->server;

	if (s->state == STATE_GREETED)
		conn_deadline(s->conn,
		              v->login_idle_ms ? v->login_idle_ms : LIMIT_imap_login_idle_ms);
	else
		conn_deadline(s->conn, v->idle_ms ? v->idle_ms : LIMIT_imap_idle_ms);
}

static enum step session_open(struct conn *c)
{
	struct imap *s = NEW(struct imap);
	struct buf *out = conn_out(c);

	s->conn = c;
	s->server = conn_context(c);
	s->settings = settings_ref(s->server->live);
	s->login.hostname = s->settings->hostname;
	s->state = STATE_GREETED;
	imap_input_init(&s->input);
	conn_set_session(c, s);
	buf_put(out, STR("* OK ["));
	imap_capability_put(s, out);
	buf_put(out, STR("] "));
	buf_put(out, s->settings->hostname);
	buf_put(out, STR(" Roost ready\r\n"));
	imap_deadline(s);
	return STEP_PARK;
}

/* The reply to a literal that is too big. For annotations it has a code with the maximum,
 * even if the literal was not sent. */
static struct imap_reply too_big(struct imap *s)
{
	struct cur c = cur_of(buf_str(&s->input.text));
	struct imap_reply reply = { COND_NO, STR("TOOBIG"), STR("Literal too big") };
	struct imap_command command;

	if (imap_command_parse(&c, &command) && str_eqi(command.name, STR("SETMETADATA")))
		reply.code = imap_metadata_too_big(s);
	return reply;
}

/* A command, or a part of one, may have arrived. */
static enum go mode_command(struct imap *s)
{
	if (s->notify) {
		enum written written = imap_notify_tell(s, false);

		if (written != WRITTEN_ALL)
			return written == WRITTEN_SOME ? GO_AGAIN : GO_CLOSE;
	}
	switch (imap_input_take(s)) {
	case INPUT_MORE:
		return GO_PARK;
	case INPUT_LINE:
		return imap_bye(s, "Line too long");
	case INPUT_BIG:
		s->reply = too_big(s);
		return imap_answer(s);
	case INPUT_DRAIN:
		s->mode = MODE_DRAIN;
		s->reply = too_big(s);
		return GO_ON;
	case INPUT_COMMAND:
		break;
	}
	imap_deadline(s);
	return imap_command(s);
}

/* Drain a refused command; then send its pending reply. */
static enum go mode_drain(struct imap *s)
{
	switch (imap_input_drain(s)) {
	case INPUT_MORE:
		return GO_PARK;
	case INPUT_LINE:
	case INPUT_DRAIN:
		return imap_bye(s, "Line too long");
	case INPUT_BIG:
	case INPUT_COMMAND:
		break;
	}
	imap_deadline(s);
	return imap_answer(s);
}

static enum go mode_run(struct imap *s)
{
	switch (s->mode) {
	case MODE_COMMAND:
		return mode_command(s);
	case MODE_ANSWER:
		return imap_went(s, s->run.answer(s));
	case MODE_FINISH:
		return imap_finish(s);
	case MODE_APPEND:
		return imap_append_input(s);
	case MODE_AUTH:
		return imap_auth_input(s);
	case MODE_IDLE:
		return imap_idle_input(s);
	case MODE_DRAIN:
		return mode_drain(s);
	}
	return GO_CLOSE;
}

/* The output may end within a response. */
static bool is_amid(const struct imap *s)
{
	return s->mode == MODE_ANSWER || imap_notify_talking(s) || imap_contexts_fetching(s);
}

/* The server is sending: the duration depends on the connection, and stuck output has a
 * deadline of its own. */
static bool is_talking(const struct imap *s)
{
	return s->mode == MODE_FINISH || is_amid(s);
}

/* Within a long answer, BYE would be read as a part of it. */
static enum step session_finish(struct imap *s, const char *text)
{
	if (!is_amid(s))
		(void)imap_bye(s, text);
	return STEP_CLOSE;
}

static enum step session_run(struct conn *c, unsigned events)
{
	struct imap *s = conn_session(c);
	enum go go = GO_ON;

	if (events & CONN_STOP)
		/* RFC 5530 3 */
		return session_finish(s,
		                      "[UNAVAILABLE] The server is shutting down, try again later");
	if ((events & CONN_TIMEOUT) && !is_talking(s))
		return session_finish(s, "Disconnected for inactivity");
	if (login_ended(&s->login, c))
		return session_finish(s, "The login is no longer valid, log in again");
	s->eof |= (events & CONN_EOF) != 0;
	for (int n = 0; n < UNITS_PER_STEP && go == GO_ON; n++) {
		if (conn_out_full(c))
			return STEP_AGAIN;
		go = mode_run(s);
	}
	switch (go) {
	case GO_PARK:
		return s->eof ? STEP_CLOSE : STEP_PARK;
	case GO_CLOSE:
		return STEP_CLOSE;
	case GO_ON:
	case GO_AGAIN:
		break;
	}
	return STEP_AGAIN;
}

static void session_close(struct conn *c)
{
	struct imap *s = conn_session(c);

	if (!s)
		return;
	if (s->run.release)
		s->run.release(s->run.task);
	imap_notify_end(s);
	imap_deselect(s);
	imap_own_end(s);
	settings_unref(s->settings);
	login_end(&s->login, s->conn);
	imap_input_reset(&s->input, s->state == STATE_GREETED);
	arena_deinit(&s->run.arena);
	mem_free(s);
}

/* conn.h: sent to a peer beyond a limit. */
#define REFUSAL "* BYE [UNAVAILABLE] Too many connections\r\n"

const struct proto imap_proto = {
	.name = "imap",
	.refusal = { REFUSAL, sizeof(REFUSAL) - 1 },
	.first_deadline_ms = LIMIT_imap_login_idle_ms,
	.open = session_open,
	.run = session_run,
	.close = session_close,
};
