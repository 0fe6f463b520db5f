/* network/runtime/deflate.c: see deflate.h. */
#include "foundation/base/mem.h"
#include "network/runtime/deflate.h"
#include <limits.h>
#include <zlib.h>

enum {
	/* RFC 4978 4: -8 to -15, raw DEFLATE. Ours is small, since each idle connection keeps it;
	 * the peer chooses its own, up to the largest. */
	OUT_WINDOW = -13,
	OUT_MEMORY = 5, /* zlib's memLevel */
	IN_WINDOW = -15,
	LEVEL = 3,
	/* z_stream.data_type after an inflate: the remaining bits of a byte; in or after the last
	 * block; after a block. */
	BITS = 63,
	LAST = 64,
	BETWEEN = 128,
	/* Each allocation is preceded by its size, in a header that keeps the alignment. */
	HEAD = 16,
};

struct deflate {
	z_stream out, in;
	size_t memory;
	bool holds;
	enum deflate_state state;
};

static void *take_memory(void *arg, unsigned n, unsigned size)
{
	struct deflate *z = arg;
	size_t bytes = (size_t)n * size;
	char *p = mem_new(HEAD + bytes);

	*(size_t *)(void *)p = bytes;
	z->memory += bytes;
	return p + HEAD;
}

static void give_memory(void *arg, void *p)
{
	struct deflate *z = arg;
	char *head = (char *)p - HEAD;

	z->memory -= *(size_t *)(void *)head;
	mem_free(head);
}

struct deflate *deflate_new(void)
{
	struct deflate *z = NEW(struct deflate);
	int out, in;

	z->memory = sizeof *z;
	z->out.zalloc = z->in.zalloc = take_memory;
	z->out.zfree = z->in.zfree = give_memory;
	z->out.opaque = z->in.opaque = z;
	out = deflateInit2(&z->out, LEVEL, Z_DEFLATED, OUT_WINDOW, OUT_MEMORY, Z_DEFAULT_STRATEGY);
	in = inflateInit2(&z->in, IN_WINDOW);
	assert(out == Z_OK && in == Z_OK); /* errors are possible only for memory and invalid
					    * arguments */
	return z;
}

void deflate_free(struct deflate **zp)
{
	struct deflate *z = *zp;

	if (z == NULL)
		return;
	deflateEnd(&z->out);
	inflateEnd(&z->in);
	mem_clear(zp);
}

size_t deflate_memory(const struct deflate *z)
{
	return z->memory;
}

enum deflate_state deflate_state(const struct deflate *z)
{
	return z->state;
}

bool deflate_holds(const struct deflate *z)
{
	return z->holds;
}

bool deflate_between(const struct deflate *z)
{
	return (z->in.data_type & (BETWEEN | BITS)) == BETWEEN;
}

/* Pass zlib bytes, and room at the end of out. */
static unsigned lend(z_stream *s, struct str bytes, struct buf *out, size_t max)
{
	char *room = buf_room(out, max);

	assert(room != NULL && max <= UINT_MAX);
	s->next_in = (Bytef *)(uintptr_t)bytes.p;
	s->avail_in = (unsigned)MIN(bytes.n, (size_t)UINT_MAX);
	s->next_out = (Bytef *)room;
	s->avail_out = (unsigned)max;
	return s->avail_in;
}

size_t deflate_put(struct deflate *z, struct str plain, struct buf *out, size_t max)
{
	unsigned n = lend(&z->out, plain, out, max);
	int said = deflate(&z->out, Z_NO_FLUSH);

	assert(said == Z_OK || said == Z_BUF_ERROR);
	buf_commit(out, max - z->out.avail_out);
	return n - z->out.avail_in;
}

static int flush(struct deflate *z, struct buf *out, size_t max, int how)
{
	int said;

	assert(max >= DEFLATE_FLUSH_MIN);
	(void)lend(&z->out, STR_EMPTY, out, max);
	said = deflate(&z->out, how);
	assert(said == Z_OK || said == Z_BUF_ERROR || said == Z_STREAM_END);
	buf_commit(out, max - z->out.avail_out);
	return said;
}

bool deflate_flush(struct deflate *z, struct buf *out, size_t max)
{
	(void)flush(z, out, max, Z_SYNC_FLUSH);
	return z->out.avail_out != 0;
}

bool deflate_finish(struct deflate *z, struct buf *out, size_t max)
{
	return flush(z, out, max, Z_FINISH) == Z_STREAM_END;
}

size_t deflate_take(struct deflate *z, struct str packed, struct buf *out, size_t max)
{
	unsigned n;
	int said;

	if (z->state != DEFLATE_OPEN)
		return 0;
	n = lend(&z->in, packed, out, max);
	said = inflate(&z->in, Z_BLOCK);
	if ((z->in.data_type & (LAST | BETWEEN)) == (LAST | BETWEEN))
		said = inflate(&z->in, Z_BLOCK); /* the end, which consumes no byte */
	buf_commit(out, max - z->in.avail_out);
	z->holds = z->in.avail_out == 0;
	if (said == Z_STREAM_END)
		z->state = DEFLATE_ENDED;
	else if (said != Z_OK && said != Z_BUF_ERROR)
		z->state = DEFLATE_BROKEN;
	if (z->state != DEFLATE_OPEN)
		z->holds = false;
	return n - z->in.avail_in;
}

uint32_t deflate_crc32(uint32_t crc, struct str bytes)
{
	/* for no bytes at all zlib might restart */
	return bytes.n == 0 ? crc : (uint32_t)crc32_z(crc, (const Bytef *)bytes.p, bytes.n);
}
