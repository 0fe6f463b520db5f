/* foundation/text/base32.c: see base32.h. */
#include "foundation/text/base32.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

void base32_put(struct buf *out, struct str raw)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < raw.n; i++) {
		bits = bits << 8 | (unsigned char)raw.p[i];
		for (have += 8; have >= 5; have -= 5)
			buf_byte(out, alphabet[bits >> (have - 5) & 31]);
	}
	if (have != 0)
		buf_byte(out, alphabet[bits << (5 - have) & 31]);
}

static int hex_digit(char c)
{
	c = ascii_lower(c);
	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

bool base32hex_decode(struct str text, struct arena *a, struct str *raw)
{
	char *out = arena_alloc(a, text.n * 5 / 8 + 1);
	struct cur c = cur_of(text);
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	char digit;

	while (cur_any(&c, &digit)) {
		int value = hex_digit(digit);

		if (value < 0)
			return false;
		bits = bits << 5 | (uint32_t)value;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
			bits &= BIT(have) - 1;
		}
	}
	*raw = str_from(out, n);
	return have < 5 && bits == 0;
}
