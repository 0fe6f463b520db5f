/* smtp/out_session.c: see out_session.h. */
#include "smtp/out_session.h"

#include "base/cur.h"
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
}

void out_session_deinit(struct out_session *s)
{
	out_session_close(s, true);
	buf_deinit(&s->reply_text);
	arena_deinit(&s->arena);
}

bool out_session_is_open(const struct out_session *s)
{
	return s->stream != NULL;
}

void out_session_close(struct out_session *s, bool quit)
{
	if (s->stream == NULL)
		return;
	stream_timeout(s->stream, OUT_QUIT_MS);
	if (quit && stream_write(s->stream, STR("QUIT\r\n"), NULL) == OK &&
	    stream_flush(s->stream, NULL) != OK)
		(void)0; /* nobody needs the answer */
	stream_free(&s->stream);
}

/* --- replies ----------------------------------------------------------------------- */

static void reply_set(struct out_session *s, unsigned code, struct str status, struct str text)
{
	buf_reset(&s->reply_text);
	buf_put(&s->reply_text, text);
	s->reply = (struct queue_reply){ .code = (uint16_t)code,
		                         .status = str_dup(&s->arena, status),
		                         .text = buf_str(&s->reply_text),
		                         .remote = s->remote };
}

enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text)
{
	reply_set(s, code, str_of(status), str_of(text));
	out_session_close(s, false);
	return ERR_RETRY;
}

/* The lines of one reply are joined with blanks; what is past the limit is dropped. */
static void reply_join(struct buf *text, struct str line)
{
	if (text->n != 0)
		buf_byte(text, ' ');
	buf_put(text, line);
}

enum err out_reply(struct out_session *s, int64_t timeout_ms)
{
	struct smtp_reply_line line = { 0 };
	struct str raw, text, status = STR_EMPTY;
	struct why why = { "" };

	buf_reset(&s->reply_text);
	stream_timeout(s->stream, timeout_ms);
	for (bool first = true; !line.last; first = false) {
		if (stream_line(s->stream, STREAM_LINE_MAX, &raw, &why) != OK)
			return out_broken(s, 451, "4.4.2", why.text);
		if (!smtp_reply_line_parse(raw, &line))
			return out_broken(s, 451, "4.5.0", "the remote's reply is no SMTP");
		text = line.text;
		smtp_reply_status_take(line.code, &text, first ? &status : &(struct str){ 0 });
		if (first)
			status = str_dup(&s->arena, status);
		reply_join(&s->reply_text, text);
	}
	s->reply = (struct queue_reply){ .code = (uint16_t)line.code,
		                         .status = status,
		                         .text = buf_str(&s->reply_text),
		                         .remote = s->remote };
	if (line.code == 421)
		out_session_close(s, false);
	return OK;
}

enum err out_command(struct out_session *s, struct str line, int64_t timeout_ms)
{
	struct why why = { "" };

	if (!out_session_is_open(s))
		return ERR_RETRY;
	stream_timeout(s->stream, timeout_ms);
	if (stream_write(s->stream, line, &why) != OK ||
	    stream_write(s->stream, STR("\r\n"), &why) != OK)
		return out_broken(s, 451, "4.4.2", why.text);
	return out_reply(s, timeout_ms);
}

/* --- EHLO -------------------------------------------------------------------------- */

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

static enum err command_fmt(struct out_session *s, const char *verb, struct str arg)
{
	return out_command(s, str_fmt(&s->arena, "%s %.*s", verb, STR_ARG(arg)), OUT_COMMAND_MS);
}

/* EHLO, whose lines matter one by one, else HELO (RFC 5321 3.2). */
static enum err hello(struct out_session *s)
{
	struct smtp_reply_line line = { 0 };
	struct why why = { "" };
	struct str raw;

	s->ext = (struct out_extensions){ 0 };
	stream_timeout(s->stream, OUT_COMMAND_MS);
	if (stream_write(s->stream, str_fmt(&s->arena, "EHLO %.*s\r\n", STR_ARG(s->hostname)),
	                 &why))
		return out_broken(s, 451, "4.4.2", why.text);
	while (!line.last) {
		if (stream_line(s->stream, STREAM_LINE_MAX, &raw, &why) != OK)
			return out_broken(s, 451, "4.4.2", why.text);
		if (!smtp_reply_line_parse(raw, &line))
			return out_broken(s, 451, "4.5.0", "the remote's reply is no SMTP");
		if (line.code == 250)
			extension_take(s, line.text);
	}
	if (line.code == 250)
		return OK;
	if (command_fmt(s, "HELO", s->hostname) != OK)
		return ERR_RETRY;
	if (s->reply.code != 250) {
		out_session_close(s, true);
		return ERR_RETRY;
	}
	return OK;
}

/* --- TLS and login ------------------------------------------------------------------- */

static const struct tls_client_config opportunistic = { .verify = TLS_VERIFY_NONE,
	                                                .old_ciphers = true };

static enum err tls_start(struct out_session *s, struct str host)
{
	struct why why = { "" };

	if (stream_starttls(s->stream, &opportunistic, host, &why) == OK)
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

static enum err login_lines(struct out_session *s, struct sasl_client *sasl)
{
	while (s->reply.code == 334) {
		struct buf answer;
		enum err e;
		bool knows;

		buf_init(&answer, SASL_LINE_MAX);
		knows = sasl_client_line(sasl, s->reply.text, &answer);
		e = out_command(s, knows ? buf_str(&answer) : STR("*"), OUT_COMMAND_MS);
		buf_deinit(&answer);
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
	buf_deinit(&line);
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
	if (s->smarthost != NULL && s->smarthost->user.n != 0)
		return login(s);
	return OK;
}

static enum err hop_open(struct out_session *s, const struct out_hop *hop, bool with_tls)
{
	struct dial_config dial = { .to = hop->addr, .timeout_ms = OUT_CONNECT_MS };
	char text[ADDR_TEXT_MAX];
	struct why why = { "" };

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
	bool secret =
		s->smarthost != NULL && (s->smarthost->user.n != 0 || s->smarthost->implicit_tls);

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
