/* smtp/out_session.h: a conversation with one remote server: greeting, EHLO, TLS, login;
 * then any number of transactions (out_transaction.h). */
#ifndef SMTP_OUT_SESSION_H
#define SMTP_OUT_SESSION_H
#include "base/arena.h"
#include "base/buf.h"
#include "smtp/out_route.h"

struct stream;

/* What EHLO's reply announced. */
struct out_extensions {
	bool pipelining, eightbit, starttls;
	uint64_t size;    /* largest message, 0: not said */
	struct str mechs; /* after AUTH; lives in the session's arena */
};

struct out_session {
	struct str hostname;                   /* ours            */
	const struct out_smarthost *smarthost; /* NULL: by MX     */
	int64_t patience_ms;                   /* 0: as RFC 5321 4.5.3.2; else at most so long */
	struct stream *stream;                 /* NULL: none open */
	struct out_extensions ext;
	struct str remote;  /* "mx.example.org [192.0.2.1]"; lives in arena */
	unsigned messages;  /* transactions on this connection              */
	struct arena arena; /* of this connection                          */

	/* The last reply, or what went wrong instead; strings live in the buffers. */
	struct queue_reply reply;
	struct buf reply_text, reply_status;
};

void out_session_init(struct out_session *s, struct str hostname,
                      const struct out_smarthost *smarthost);
/* Says QUIT when a connection is open. */
void out_session_deinit(struct out_session *s);

/* Connect to the first hop that will talk to us. TLS is used whenever it is offered, with
 * whatever certificate: against somebody who only listens that beats none (RFC 7435); when
 * it fails or is refused the hop is tried again without. Not so with a smarthost that gets a
 * login: then only under TLS; nor with one that has roots to trust: then only under TLS with a
 * certificate that leads to them and carries its name. On failure s->reply says what to
 * report; ERR_RETRY always. */
enum err out_session_open(struct out_session *s, const struct out_route *route) MUST_USE;
bool out_session_is_open(const struct out_session *s);
/* End the connection; quit: politely. */
void out_session_close(struct out_session *s, bool quit);

/* Read one reply into s->reply. ERR_RETRY: the connection is gone (and closed here); reply
 * says how. Otherwise OK, whatever the code; a 421 closes too (RFC 5321 3.8). The whole reply
 * has the time-out and LIMIT_smtp_out_reply bytes, so that no remote can go on for ever. */
enum err out_reply(struct out_session *s, int64_t timeout_ms) MUST_USE;
/* Send a line of a command (without its end) and read the reply. */
enum err out_command(struct out_session *s, struct str line, int64_t timeout_ms) MUST_USE;
/* Make s->reply a failure of our own finding, and close. Returns ERR_RETRY. */
enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text);

/* RFC 5321 4.5.3.2: how long a client is to wait. */
enum {
	OUT_CONNECT_MS = 30 * 1000,
	OUT_COMMAND_MS = 5 * 60 * 1000,
	OUT_DATA_MS = 2 * 60 * 1000,
	OUT_BLOCK_MS = 3 * 60 * 1000,
	OUT_END_MS = 10 * 60 * 1000,
	OUT_QUIT_MS = 5 * 1000, /* nothing depends on it */
};

#endif
