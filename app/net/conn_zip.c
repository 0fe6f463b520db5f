/* net/conn_zip.c: the layer that conn_compress puts into a connection.
 *
 *	TLS or socket --> in  --unpack--> c->in
 *	TLS or socket <-- out <--pack---- c->out
 *
 * Both of its buffers hold a piece at a time, and c->in no more than ever: a peer whose bytes
 * unpack to a thousand times as many waits until the protocol has taken them, and what they
 * unpack to counts against the step's budget as if it had been sent. */
#include "base/mem.h"
#include "net/deflate.h"
#include "net/runtime_private.h"

enum {
	PIECE = 16 * 1024,
	IN_MAX = CONN_INPUT_MAX + 64 * 1024, /* all that was there when it began, or one read */
};

struct conn_zip {
	struct deflate *stream;
	struct buf in;  /* packed; the first in_start bytes are used up                */
	struct buf out; /* packed, or from before; the first out_start bytes are sent */
	size_t in_start, out_start;
	bool flush_due; /* bytes of c->out are inside stream                           */
};

void conn_compress(struct conn *c)
{
	struct conn_zip *z = NEW(struct conn_zip);

	assert(c->zip == NULL);
	z->stream = deflate_new();
	buf_init(&z->in, IN_MAX);
	buf_init(&z->out, c->out.max);
	buf_put(&z->out, str_sub(buf_str(&c->out), c->out_start, c->out.n));
	buf_put(&z->in, str_sub(buf_str(&c->in), c->in_start, c->in.n));
	assert(buf_ok(&z->in));
	buf_reset(&c->out);
	buf_reset(&c->in);
	c->in_start = c->out_start = c->scanned = 0;
	c->read_budget = 0; /* the reply first, then what the peer sends */
	c->zip = z;
}

bool conn_is_compressed(const struct conn *c)
{
	return c->zip != NULL;
}

void conn_zip_free(struct conn_zip **zp)
{
	struct conn_zip *z = *zp;

	if (z == NULL)
		return;
	deflate_free(&z->stream);
	buf_deinit(&z->in);
	buf_deinit(&z->out);
	mem_clear(zp);
}

/* --- input ------------------------------------------------------------------ */

struct buf *conn_zip_in(struct conn *c)
{
	struct conn_zip *z = c->zip;

	buf_drop(&z->in, z->in_start);
	z->in_start = 0;
	return &z->in;
}

bool conn_zip_holds(const struct conn *c)
{
	const struct conn_zip *z = c->zip;

	return z != NULL && deflate_state(z->stream) == DEFLATE_OPEN &&
	       (z->in.n > z->in_start || deflate_holds(z->stream));
}

bool conn_unzip(struct conn *c)
{
	struct conn_zip *z = c->zip;
	size_t before = c->in.n;

	if (!conn_zip_holds(c))
		return false;
	z->in_start += deflate_take(z->stream, str_sub(buf_str(&z->in), z->in_start, z->in.n),
	                            &c->in, PIECE);
	c->read_budget -= MIN(c->read_budget, c->in.n - before);
	if (deflate_state(z->stream) == DEFLATE_ENDED)
		c->eof = true;
	else if (deflate_state(z->stream) == DEFLATE_BROKEN)
		conn_lost(c, "compressed data is broken");
	return true;
}

/* --- output ----------------------------------------------------------------- */

struct str conn_zip_next(struct conn *c)
{
	struct conn_zip *z = c->zip;

	if (z->out.n > z->out_start)
		return str_sub(buf_str(&z->out), z->out_start, z->out.n);
	buf_reset(&z->out);
	z->out_start = 0;
	while (z->out.n < PIECE && (c->out.n > c->out_start || z->flush_due)) {
		struct str plain = str_sub(buf_str(&c->out), c->out_start, c->out.n);

		if (plain.n != 0) {
			c->out_start += deflate_put(z->stream, plain, &z->out, PIECE);
			z->flush_due = true;
		} else {
			z->flush_due = !deflate_flush(z->stream, &z->out, PIECE);
		}
	}
	return buf_str(&z->out);
}

void conn_zip_sent(struct conn *c, size_t n)
{
	c->zip->out_start += n;
}

bool conn_zip_waits(const struct conn *c)
{
	return c->zip != NULL && (c->zip->flush_due || c->zip->out.n > c->zip->out_start);
}

void conn_zip_trim(struct conn *c)
{
	struct conn_zip *z = c->zip;

	if (z == NULL)
		return;
	if (z->in.n == z->in_start) {
		buf_deinit(&z->in);
		z->in_start = 0;
	}
	if (!conn_zip_waits(c)) {
		buf_deinit(&z->out);
		z->out_start = 0;
	}
}
