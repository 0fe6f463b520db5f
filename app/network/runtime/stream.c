/* network/runtime/stream.c: see stream.h.
 *
 *	out --(tls)--> socket        up to STREAM_BUFFER bytes buffered
 *	socket --(tls)--> in         in_start..in.n not read by the caller yet */
#include "network/runtime/stream_private.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/socket.h"
#include "network/tls/tls.h"

#include <poll.h>
#include <string.h>

enum { DIAL_MS = 30000, TIMEOUT_MS = 60000, READ_SIZE = 16 * 1024 + 512 };

struct stream {
	int fd;
	struct tls *tls;
	struct buf in, out;
	size_t in_start;
	size_t barren; /* bytes of TLS since the last plaintext */
	int64_t timeout_ms;
	bool (*go_on)(void *arg);
	void *arg;
	bool ended; /* the peer sends no more */
	struct addr peer, local;
	struct arena arena; /* tls_text */
	struct str tls_text;
	struct why broken; /* why the stream has failed; "" while it works */
};

static bool may_go_on(bool (*go_on)(void *arg), void *arg)
{
	return go_on == NULL || go_on(arg);
}

/* Wait until the socket is ready, or return the error. */
static enum err socket_await(int fd, short events, int64_t deadline, bool (*go_on)(void *arg),
                             void *arg, const char *late, struct why *why)
{
	for (;;) {
		int64_t until = deadline;

		if (!may_go_on(go_on, arg))
			return fail(why, ERR_RETRY, "stopped");
		if (go_on != NULL)
			until = MIN(deadline, clock_mono_ms() + STREAM_ASK_MS);
		if (socket_wait(fd, events, until))
			return OK;
		if (until == deadline)
			return fail(why, ERR_RETRY, "%s", late);
	}
}

enum err stream_dial(const struct dial_config *config, struct stream **out, struct why *why)
{
	int64_t ms = config->timeout_ms != 0 ? config->timeout_ms : DIAL_MS;
	const struct addr *from = config->from.family != ADDR_NONE ? &config->from : NULL;
	int fd = -1;
	enum err e = socket_connect_begin(&config->to, from, &fd, why);

	if (e != OK)
		return e;
	e = socket_await(fd, POLLOUT, clock_mono_ms() + ms, config->go_on, config->arg,
	                 "connecting timed out", why);
	if (e == OK)
		e = socket_connect_end(fd, why);
	if (e != OK) {
		socket_close(&fd);
		return e;
	}
	*out = stream_of(fd, &config->to, config->go_on, config->arg);
	return OK;
}

struct stream *stream_of(int fd, const struct addr *peer, bool (*go_on)(void *arg), void *arg)
{
	struct stream *s = NEW(struct stream);

	s->fd = fd;
	s->peer = *peer;
	s->local = socket_local(fd);
	s->timeout_ms = TIMEOUT_MS;
	s->go_on = go_on;
	s->arg = arg;
	buf_init(&s->in, STREAM_LINE_MAX * 2 + READ_SIZE * 2);
	buf_init(&s->out, STREAM_BUFFER);
	return s;
}

void stream_timeout(struct stream *s, int64_t ms)
{
	assert(ms > 0);
	s->timeout_ms = ms;
}

static enum err broken(struct stream *s, struct why *why)
{
	return fail(why, ERR_IO, "%s", s->broken.text);
}

static enum err break_it(struct stream *s, enum err e, const char *text, struct why *why)
{
	(void)fail(&s->broken, e, "%s", text);
	return fail(why, e, "%s", text);
}

static const char too_late[] = "the remote server does not answer in time";

/* Wait for the socket; ERR_RETRY at the deadline. */
static enum err stream_await(struct stream *s, short events, int64_t deadline, struct why *why)
{
	struct why late = { "" };
	enum err e = socket_await(s->fd, events, deadline, s->go_on, s->arg, too_late, &late);

	return e ? break_it(s, e, late.text, why) : OK;
}

/* --- sending ---------------------------------------------------------------- */

static enum err send_all(struct stream *s, struct str bytes, int64_t deadline, struct why *why)
{
	while (bytes.n != 0) {
		ptrdiff_t n = socket_write(s->fd, bytes.p, bytes.n);

		if (n == SOCKET_BROKEN)
			return break_it(s, ERR_IO, "connection lost while sending", why);
		if (n == SOCKET_AGAIN) {
			enum err e = stream_await(s, POLLOUT, deadline, why);

			if (e != OK)
				return e;
			continue;
		}
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

static enum err send_cipher(struct stream *s, int64_t deadline, struct why *why)
{
	struct str cipher;
	enum err e = OK;

	while (e == OK && (cipher = tls_cipher(s->tls)).n != 0) {
		e = send_all(s, cipher, deadline, why);
		if (e == OK)
			tls_cipher_drop(s->tls, cipher.n);
	}
	return e;
}

static enum err flush_until(struct stream *s, int64_t deadline, struct why *why)
{
	struct str rest = buf_str(&s->out);
	enum err e = OK;

	if (s->broken.text[0] != '\0')
		return broken(s, why);
	if (s->tls == NULL) {
		e = send_all(s, rest, deadline, why);
		buf_reset(&s->out);
		return e;
	}
	while (e == OK && rest.n != 0) {
		size_t took = tls_put_plain(s->tls, rest);

		rest = str_sub(rest, took, rest.n);
		if (rest.n == 0)
			tls_flush(s->tls);
		if (took == 0 && tls_cipher(s->tls).n == 0)
			e = break_it(s, ERR_IO, "TLS was closed by the remote server", why);
		else
			e = send_cipher(s, deadline, why);
	}
	buf_reset(&s->out);
	return e;
}

enum err stream_flush(struct stream *s, struct why *why)
{
	return flush_until(s, clock_mono_ms() + s->timeout_ms, why);
}

enum err stream_write(struct stream *s, struct str data, struct why *why)
{
	enum err e = OK;

	while (e == OK && data.n != 0) {
		size_t n = MIN(data.n, STREAM_BUFFER - s->out.n);

		buf_put(&s->out, str_sub(data, 0, n));
		data = str_sub(data, n, data.n);
		if (s->out.n == STREAM_BUFFER)
			e = stream_flush(s, why);
	}
	return e == OK && s->broken.text[0] != '\0' ? broken(s, why) : e;
}

/* --- receiving -------------------------------------------------------------- */

static struct str held(const struct stream *s)
{
	return str_sub(buf_str(&s->in), s->in_start, s->in.n);
}

/* Pass all of bytes to the engine and move the plaintext to s->in. In the handshake the engine may
 * have to send before it takes more. */
static enum err decrypt(struct stream *s, struct str bytes, int64_t deadline, struct why *why)
{
	for (;;) {
		size_t took = bytes.n != 0 ? tls_put_cipher(s->tls, bytes) : 0;
		struct str plain;
		enum err e;

		bytes = str_sub(bytes, took, bytes.n);
		while ((plain = tls_plain(s->tls)).n != 0) {
			buf_put(&s->in, plain);
			tls_plain_drop(s->tls, plain.n);
		}
		e = send_cipher(s, deadline, why);
		if (e != OK)
			return e;
		if (tls_state(s->tls) == TLS_FAILED)
			return break_it(s, ERR_IO, tls_why(s->tls), why);
		if (tls_state(s->tls) == TLS_CLOSED)
			s->ended = true;
		if (bytes.n == 0 || s->ended || took == 0)
			return OK;
	}
}

/* n bytes arrived without plaintext: warning alerts, empty records or parts of a handshake (RFC
 * 5246 6.2.1, 7.2.2). An endless sequence of them never blocks, so the deadline and the caller's
 * go_on are checked here too. */
static enum err still_barren(struct stream *s, size_t n, int64_t deadline, struct why *why)
{
	s->barren += n;
	if (s->barren > LIMIT_tls_barren_bytes)
		return break_it(s, ERR_IO, "the remote server sends empty TLS records only", why);
	if (!may_go_on(s->go_on, s->arg))
		return break_it(s, ERR_RETRY, "stopped", why);
	if (clock_mono_ms() >= deadline)
		return break_it(s, ERR_RETRY, too_late, why);
	return OK;
}

static enum err receive_tls(struct stream *s, struct str bytes, int64_t deadline, struct why *why)
{
	size_t before = s->in.n;
	enum err e = decrypt(s, bytes, deadline, why);

	if (e != OK || s->ended)
		return e;
	if (s->in.n == before)
		return still_barren(s, bytes.n, deadline, why);
	s->barren = 0;
	return OK;
}

/* Wait for some bytes and process them; at the peer's end set s->ended instead. */
static enum err receive(struct stream *s, int64_t deadline, struct why *why)
{
	char scratch[READ_SIZE];
	ptrdiff_t n;

	while ((n = socket_read(s->fd, scratch, sizeof scratch)) == SOCKET_AGAIN) {
		enum err e = stream_await(s, POLLIN, deadline, why);

		if (e != OK)
			return e;
	}
	if (n == SOCKET_BROKEN)
		return break_it(s, ERR_IO, "connection lost", why);
	if (n == 0) {
		s->ended = true;
		if (s->tls != NULL)
			tls_put_eof(s->tls);
		return OK;
	}
	/* The caller reads on only when the buffered input is insufficient. */
	buf_drop(&s->in, s->in_start);
	s->in_start = 0;
	if (s->tls != NULL)
		return receive_tls(s, str_from(scratch, (size_t)n), deadline, why);
	buf_bytes(&s->in, scratch, (size_t)n);
	return OK;
}

enum err stream_line(struct stream *s, size_t max, struct str *line, struct why *why)
{
	int64_t deadline = clock_mono_ms() + s->timeout_ms;
	enum err e = flush_until(s, deadline, why);

	assert(max <= STREAM_LINE_MAX);
	while (e == OK) {
		struct str h = held(s);
		ptrdiff_t lf = str_find_byte(h, '\n');

		if (lf >= 0) {
			s->in_start += (size_t)lf + 1;
			*line = str_sub(h, 0, (size_t)lf);
			if (str_ends(*line, STR("\r")))
				line->n--;
			if (line->n <= max)
				return OK;
			return break_it(s, ERR_LIMIT, "the remote server's line is too long", why);
		}
		if (h.n > max + 1)
			return break_it(s, ERR_LIMIT, "the remote server's line is too long", why);
		if (s->ended)
			return break_it(s, ERR_IO, "the remote server closed the connection", why);
		e = receive(s, deadline, why);
	}
	return e;
}

enum err stream_read(struct stream *s, void *to, size_t n, size_t *got, struct why *why)
{
	int64_t deadline = clock_mono_ms() + s->timeout_ms;
	enum err e = flush_until(s, deadline, why);
	struct str h;

	*got = 0;
	while (e == OK && held(s).n == 0 && !s->ended)
		e = receive(s, deadline, why);
	if (e != OK)
		return e;
	h = str_sub(held(s), 0, n);
	if (h.n != 0)
		memcpy(to, h.p, h.n);
	s->in_start += h.n;
	*got = h.n;
	return OK;
}

/* --- TLS -------------------------------------------------------------------- */

enum err stream_starttls(struct stream *s, const struct tls_client_config *tls, struct str name,
                         struct why *why)
{
	int64_t deadline = clock_mono_ms() + s->timeout_ms;
	enum err e = flush_until(s, deadline, why);

	assert(s->tls == NULL);
	if (e != OK)
		return e;
	/* RFC 3207 4.2: input from before TLS must not be trusted. */
	buf_reset(&s->in);
	s->in_start = 0;
	s->tls = tls_client_new(tls, name);
	e = send_cipher(s, deadline, why);
	while (e == OK && tls_state(s->tls) == TLS_HANDSHAKE && !s->ended)
		e = receive(s, deadline, why);
	if (e == OK && tls_state(s->tls) != TLS_OPEN)
		e = break_it(s, ERR_IO, "connection closed in the TLS handshake", why);
	if (e == OK)
		s->tls_text = tls_describe(s->tls, &s->arena);
	return e;
}

bool stream_is_tls(const struct stream *s)
{
	return s->tls != NULL && tls_state(s->tls) != TLS_HANDSHAKE;
}

bool stream_tls_verified(const struct stream *s, struct why *why)
{
	if (stream_is_tls(s))
		return tls_peer_verified(s->tls, why);
	(void)fail(why, ERR_DENIED, "no TLS");
	return false;
}

enum tls_chain stream_tls_chain(const struct stream *s)
{
	return s->tls != NULL ? tls_peer_chain(s->tls) : TLS_CHAIN_UNSEEN;
}

struct str stream_tls_end_point(const struct stream *s, struct arena *a)
{
	return s->tls != NULL ? tls_end_point(s->tls, a) : STR_EMPTY;
}

bool stream_tls_matched(const struct stream *s)
{
	return s->tls != NULL && tls_peer_matched(s->tls);
}

struct str stream_tls_text(const struct stream *s)
{
	return s->tls_text;
}

bool stream_tls_modern(const struct stream *s)
{
	return s->tls != NULL && tls_modern(s->tls);
}

bool stream_is_quiet(const struct stream *s)
{
	return s->broken.text[0] == '\0' && !s->ended && held(s).n == 0 &&
	       !socket_wait(s->fd, POLLIN, clock_mono_ms());
}

const struct addr *stream_peer(const struct stream *s)
{
	return &s->peer;
}

const struct addr *stream_local(const struct stream *s)
{
	return &s->local;
}

void stream_free(struct stream **stream)
{
	struct stream *s = *stream;

	*stream = NULL;
	if (s == NULL)
		return;
	if (s->tls != NULL && s->broken.text[0] == '\0') {
		struct str bye;

		/* Optional (RFC 5246 7.2.1): sent only if that does not block. */
		tls_close(s->tls);
		bye = tls_cipher(s->tls);
		if (bye.n != 0)
			(void)socket_write(s->fd, bye.p, bye.n);
	}
	tls_free(s->tls);
	socket_close(&s->fd);
	buf_deinit(&s->in);
	buf_deinit(&s->out);
	arena_deinit(&s->arena);
	mem_free(s);
}
