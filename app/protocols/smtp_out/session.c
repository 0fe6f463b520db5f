/* protocols/smtp_out/session.c: see session.h. */
#include "protocols/smtp_out/session.h"

#include "formats/smtp_wire/reply.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/params.h"
#include "protocols/smtp_out/session_steps.h"

void out_session_init(struct out_session *s, struct str hostname)
{
	*s = (struct out_session){ .hostname = hostname };
	arena_init(&s->arena, true);
	buf_init(&s->reply_text, LIMIT_smtp_out_reply);
	buf_init(&s->reply_status, LIMIT_smtp_out_reply);
}

void out_session_deinit(struct out_session *s)
{
	out_session_close(s, true);
	buf_deinit(&s->reply_text);
	buf_deinit(&s->reply_status);
	arena_deinit(&s->arena);
}

bool out_session_is_open(const struct out_session *s)
{
	return s->stream != NULL;
}

void out_session_move(struct out_session *to, struct out_session *from)
{
	assert(to->stream == NULL && from->stream != NULL);
	arena_deinit(&to->arena);
	to->arena = from->arena;
	to->stream = from->stream;
	to->ext = from->ext;
	to->facts = from->facts;
	to->remote = from->remote;
	to->our_ip = from->our_ip;
	to->helo = from->helo;
	to->tls_detail = from->tls_detail;
	to->messages = from->messages;
	to->began_ms = from->began_ms;
	to->problem = OUT_TLS_FINE;
	to->late = to->busy = false;
	from->stream = NULL;
	from->remote = from->our_ip = from->helo = from->tls_detail = STR_EMPTY;
	from->ext = (struct out_extensions){ 0 };
	arena_init(&from->arena, true);
}

/* RFC 5321 4.1.1.10: wait for the reply, so that the remote does not see a broken
 * connection. The reply is ignored. */
void out_session_close(struct out_session *s, bool quit)
{
	struct str line;

	if (s->stream == NULL)
		return;
	stream_timeout(s->stream, OUT_QUIT_MS);
	if (quit && stream_write(s->stream, STR("QUIT\r\n"), NULL) == OK &&
	    stream_line(s->stream, STREAM_LINE_MAX, &line, NULL) != OK)
		(void)0;
	stream_free(&s->stream);
}

/* --- replies ----------------------------------------------------------------------- */

void out_reply_set(struct out_session *s, unsigned code, struct str status, struct str text)
{
	buf_reset(&s->reply_text);
	buf_reset(&s->reply_status);
	buf_put(&s->reply_text, text);
	buf_put(&s->reply_status, status);
	s->said = false;
	s->reply = (struct envelope_reply){ .code = (uint16_t)code,
		                            .status = buf_str(&s->reply_status),
		                            .text = buf_str(&s->reply_text),
		                            .remote = s->remote };
}

enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text)
{
	out_reply_set(s, code, str_of(status), str_of(text));
	out_session_close(s, false);
	return ERR_RETRY;
}

enum err out_lost(struct out_session *s, enum err e, const struct why *why)
{
	s->late = s->late || e == ERR_RETRY;
	return out_broken(s, 451, "4.4.2", why->text);
}

/* Extensions without parameters; any parameters are ignored. */
static bool *flag_of(struct out_extensions *ext, struct str word)
{
	const struct {
		struct str word;
		bool *flag;
	} rows[] = {
		{ STR("PIPELINING"), &ext->pipelining }, { STR("8BITMIME"), &ext->eightbit },
		{ STR("STARTTLS"), &ext->starttls },     { STR("CHUNKING"), &ext->chunking },
		{ STR("BINARYMIME"), &ext->binarymime }, { STR("SMTPUTF8"), &ext->smtputf8 },
		{ STR("REQUIRETLS"), &ext->requiretls },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eqi(word, rows[i].word))
			return rows[i].flag;
	return NULL;
}

static void extension_take(struct out_session *s, struct str line)
{
	struct out_extensions *ext = &s->ext;
	struct cur c = cur_of(line);
	bool *flag = flag_of(ext, line);

	if (flag != NULL)
		*flag = true;
	else if (cur_stri(&c, STR("SIZE ")))
		(void)!cur_u64(&c, &ext->size);
	else if (cur_stri(&c, STR("AUTH ")))
		ext->mechs = str_dup(&s->arena, cur_rest(&c));
	else
		out_params_extension(ext, line);
}

/* Lines are joined with blanks; an enhanced status is removed from each, the first one
 * counts. */
static void reply_take(struct out_session *s, const struct smtp_reply_line *line, bool first)
{
	struct str text = line->text, status;

	smtp_reply_status_take(line->code, &text, &status);
	if (first)
		buf_put(&s->reply_status, status);
	else
		buf_byte(&s->reply_text, ' ');
	buf_put(&s->reply_text, text);
}

int64_t out_wait_ms(const struct out_session *s, int64_t usual_ms)
{
	int64_t ms = s->patience_ms != 0 ? MIN(s->patience_ms, usual_ms) : usual_ms;

	return s->over_ms != 0 ? MAX(MIN(ms, s->over_ms - clock_real_ms()), 1) : ms;
}

/* ehlo: the lines after the first name extensions (RFC 5321 4.1.1.1), maybe many. */
static enum err reply_read(struct out_session *s, int64_t timeout_ms, bool ehlo)
{
	int64_t deadline = clock_mono_ms() + out_wait_ms(s, timeout_ms);
	struct smtp_reply_line line = { 0 };
	struct why why = { "" };
	struct str raw;
	size_t size = 0;
	enum err e;

	buf_reset(&s->reply_text);
	buf_reset(&s->reply_status);
	for (bool first = true; !line.last; first = false) {
		stream_timeout(s->stream, MAX(deadline - clock_mono_ms(), 1));
		if ((e = stream_line(s->stream, STREAM_LINE_MAX, &raw, &why)) != OK)
			return out_lost(s, e, &why);
		if (!smtp_reply_line_parse(raw, &line))
			return out_broken(s, 451, "4.5.0", "the remote's reply is no SMTP");
		if ((size += raw.n + 1) > (ehlo ? LIMIT_smtp_out_ehlo : LIMIT_smtp_out_reply))
			return out_broken(s, 451, "4.5.0", "the remote's reply has no end");
		if (ehlo && !first && line.code == 250)
			extension_take(s, line.text);
		else
			reply_take(s, &line, first);
	}
	s->said = true;
	s->reply = (struct envelope_reply){ .code = (uint16_t)line.code,
		                            .status = buf_str(&s->reply_status),
		                            .text = buf_str(&s->reply_text),
		                            .remote = s->remote };
	if (line.code == 421) {
		s->busy = true;
		out_session_close(s, false);
	}
	return OK;
}

enum err out_reply(struct out_session *s, int64_t timeout_ms)
{
	return reply_read(s, timeout_ms, false);
}

static enum err command(struct out_session *s, struct str line, int64_t timeout_ms, bool ehlo)
{
	struct why why = { "" };
	enum err e;

	if (!out_session_is_open(s))
		return ERR_RETRY;
	stream_timeout(s->stream, out_wait_ms(s, timeout_ms));
	if ((e = stream_write(s->stream, line, &why)) != OK ||
	    (e = stream_write(s->stream, STR("\r\n"), &why)) != OK)
		return out_lost(s, e, &why);
	return reply_read(s, timeout_ms, ehlo);
}

enum err out_command(struct out_session *s, struct str line, int64_t timeout_ms)
{
	return command(s, line, timeout_ms, false);
}

/* --- EHLO -------------------------------------------------------------------------- */

static enum err hello_say(struct out_session *s, const char *verb, bool ehlo)
{
	struct str line = str_fmt(&s->arena, "%s %.*s", verb, STR_ARG(s->hostname));

	return command(s, line, OUT_COMMAND_MS, ehlo);
}

static bool graphic(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

/* The first word of the reply is the remote's name (RFC 5321 4.1.1.1). */
static void hello_heard(struct out_session *s)
{
	struct cur c = cur_of(s->reply.text);
	struct str name = cur_while(&c, graphic);

	s->facts.met = true;
	s->helo = str_dup(&s->arena, str_sub(name, 0, MAILADDR_DOMAIN_MAX));
}

bool out_session_is_lmtp(const struct out_session *s)
{
	return s->hop->relay != NULL && s->hop->relay->lmtp;
}

enum err out_hello(struct out_session *s)
{
	bool lmtp = out_session_is_lmtp(s);
	enum err e;

	s->ext = (struct out_extensions){ 0 };
	e = hello_say(s, lmtp ? "LHLO" : "EHLO", true);
	if (e == OK && s->reply.code == 250) {
		hello_heard(s);
		return OK;
	}
	s->ext = (struct out_extensions){ 0 };
	if (e == OK && !lmtp && out_session_is_open(s))
		e = hello_say(s, "HELO", false);
	if (e == OK && s->reply.code == 250) {
		hello_heard(s);
		return OK;
	}
	out_session_close(s, true);
	return ERR_RETRY;
}
