/* foundation/base/pack.c: see pack.h. */
#include "foundation/base/pack.h"

void pack_u64_long(struct buf *b, uint64_t n)
{
	char bytes[10];
	size_t used = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[used++] = (char)(n | 0x80);
	bytes[used++] = (char)n;
	buf_bytes(b, bytes, used);
}

void pack_str(struct buf *b, struct str s)
{
	pack_u64(b, s.n);
	buf_put(b, s);
}

static void pack_be(struct buf *b, unsigned bytes, uint64_t n)
{
	char out[8];

	for (unsigned i = 0; i < bytes; i++)
		out[i] = (char)(n >> (8 * (bytes - 1 - i)));
	buf_bytes(b, out, bytes);
}

void pack_be32(struct buf *b, uint32_t n)
{
	pack_be(b, 4, n);
}

void pack_be64(struct buf *b, uint64_t n)
{
	pack_be(b, 8, n);
}

uint32_t unpack_u32(struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	if (n > UINT32_MAX)
		u->bad = true;
	return u->bad ? 0 : (uint32_t)n;
}

struct str unpack_str(struct unpack *u)
{
	uint64_t n = unpack_u64(u);
	struct str s = STR_EMPTY;

	if (u->bad || n > cur_left(&u->c) || !cur_take(&u->c, (size_t)n, &s))
		u->bad = true;
	return u->bad ? STR_EMPTY : s;
}

static uint64_t unpack_be(struct unpack *u, unsigned bytes)
{
	uint64_t n = 0;

	if (u->bad || !cur_be(&u->c, bytes, &n))
		u->bad = true;
	return u->bad ? 0 : n;
}

uint32_t unpack_be32(struct unpack *u)
{
	return (uint32_t)unpack_be(u, 4);
}

uint64_t unpack_be64(struct unpack *u)
{
	return unpack_be(u, 8);
}

bool unpack_more(const struct unpack *u)
{
	return !u->bad && !cur_done(&u->c);
}

bool unpack_ok(const struct unpack *u)
{
	return !u->bad;
}
