/* network/runtime/conn_zip.c: the compression layer of conn_compress.
 *
 *	TLS or socket --> in  --unpack--> c->in
 *	TLS or socket <-- out <--pack---- c->out
 *
 * Both of its buffers hold a piece at a time, and c->in keeps its maximum: a peer whose bytes
 * expand a thousandfold waits until the protocol has consumed them, and the decompressed bytes
 * count against the step's budget.
 *
 * The layer ends in each direction separately: compressed output is still sent, and the end of the
 * peer's stream may not have arrived yet. When both have ended, conn_zip_trim removes the layer. */
#include "foundation/base/mem.h"
#include "network/runtime/deflate.h"
#include "network/runtime/runtime_private.h"

enum {
	PIECE = 16 * 1024,
	IN_MAX = CONN_INPUT_MAX + 64 * 1024, /* all input before it began, or one read */
};

enum direction {
	PACKED,
	ENDING, /* the end of the peer's stream follows, and plain bytes after it */
	OVER,   /* plain again */
};

struct conn_zip {
	struct deflate *stream;
	struct buf in;  /* compressed; the first in_start bytes are consumed */
	struct buf out; /* compressed, or from before; the first out_start bytes are sent */
	size_t in_start, out_start;
	bool flush_due; /* bytes of c->out are in the stream */
	enum direction incoming, outgoing;
};

static struct conn_zip *zip_new(const struct conn *c)
{
	struct conn_zip *z = NEW(struct conn_zip);

	buf_init(&z->in, IN_MAX);
	/* Room for one step: the end of a stream, and the first output of the next one. */
	buf_init(&z->out, 3 * c->out.max);
	return z;
}

/* An ended layer may still have unsent output. */
void conn_compress(struct conn *c)
{
	struct conn_zip *z = c->zip != NULL ? c->zip : zip_new(c);

	assert(!conn_is_compressed(c));
	assert(z->incoming == z->outgoing);
	deflate_free(&z->stream);
	z->stream = deflate_new();
	z->incoming = z->outgoing = PACKED;
	buf_put(&z->out, str_sub(buf_str(&c->out), c->out_start, c->out.n));
	buf_put(&z->in, str_sub(buf_str(&c->in), c->in_start, c->in.n));
	assert(buf_ok(&z->in) && buf_ok(&z->out));
	buf_reset(&c->out);
	buf_reset(&c->in);
	c->in_start = c->out_start = c->scanned = 0;
	c->read_budget = 0; /* the reply first, then the peer's input */
	c->zip = z;
}

bool conn_is_compressed(const struct conn *c)
{
	return c->zip != NULL && c->zip->outgoing == PACKED;
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

	if (z->incoming == OVER)
		return &c->in;
	buf_drop(&z->in, z->in_start);
	z->in_start = 0;
	return &z->in;
}

bool conn_zip_holds(const struct conn *c)
{
	const struct conn_zip *z = c->zip;

	return z != NULL && z->incoming != OVER && deflate_state(z->stream) == DEFLATE_OPEN &&
	       (z->in.n > z->in_start || deflate_holds(z->stream));
}

static struct str packed(const struct conn_zip *z)
{
	return str_sub(buf_str(&z->in), z->in_start, z->in.n);
}

static void unpack(struct conn *c)
{
	struct conn_zip *z = c->zip;
	size_t before = c->in.n;

	z->in_start += deflate_take(z->stream, packed(z), &c->in, PIECE);
	c->read_budget -= MIN(c->read_budget, c->in.n - before);
	if (deflate_state(z->stream) == DEFLATE_BROKEN)
		conn_lost(c, "compressed data is broken");
}

/* Does the peer's ending stream have more blocks? After a mere flush, the next bytes could be a
 * block: but a command begins with a printable byte, and no empty block does. */
static bool stream_goes_on(const struct conn_zip *z)
{
	struct str next = packed(z);

	if (deflate_between(z->stream) && next.n != 0 && next.p[0] > ' ' && next.p[0] < 0x7f)
		return false;
	return deflate_state(z->stream) == DEFLATE_OPEN;
}

static void stream_end(struct conn *c)
{
	struct conn_zip *z = c->zip;

	while (stream_goes_on(z) && conn_zip_holds(c)) {
		unpack(c);
		if (conn_input_waits(c))
			conn_lost(c, "data follows the end of the compressed stream");
		if (c->broken)
			return;
	}
	if (stream_goes_on(z))
		return;
	buf_put(&c->in, packed(z));
	buf_reset(&z->in);
	z->in_start = 0;
	z->incoming = OVER;
}

bool conn_unzip(struct conn *c)
{
	if (!conn_zip_holds(c))
		return false;
	if (c->zip->incoming == ENDING)
		stream_end(c);
	else
		unpack(c);
	return true;
}

void conn_zip_check_end(struct conn *c)
{
	const struct conn_zip *z = c->zip;

	if (z == NULL || z->incoming != PACKED || deflate_state(z->stream) != DEFLATE_ENDED)
		return;
	if (packed(z).n > (conn_input_waits(c) ? CONN_INPUT_MAX : 0))
		conn_lost(c, "compressed data is broken");
	else if (!conn_input_waits(c))
		c->eof = true;
}

/* --- output ----------------------------------------------------------------- */

static struct str conn_zip_plain(const struct conn *c)
{
	return str_sub(buf_str(&c->out), c->out_start, c->out.n);
}

struct str conn_zip_next(struct conn *c)
{
	struct conn_zip *z = c->zip;

	if (z->out.n > z->out_start)
		return str_sub(buf_str(&z->out), z->out_start, z->out.n);
	if (z->outgoing == OVER)
		return conn_zip_plain(c);
	buf_reset(&z->out);
	z->out_start = 0;
	while (z->out.n < PIECE && (c->out.n > c->out_start || z->flush_due)) {
		if (c->out.n > c->out_start) {
			c->out_start += deflate_put(z->stream, conn_zip_plain(c), &z->out, PIECE);
			z->flush_due = true;
		} else {
			z->flush_due = !deflate_flush(z->stream, &z->out, PIECE);
		}
	}
	return buf_str(&z->out);
}

void conn_zip_sent(struct conn *c, size_t n)
{
	struct conn_zip *z = c->zip;

	if (z->out.n > z->out_start)
		z->out_start += n;
	else
		c->out_start += n;
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
	if (z->incoming == OVER && z->outgoing == OVER && !conn_zip_waits(c)) {
		conn_zip_free(&c->zip);
		return;
	}
	if (z->in.n == z->in_start) {
		buf_deinit(&z->in);
		z->in_start = 0;
	}
	if (!conn_zip_waits(c)) {
		buf_deinit(&z->out);
		z->out_start = 0;
	}
}

/* --- the end ---------------------------------------------------------------- */

void conn_compress_end(struct conn *c)
{
	struct conn_zip *z = c->zip;

	assert(conn_is_compressed(c));
	while (c->out.n > c->out_start)
		c->out_start += deflate_put(z->stream, conn_zip_plain(c), &z->out, PIECE);
	while (!deflate_finish(z->stream, &z->out, PIECE))
		;
	buf_reset(&c->out);
	c->out_start = 0;
	z->flush_due = false;
	z->outgoing = OVER;
	z->incoming = ENDING;
	if (conn_input_waits(c)) {
		conn_lost(c, "data follows the end of the compressed stream");
		return;
	}
	buf_reset(&c->in);
	c->in_start = c->scanned = 0;
	stream_end(c);
}
