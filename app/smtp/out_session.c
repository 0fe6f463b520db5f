/* smtp/out_session.c: see out_session.h. */
#include "smtp/out_session.h"

#include "base/clock.h"
#include "base/cur.h"
#include "base/mem.h"
#include "config/limits.h"
#include "net/stream.h"
#include "net/tls.h"
#include "observe/event.h"
#include "sasl/client.h"
#include "smtp/wire_reply.h"

void out_session_init(struct out_session *s, struct str hostname,
                      const struct out_smarthost *smarthost)
{
	*s = (struct out_session){ .hostname = hostname, .smarthost = smarthost };
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

/* RFC 5321 4.1.1.10: wait for the answer, or the remote sees a connection that breaks. What it
 * says is of no interest. */
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

static void reply_set(struct out_session *s, unsigned code, struct str status, struct str text)
{
	buf_reset(&s->reply_text);
	buf_reset(&s->reply_status);
	buf_put(&s->reply_text, text);
	buf_put(&s->reply_status, status);
	s->reply = (struct queue_reply){ .code = (uint16_t)code,
		                         .status = buf_str(&s->reply_status),
		                         .text = buf_str(&s->reply_text),
		                         .remote = s->remote };
}

enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text)
{
	reply_set(s, code, str_of(status), str_of(text));
	out_session_close(s, false);
	return ERR_RETRY;
}

static void extension_take(struct out_session *s, struct str line)
{
	struct out_extensions *ext = &s->ext;
	struct cur c = cur_of(line);

	if (str_eqi(line, STR("PIPELINING")))
		ext->pipelining = true;
	else if (str_eqi(line, STR("8BITMIME")))
		ext->eightbit = true;
	else if (str_eqi(line, STR("STARTTLS")))
		ext->starttls = true;
	else if (cur_stri(&c, STR("SIZE ")))
		(void)!cur_u64(&c, &ext->size);
	else if (cur_stri(&c, STR("AUTH ")))
		ext->mechs = str_dup(&s->arena, cur_rest(&c));
}

/* Lines are joined with blanks; an enhanced status is taken off each, the first one counts. */
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

static int64_t wait_ms(const struct out_session *s, int64_t usual_ms)
{
	return s->patience_ms != 0 ? MIN(s->patience_ms, usual_ms) : usual_ms;
}

/* ehlo: the lines after the first name extensions (RFC 5321 4.1.1.1). */
static enum err reply_read(struct out_session *s, int64_t timeout_ms, bool ehlo)
{
	int64_t deadline = clock_mono_ms() + wait_ms(s, timeout_ms);
	struct smtp_reply_line line = { 0 };
	struct why why = { "" };
	struct str raw;
	size_t size = 0;

	buf_reset(&s->reply_text);
	buf_reset(&s->reply_status);
	for (bool first = true; !line.last; first = false) {
		stream_timeout(s->stream, MAX(deadline - clock_mono_ms(), 1));
		if (stream_line(s->stream, STREAM_LINE_MAX, &raw, &why) != OK)
			return out_broken(s, 451, "4.4.2", why.text);
		if (!smtp_reply_line_parse(raw, &line))
			return out_broken(s, 451, "4.5.0", "the remote's reply is no SMTP");
		if ((size += raw.n + 1) > LIMIT_smtp_out_reply)
			return out_broken(s, 451, "4.5.0", "the remote's reply has no end");
		reply_take(s, &line, first);
		if (ehlo && !first && line.code == 250)
			extension_take(s, line.text);
	}
	s->reply = (struct queue_reply){ .code = (uint16_t)line.code,
		                         .status = buf_str(&s->reply_status),
		                         .text = buf_str(&s->reply_text),
		                         .remote = s->remote };
	if (line.code == 421)
		out_session_close(s, false);
	return OK;
}

enum err out_reply(struct out_session *s, int64_t timeout_ms)
{
	return reply_read(s, timeout_ms, false);
}

static enum err command(struct out_session *s, struct str line, int64_t timeout_ms, bool ehlo)
{
	struct why why = { "" };

	if (!out_session_is_open(s))
		return ERR_RETRY;
	stream_timeout(s->stream, wait_ms(s, timeout_ms));
	if (stream_write(s->stream, line, &why) != OK ||
	    stream_write(s->stream, STR("\r\n"), &why) != OK)
		return out_broken(s, 451, "4.4.2", why.text);
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

/* EHLO, else HELO (RFC 5321 3.2). */
static enum err hello(struct out_session *s)
{
	enum err e;

	s->ext = (struct out_extensions){ 0 };
	e = hello_say(s, "EHLO", true);
	if (e == OK && s->reply.code == 250)
		return OK;
	s->ext = (struct out_extensions){ 0 };
	if (e == OK && out_session_is_open(s))
		e = hello_say(s, "HELO", false);
	if (e == OK && s->reply.code == 250)
		return OK;
	out_session_close(s, true);
	return ERR_RETRY;
}

/* --- TLS and login ------------------------------------------------------------------- */

/* With roots to trust nothing less will do; else old ciphers beat none. */
static struct tls_client_config tls_wanted(const struct out_session *s)
{
	if (s->smarthost != NULL && s->smarthost->trust != NULL)
		return (struct tls_client_config){ .trust = s->smarthost->trust,
			                           .verify = TLS_VERIFY_PKIX };
	return (struct tls_client_config){ .verify = TLS_VERIFY_NONE, .old_ciphers = true };
}

static enum err tls_start(struct out_session *s, struct str host)
{
	struct tls_client_config wanted = tls_wanted(s);
	struct why why = { "" };

	if (stream_starttls(s->stream, &wanted, host, &why) == OK)
		return OK;
	return out_broken(s, 454, "4.7.5", why.text);
}

static enum err starttls(struct out_session *s, struct str host)
{
	if (out_command(s, STR("STARTTLS"), OUT_COMMAND_MS) != OK)
		return ERR_RETRY;
	if (s->reply.code != 220) {
		s->reply.status = STR("4.7.5"); /* whatever it says: see tls_failed */
		out_session_close(s, true);
		return ERR_RETRY;
	}
	if (tls_start(s, host) != OK)
		return ERR_RETRY;
	return hello(s); /* RFC 3207 4.2: what was announced before does not count */
}

static void secret_deinit(struct buf *b)
{
	if (b->cap != 0)
		mem_wipe(b->p, b->cap);
	buf_deinit(b);
}

static enum err login_lines(struct out_session *s, struct sasl_client *sasl)
{
	while (s->reply.code == 334) {
		struct buf answer;
		enum err e;
		bool knows;

		buf_init(&answer, SASL_LINE_MAX);
		knows = sasl_client_line(sasl, s->reply.text, &answer);
		e = out_command(s, knows ? buf_str(&answer) : STR("*"), OUT_COMMAND_MS);
		secret_deinit(&answer);
		if (e)
			return e;
	}
	if (s->reply.code == 235)
		return OK;
	/* Wrong credentials in the settings must not bounce everybody's mail. */
	reply_set(s, 454, STR("4.7.0"), STR("the smarthost refuses our login"));
	out_session_close(s, true);
	return ERR_RETRY;
}

static enum err login(struct out_session *s)
{
	const struct out_smarthost *smarthost = s->smarthost;
	struct sasl_client sasl;
	struct buf line;
	enum err e;

	if (!stream_is_tls(s->stream) && !addr_is_loopback(stream_peer(s->stream)))
		return out_broken(s, 454, "4.7.0",
		                  "the smarthost offers no TLS, so the password was not sent");
	if (!sasl_client_begin(&sasl, s->ext.mechs, smarthost->user, smarthost->password))
		return out_broken(s, 454, "4.7.0", "the smarthost offers no login that we know");
	buf_init(&line, SASL_LINE_MAX + 64);
	buf_fmt(&line, "AUTH %.*s", STR_ARG(sasl.mech->name));
	if (sasl.mech->flags & SASL_CLIENT_FIRST) {
		buf_byte(&line, ' ');
		sasl_client_initial(&sasl, &line);
	}
	e = out_command(s, buf_str(&line), OUT_COMMAND_MS);
	secret_deinit(&line);
	return e == OK ? login_lines(s, &sasl) : e;
}

/* --- opening --------------------------------------------------------------------------- */

static enum err greet(struct out_session *s)
{
	if (out_reply(s, OUT_COMMAND_MS) != OK)
		return ERR_RETRY;
	if (s->reply.code == 220)
		return hello(s);
	/* RFC 5321 3.1: 554 is "no mail here"; another hop may differ, and so may later. */
	out_session_close(s, true);
	return ERR_RETRY;
}

static enum err hop_talk(struct out_session *s, const struct out_hop *hop, bool with_tls)
{
	bool implicit = s->smarthost != NULL && s->smarthost->implicit_tls;
	enum err e;

	if (implicit && (e = tls_start(s, hop->host)))
		return e;
	if ((e = greet(s)))
		return e;
	if (!implicit && with_tls && s->ext.starttls && (e = starttls(s, hop->host)))
		return e;
	if (tls_wanted(s).verify == TLS_VERIFY_PKIX && !stream_is_tls(s->stream))
		return out_broken(s, 454, "4.7.5", "the smarthost offers no TLS");
	if (s->smarthost != NULL && s->smarthost->user.n != 0)
		return login(s);
	return OK;
}

static enum err hop_open(struct out_session *s, const struct out_hop *hop, bool with_tls)
{
	struct dial_config dial = { .to = hop->addr, .timeout_ms = wait_ms(s, OUT_CONNECT_MS) };
	char text[ADDR_TEXT_MAX];
	struct why why = { "" };

	/* Nothing of an earlier connection counts. */
	arena_reset(&s->arena);
	s->ext = (struct out_extensions){ 0 };
	s->remote = str_fmt(&s->arena, "%.*s [%.*s]", STR_ARG(hop->host),
	                    STR_ARG(addr_ip_text(&hop->addr, text)));
	s->messages = 0;
	if (stream_dial(&dial, &s->stream, &why) != OK)
		return out_broken(s, 451, "4.4.1", why.text);
	return hop_talk(s, hop, with_tls);
}

/* Did TLS go wrong, so that trying without makes sense? */
static bool tls_failed(const struct out_session *s)
{
	const struct out_smarthost *to = s->smarthost;
	bool secret = to != NULL && (to->user.n != 0 || to->implicit_tls || to->trust != NULL);

	return !secret && s->ext.starttls && str_eq(s->reply.status, STR("4.7.5"));
}

enum err out_session_open(struct out_session *s, const struct out_route *route)
{
	for (size_t i = 0; i < route->count; i++) {
		const struct out_hop *hop = &route->hops[i];
		enum err e = hop_open(s, hop, true);

		if (e && tls_failed(s)) {
			event(remote_session, STR(""), ev_str(s->remote), ev_str(s->reply.text));
			e = hop_open(s, hop, false);
		}
		if (e == OK)
			return OK;
	}
	return ERR_RETRY;
}
