/* network/runtime/conn_io.c: bytes between socket, TLS engine and the two buffers of a connection.
 *
 *	socket --read--> [scratch --tls--> plaintext] --> [unzip] --> in   --> protocol
 *	socket <-write-- [tls engine <---- plaintext] <-- [zip]   <-- out  <-- protocol
 *
 * No function blocks. All plaintext in the engine is moved to the input buffer at once, so epoll
 * never misses bytes that the engine holds. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"
#include "network/tls/tls.h"

#include <string.h>

enum {
	READ_FIRST = 4096,
	READ_MAX = 64 * 1024,
	SCRATCH = 16 * 1024 + 512, /* a TLS record and its header */
	/* The minimum average rate of a peer; slower ones are cut. */
	WRITE_BYTES_PER_S = 1024,
};

/* --- input ------------------------------------------------------------------ */

static size_t held(const struct conn *c)
{
	return c->in.n - c->in_start;
}

/* Drop consumed bytes when that is free or makes much room, or when there would be no room for a
 * read: with many short lines, each step consumes some and reads as many. */
static void compact(struct conn *c)
{
	bool full = c->in.n + READ_MAX > c->in.max;

	if (c->in_start != 0 && (full || c->in_start >= held(c))) {
		buf_drop(&c->in, c->in_start);
		c->in_start = 0;
	}
}

void conn_lost(struct conn *c, const char *why)
{
	c->eof = true;
	c->broken = true;
	if (c->why == NULL)
		c->why = why;
}

/* One read, at most n bytes. Returns the number of bytes. */
static size_t read_some(struct conn *c, char *to, size_t n)
{
	ptrdiff_t got = socket_read(c->fd, to, n);

	c->dry = got < (ptrdiff_t)n;
	if (got == 0)
		c->eof = true;
	else if (got == SOCKET_BROKEN)
		conn_lost(c, "connection lost");
	if (got <= 0)
		return 0;
	c->heard = true;
	c->read_budget -= MIN(c->read_budget, (size_t)got);
	return (size_t)got;
}

/* The buffer for bytes after TLS. */
static struct buf *arriving(struct conn *c)
{
	return c->zip != NULL ? conn_zip_in(c) : &c->in;
}

static void fill_plain(struct conn *c)
{
	struct buf *to = arriving(c);
	size_t n = c->read_size != 0 ? c->read_size : READ_FIRST;
	size_t got = read_some(c, buf_room(to, n), n);

	buf_commit(to, got);
	c->read_size = got == n ? MIN(n * 2, (size_t)READ_MAX) : n;
}

static void take_plaintext(struct conn *c)
{
	struct str plain;

	while ((plain = tls_plain(c->tls)).n != 0) {
		buf_put(arriving(c), plain);
		tls_plain_drop(c->tls, plain.n);
	}
}

/* Pass ciphertext to the engine; returns the number of bytes taken. */
static size_t feed(struct conn *c, struct str bytes)
{
	size_t all = 0, took;

	do {
		took = tls_put_cipher(c->tls, str_sub(bytes, all, bytes.n));
		all += took;
		take_plaintext(c);
		if (tls_state(c->tls) == TLS_HANDSHAKE)
			conn_send(c);
	} while (took != 0 && all < bytes.n);
	return all;
}

static void fill_tls(struct conn *c)
{
	char scratch[SCRATCH];

	if (c->cipher.n != 0) {
		buf_drop(&c->cipher, feed(c, buf_str(&c->cipher)));
	} else {
		size_t got = read_some(c, scratch, sizeof scratch);
		size_t took = got != 0 ? feed(c, str_from(scratch, got)) : 0;

		buf_bytes(&c->cipher, scratch + took, got - took);
		if (c->eof)
			tls_put_eof(c->tls);
	}
	if (tls_state(c->tls) == TLS_CLOSED)
		c->eof = true;
	else if (tls_state(c->tls) == TLS_FAILED)
		conn_lost(c, "TLS failed");
	if (c->eof)
		buf_reset(&c->cipher);
}

bool conn_fill(struct conn *c)
{
	size_t before = held(c);

	if (c->hold_input || before >= CONN_INPUT_MAX)
		return false;
	conn_zip_check_end(c);
	/* After the end there is no other step: this one must process all input. */
	if (c->read_budget == 0 && !c->eof)
		return false;
	compact(c);
	if (!conn_zip_holds(c)) {
		if (c->eof || (c->dry && c->cipher.n == 0))
			return false;
		if (c->tls != NULL)
			fill_tls(c);
		else
			fill_plain(c);
	}
	while (conn_unzip(c) && held(c) == before)
		;
	conn_zip_check_end(c);
	return held(c) > before;
}

/* --- output ----------------------------------------------------------------- */

static struct str unsent(const struct conn *c)
{
	return str_sub(buf_str(&c->out), c->out_start, c->out.n);
}

static void all_sent(struct conn *c)
{
	buf_reset(&c->out);
	c->out_start = 0;
}

bool conn_output_waits(const struct conn *c)
{
	return c->out.n > c->out_start || conn_zip_waits(c) ||
	       (c->tls != NULL && tls_cipher(c->tls).n != 0);
}

/* The next bytes for TLS or the socket. */
static struct str leaving(struct conn *c)
{
	return c->zip != NULL ? conn_zip_next(c) : unsent(c);
}

static void left(struct conn *c, size_t n)
{
	if (c->zip != NULL)
		conn_zip_sent(c, n);
	else
		c->out_start += n;
}

/* The next bytes for the socket: from the engine, or from the buffer. */
static struct str next_bytes(struct conn *c)
{
	struct str bytes = leaving(c);

	if (c->tls == NULL)
		return bytes;
	for (size_t took; bytes.n != 0; bytes = leaving(c)) {
		took = tls_put_plain(c->tls, bytes);
		left(c, took);
		if (took < bytes.n)
			return tls_cipher(c->tls);
	}
	all_sent(c);
	tls_flush(c->tls);
	return tls_cipher(c->tls);
}

static void bytes_gone(struct conn *c, size_t n)
{
	if (c->tls != NULL)
		tls_cipher_drop(c->tls, n);
	else
		left(c, n);
	/* The write deadline moves by the time that those bytes may take at the minimum rate. */
	if (c->write_deadline_ms != 0)
		c->write_deadline_ms =
			MIN(clock_mono_ms() + c->runtime->config.write_ms,
		            c->write_deadline_ms + (int64_t)n * 1000 / WRITE_BYTES_PER_S);
}

bool conn_send(struct conn *c)
{
	struct str bytes;

	while (!c->broken && (bytes = next_bytes(c)).n != 0) {
		ptrdiff_t n = socket_write(c->fd, bytes.p, bytes.n);

		if (n == SOCKET_AGAIN) {
			if (c->write_deadline_ms == 0)
				c->write_deadline_ms =
					clock_mono_ms() + c->runtime->config.write_ms;
			return false;
		}
		if (n < 0)
			conn_lost(c, "connection lost");
		else
			bytes_gone(c, (size_t)n);
	}
	/* The peer has sent close_notify: it does not read any more. */
	if (c->tls != NULL && !c->broken && leaving(c).n != 0)
		c->broken = true;
	all_sent(c);
	c->write_deadline_ms = 0;
	return true;
}

void conn_ack(struct conn *c)
{
	socket_ack(c->fd);
}

/* Move the contents to a smaller buffer: most of this one is consumed. */
static void shrink(struct conn *c)
{
	struct buf kept;

	buf_init(&kept, c->in.max);
	buf_put(&kept, str_sub(buf_str(&c->in), c->in_start, c->in.n));
	buf_deinit(&c->in);
	c->in = kept;
	c->in_start = 0;
	c->read_size = 0;
}

void conn_trim(struct conn *c)
{
	if (held(c) == 0) {
		buf_deinit(&c->in);
		c->in_start = 0;
		c->read_size = 0;
	} else if (c->in.cap > READ_FIRST && c->in.cap / 4 > held(c)) {
		shrink(c);
	}
	if (c->out.n == 0)
		buf_deinit(&c->out);
	if (c->cipher.n == 0)
		buf_deinit(&c->cipher);
	conn_zip_trim(c);
}
