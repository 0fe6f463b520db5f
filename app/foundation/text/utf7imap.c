/* foundation/text/utf7imap.c: see utf7imap.h.
 *
 * Printable ASCII is literal, "&" is written "&-", and other characters are UTF-16 in base64 with
 * "," for "/" and without padding, between "&" and "-". */
#include "foundation/text/utf7imap.h"

#include "foundation/text/utf8.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool printable(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e;
}

static bool utf7imap_plain(unsigned char c)
{
	return printable(c) && c != '&';
}

/* Pending bits between UTF-16 units and base64 digits. */
struct bits {
	uint32_t held;
	unsigned n;
};

static void unit_put(struct buf *out, struct bits *b, uint32_t unit)
{
	b->held = (b->held & 63) << 16 | unit;
	b->n += 16;
	while (b->n >= 6) {
		b->n -= 6;
		buf_byte(out, alphabet[b->held >> b->n & 63]);
	}
}

/* One shifted run: characters up to the next printable one. */
static void shifted_put(struct buf *out, struct cur *c)
{
	struct bits b = { 0, 0 };

	buf_byte(out, '&');
	while (!cur_done(c) && !printable((unsigned char)cur_peek(c))) {
		uint32_t ch = utf8_next(c);

		if (ch >= 0x10000) {
			unit_put(out, &b, 0xd800 + ((ch - 0x10000) >> 10));
			ch = 0xdc00 + ((ch - 0x10000) & 0x3ff);
		}
		unit_put(out, &b, ch);
	}
	if (b.n != 0)
		buf_byte(out, alphabet[b.held << (6 - b.n) & 63]);
	buf_byte(out, '-');
}

bool utf7imap_put(struct buf *out, struct str name)
{
	struct cur c = cur_of(name);

	if (!utf8_valid(name))
		return false;
	while (!cur_done(&c)) {
		buf_put(out, cur_while(&c, utf7imap_plain));
		if (cur_byte(&c, '&'))
			buf_put(out, STR("&-"));
		else if (!cur_done(&c))
			shifted_put(out, &c);
	}
	return true;
}

/* The next UTF-16 unit of a shifted run; false at its end or when it is malformed. */
static bool unit(struct cur *c, struct bits *b, uint32_t *out)
{
	while (b->n < 16) {
		int byte = cur_peek(c);
		const char *at = byte > 0 ? strchr(alphabet, byte) : NULL;

		if (at == NULL)
			return false;
		cur_skip(c, 1);
		b->held = b->held << 6 | (uint32_t)(at - alphabet);
		b->n += 6;
	}
	b->n -= 16;
	*out = b->held >> b->n & 0xffff;
	b->held &= (1u << b->n) - 1;
	return true;
}

/* The characters of a shifted run with the "-" that ends it; "&" has been taken. */
static bool shifted(struct cur *c, struct buf *out)
{
	struct bits b = { 0, 0 };
	uint32_t ch, low;

	while (unit(c, &b, &ch)) {
		if (ch >= 0xd800 && ch <= 0xdbff) {
			if (!unit(c, &b, &low) || low < 0xdc00 || low > 0xdfff)
				return false;
			ch = 0x10000 + ((ch - 0xd800) << 10) + (low - 0xdc00);
		} else if ((ch >= 0xdc00 && ch <= 0xdfff) ||
		           (ch < 0x80 && printable((unsigned char)ch))) {
			return false;
		}
		utf8_put(out, ch);
	}
	/* An extra digit or set bits in the last one would be a second spelling. */
	return b.n < 6 && b.held == 0 && cur_byte(c, '-');
}

bool utf7imap_parse(struct str in, struct buf *out)
{
	struct cur c = cur_of(in);
	size_t before = out->n;
	bool after_shift = false;

	while (!cur_done(&c)) {
		struct str run = cur_while(&c, utf7imap_plain);

		buf_put(out, run);
		after_shift = after_shift && run.n == 0;
		if (cur_done(&c))
			return true;
		if (!cur_byte(&c, '&'))
			goto bad;
		if (cur_byte(&c, '-')) {
			buf_byte(out, '&');
			after_shift = false;
			continue;
		}
		if (after_shift || !shifted(&c, out))
			goto bad;
		after_shift = true;
	}
	return true;
bad:
	buf_cut(out, MIN(before, out->n));
	return false;
}
