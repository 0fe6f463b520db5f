/* foundation/text/utf8.c: see utf8.h. */
#include "foundation/text/utf8.h"

#include <string.h>

bool utf8_ascii(struct str s)
{
	struct cur c = cur_of(s);

	cur_ascii(&c);
	return cur_done(&c);
}

/* The first byte of a sequence determines how many follow, and which second bytes are allowed: that
 * excludes overlong forms, surrogates and numbers above U+10FFFF (RFC 3629 4). */
static const struct lead {
	unsigned char first, last, more, low, high;
} leads[] = {
	{ 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf }, { 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf }, { 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct lead *lead_find(int byte)
{
	for (size_t i = 0; i < COUNT(leads); i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

/* Take one well-formed sequence, or skip the longest part of one and return false. */
static bool sequence(struct cur *c, uint32_t *out)
{
	int byte = cur_peek(c);
	const struct lead *lead;
	uint32_t n;

	cur_skip(c, 1);
	*out = (uint32_t)byte;
	if (byte < 0x80)
		return true;
	lead = lead_find(byte);
	if (lead == NULL)
		return false;
	n = (uint32_t)byte & (0x3fu >> lead->more);
	for (unsigned i = 0; i < lead->more; i++) {
		byte = cur_peek(c);
		if (byte < (i == 0 ? lead->low : 0x80) || byte > (i == 0 ? lead->high : 0xbf))
			return false;
		cur_skip(c, 1);
		n = n << 6 | ((uint32_t)byte & 0x3f);
	}
	*out = n;
	return true;
}

bool utf8_valid(struct str s)
{
	struct cur c = cur_of(s);
	uint32_t character;

	for (;;) {
		cur_ascii(&c);
		if (cur_done(&c))
			return true;
		if (!sequence(&c, &character))
			return false;
	}
}

uint32_t utf8_next(struct cur *c)
{
	uint32_t character;

	assert(!cur_done(c));
	return sequence(c, &character) ? character : UTF8_REPLACEMENT;
}

void utf8_put(struct buf *out, uint32_t c)
{
	char bytes[4];
	size_t n = 0;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		buf_byte(out, (char)c); /* the common case; copying one byte with buf_put is slow */
		return;
	}
	if (c < 0x800) {
		bytes[n++] = (char)(0xc0 | c >> 6);
		bytes[n++] = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		bytes[n++] = (char)(0xe0 | c >> 12);
		bytes[n++] = (char)(0x80 | (c >> 6 & 63));
		bytes[n++] = (char)(0x80 | (c & 63));
	} else {
		bytes[n++] = (char)(0xf0 | c >> 18);
		bytes[n++] = (char)(0x80 | (c >> 12 & 63));
		bytes[n++] = (char)(0x80 | (c >> 6 & 63));
		bytes[n++] = (char)(0x80 | (c & 63));
	}
	buf_bytes(out, bytes, n);
}

void utf8_put_clean(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);

	for (;;) {
		buf_put(out, cur_ascii(&c));
		if (cur_done(&c))
			return;
		utf8_put(out, utf8_next(&c));
	}
}

size_t utf8_count(struct str s)
{
	struct cur c = cur_of(s);
	size_t n = 0;

	for (; !cur_done(&c); n++)
		utf8_next(&c);
	return n;
}

struct str utf8_cut(struct str s, size_t n)
{
	size_t cut = n;

	if (s.n <= n)
		return s;
	/* Go back over at most three continuation bytes to the start of a character. */
	while (cut != 0 && n - cut < 3 && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
		cut--;
	if (((unsigned char)s.p[cut] & 0xc0) == 0x80)
		cut = n; /* not UTF-8 */
	return str_sub(s, 0, cut);
}
