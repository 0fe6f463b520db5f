/* protocols/smtp_out/session_login.c: see session_steps.h. */
#include "protocols/smtp_out/session_steps.h"

#include "formats/sasl/client.h"
#include "foundation/base/mem.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/route_resolve.h"

static void secret_deinit(struct buf *b)
{
	if (b->cap != 0)
		mem_wipe(b->p, b->cap);
	buf_deinit(b);
}

/* Answer a challenge by the mechanism, else by "*" (RFC 4954 4), which ends the exchange.
 * Every mechanism has few steps, so it ends. sound: the mechanism had an answer. */
static enum err challenge_answer(struct out_session *s, struct sasl_client *sasl, bool *sound)
{
	struct buf line;
	enum err e;

	buf_init(&line, SASL_LINE_MAX);
	*sound = sasl_client_line(sasl, s->reply.text, &line);
	e = out_command(s, *sound ? buf_str(&line) : STR("*"), OUT_COMMAND_MS);
	secret_deinit(&line);
	if (e == OK && !*sound && s->reply.code == 334)
		e = out_broken(s, 454, "4.7.0", "the smarthost does not end a login given up");
	return e;
}

/* Run AUTH to its end; OK whatever the result is. sound: every challenge was valid. */
static enum err login_say(struct out_session *s, struct sasl_client *sasl, bool *sound)
{
	struct buf line;
	enum err e;

	*sound = true;
	buf_init(&line, SASL_LINE_MAX + 64);
	buf_fmt(&line, "AUTH %.*s", STR_ARG(sasl->mech->name));
	if (sasl->mech->flags & SASL_CLIENT_FIRST) {
		buf_byte(&line, ' ');
		sasl_client_initial(sasl, &line);
	}
	e = out_command(s, buf_str(&line), OUT_COMMAND_MS);
	secret_deinit(&line);
	while (e == OK && s->reply.code == 334)
		e = challenge_answer(s, sasl, sound);
	return e;
}

/* The best mechanism that both sides support. */
static bool login_begin(struct out_session *s, struct sasl_client *sasl)
{
	const struct out_smarthost *relay = s->hop->relay;

	if (relay->token.n != 0)
		return sasl_client_begin_token(sasl, s->ext.mechs, relay->user, relay->token);
	return sasl_client_begin_scram(sasl, s->ext.mechs, relay->user, relay->password,
	                               stream_tls_end_point(s->stream, &s->arena), &s->arena) ||
	       sasl_client_begin(sasl, s->ext.mechs, relay->user, relay->password);
}

/* A server that offers SCRAM may lack keys for this user, and reply as for a wrong
 * password (RFC 5802 5.1 allows that to hide names). So a permanent failure of SCRAM does
 * not prove a wrong password: try the next mechanism. It is used if it would be allowed
 * as the only one, but not after invalid challenges. */
static bool login_is_open(const struct out_session *s, const struct sasl_client *sasl, bool sound)
{
	return sound && !sasl_client_believes(sasl) && s->reply.code >= 500 &&
	       out_session_is_open(s);
}

enum err out_login(struct out_session *s)
{
	const struct out_smarthost *relay = s->hop->relay;
	struct sasl_client sasl;
	bool sound;
	enum err e;

	/* Behind a proxy the peer is the proxy, wherever the relay is. */
	if (!stream_is_tls(s->stream) && relay->path.n == 0 &&
	    (s->route->way->proxy != NULL || !addr_is_loopback(stream_peer(s->stream))))
		return out_broken(s, 454, "4.7.0",
		                  "the smarthost offers no TLS, so the password was not sent");
	if (!login_begin(s, &sasl))
		return out_broken(s, 454, "4.7.0", "the smarthost offers no login that we know");
	e = login_say(s, &sasl, &sound);
	if (e == OK && login_is_open(s, &sasl, sound) &&
	    sasl_client_begin(&sasl, s->ext.mechs, relay->user, relay->password))
		e = login_say(s, &sasl, &sound);
	if (e)
		return e;
	if (s->reply.code == 235 && sasl_client_believes(&sasl))
		return OK;
	/* Wrong credentials in the settings must not bounce all mail. */
	out_reply_set(s, 454, STR("4.7.0"), STR("the smarthost refuses our login"));
	out_session_close(s, true);
	return ERR_RETRY;
}
