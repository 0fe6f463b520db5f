/* foundation/text/base64.c: see base64.h. */
#include "foundation/text/base64.h"

#include "foundation/base/cur.h"

enum { LINE_RAW = 57, B64_BAD = 64 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of a character of the alphabet, B64_BAD for any other. */
static const unsigned char values[256] = {
#define X4 64, 64, 64, 64
#define X16 X4, X4, X4, X4
	X16, X16, X4,  X4,  64,  64,  64,  62,  64, 64, 64, 63,                 /* + / */
	52,  53,  54,  55,  56,  57,  58,  59,  60, 61, 64, 64, X4,             /* 0-9 */
	64,  0,   1,   2,   3,   4,   5,   6,   7,  8,  9,  10, 11, 12, 13, 14, /* A-O */
	15,  16,  17,  18,  19,  20,  21,  22,  23, 24, 25, 64, 64, 64, 64, 64, /* P-Z */
	64,  26,  27,  28,  29,  30,  31,  32,  33, 34, 35, 36, 37, 38, 39, 40, /* a-o */
	41,  42,  43,  44,  45,  46,  47,  48,  49, 50, 51, 64, 64, 64, 64, 64, /* p-z */
	X16, X16, X16, X16, X16, X16, X16, X16,
#undef X16
#undef X4
};

static unsigned base64_value_of(char c)
{
	return values[(unsigned char)c];
}

static void group_put(char *to, uint32_t bits)
{
	for (int i = 0; i < 4; i++)
		to[i] = alphabet[bits >> (18 - 6 * i) & 63];
}

void base64_put(struct buf *out, struct str raw)
{
	const unsigned char *p = (const unsigned char *)raw.p;
	size_t whole = raw.n / 3, left = raw.n % 3;
	char *to = buf_room(out, (raw.n + 2) / 3 * 4);

	if (to == NULL)
		return;
	for (size_t i = 0; i < whole; i++, p += 3, to += 4)
		group_put(to, (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
	if (left != 0) {
		group_put(to, (uint32_t)p[0] << 16 | (left == 2 ? (uint32_t)p[1] << 8 : 0));
		to[3] = '=';
		if (left == 1)
			to[2] = '=';
	}
	buf_commit(out, (raw.n + 2) / 3 * 4);
}

void base64_put_lines(struct buf *out, struct str raw)
{
	for (size_t i = 0; i < raw.n; i += LINE_RAW) {
		base64_put(out, str_sub(raw, i, i + LINE_RAW));
		buf_put(out, STR("\r\n"));
	}
}

/* Append the n bytes (1 to 3) that are in the upper part of 24 bits. */
static void bytes_put(struct buf *out, uint32_t bits, unsigned n)
{
	char bytes[3] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits };

	buf_bytes(out, bytes, n);
}

bool base64_parse(struct str in, struct buf *out)
{
	size_t before = out->n, chars = in.n;
	uint32_t bits = 0;

	if (in.n % 4 != 0)
		return false;
	for (int pad = 0; pad < 2 && chars != 0 && in.p[chars - 1] == '='; pad++)
		chars--;
	for (size_t i = 0; i < chars; i++) {
		unsigned v = base64_value_of(in.p[i]);

		if (v == B64_BAD)
			goto bad;
		bits = bits << 6 | v;
		if (i % 4 == 3)
			bytes_put(out, bits, 3);
	}
	/* RFC 4648 3.5: bits after the last whole byte must be zero, so that each value has one
	 * encoding. */
	if (chars % 4 == 3 && (bits & 3) == 0)
		bytes_put(out, bits << 6, 2);
	else if (chars % 4 == 2 && (bits & 15) == 0)
		bytes_put(out, bits << 12, 1);
	else if (chars % 4 != 0)
		goto bad;
	return true;
bad:
	buf_cut(out, MIN(before, out->n));
	return false;
}

/* Whole groups of four from the cursor, in the common case: nearly all of a body. */
static void decode_groups(struct cur *c, struct buf *out)
{
	size_t groups = MIN(cur_left(c) / 4, (out->max - out->n) / 3);
	char *to = groups != 0 ? buf_room(out, groups * 3) : NULL;
	size_t done = 0;

	if (to == NULL)
		return;
	for (; done < groups; done++, c->p += 4, to += 3) {
		unsigned a = base64_value_of(c->p[0]), b = base64_value_of(c->p[1]);
		unsigned d = base64_value_of(c->p[2]), e = base64_value_of(c->p[3]);

		if ((a | b | d | e) & B64_BAD)
			break;
		to[0] = (char)(a << 2 | b >> 4);
		to[1] = (char)(b << 4 | d >> 2);
		to[2] = (char)(d << 6 | e);
	}
	buf_commit(out, done * 3);
}

void base64_decode(struct str in, struct buf *out)
{
	struct cur c = cur_of(in);
	uint32_t bits = 0;
	unsigned n = 0; /* characters of an unfinished group */
	char ch;

	for (;;) {
		unsigned v;

		if (n == 0 && buf_ok(out))
			decode_groups(&c, out);
		if (!cur_any(&c, &ch))
			break;
		v = base64_value_of(ch);
		if (v != B64_BAD) {
			bits = bits << 6 | v;
			if (++n < 4)
				continue;
			bytes_put(out, bits, 3);
			n = 0;
		} else if (ch == '=') {
			if (n > 1)
				bytes_put(out, bits << (24 - 6 * n), n - 1);
			n = 0;
		}
	}
	if (n > 1)
		bytes_put(out, bits << (24 - 6 * n), n - 1);
}
