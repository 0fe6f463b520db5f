/* foundation/text/charset_wide.c: see charset_wide.h. */
#include "foundation/text/charset_wide.h"

#include "foundation/text/utf8.h"

/* UTF-16 arrives in units; a high surrogate is stored until its other half. */
struct utf16 {
	uint32_t high;
};

static void utf16_flush(struct buf *out, struct utf16 *u)
{
	if (u->high != 0)
		utf8_put(out, UTF8_REPLACEMENT);
	u->high = 0;
}

static void utf16_put(struct buf *out, struct utf16 *u, uint32_t unit)
{
	if (u->high != 0 && unit >= 0xdc00 && unit <= 0xdfff) {
		utf8_put(out, 0x10000 + ((u->high - 0xd800) << 10) + (unit - 0xdc00));
		u->high = 0;
		return;
	}
	utf16_flush(out, u);
	if (unit >= 0xd800 && unit <= 0xdbff)
		u->high = unit;
	else
		utf8_put(out, unit); /* a lone low surrogate becomes U+FFFD there */
}

/* --- UTF-7 ----------------------------------------------------------------------- */

static int base64_value(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* A run of base64 UTF-16; "+" has been taken. A "-" that ends it is taken too. */
static void utf7_run(struct buf *out, struct cur *c)
{
	struct utf16 u = { 0 };
	uint32_t held = 0;
	unsigned bits = 0;
	int v;

	while ((v = base64_value(cur_peek(c))) >= 0) {
		cur_skip(c, 1);
		held = held << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 16) {
			bits -= 16;
			utf16_put(out, &u, held >> bits & 0xffff);
		}
	}
	utf16_flush(out, &u);
	cur_byte(c, '-');
}

void charset_utf7_decode(struct buf *out, struct str in)
{
	struct cur c = cur_of(in);

	while (!cur_done(&c)) {
		if (cur_str(&c, STR("+-")))
			buf_byte(out, '+');
		else if (cur_byte(&c, '+'))
			utf7_run(out, &c);
		else
			utf8_put(out, utf8_next(&c)); /* 8-bit bytes are not UTF-7, but readable */
	}
}

/* --- UTF-16 and UTF-32 ------------------------------------------------------------- */

static bool unit(struct cur *c, bool little, unsigned width, uint32_t *out)
{
	uint64_t n;

	if (!cur_be(c, width, &n))
		return false;
	*out = (uint32_t)n;
	if (little)
		*out = __builtin_bswap32(*out) >> (32 - 8 * width);
	return true;
}

void charset_wide_decode(struct buf *out, enum charset_wide wide, struct str in)
{
	struct cur c = cur_of(in), mark = c;
	struct utf16 u = { 0 };
	unsigned width = wide == WIDE_16_BE || wide == WIDE_16_LE ? 2 : 4;
	bool little = wide == WIDE_16_LE || wide == WIDE_32_LE;
	uint32_t ch;

	if (unit(&mark, !little, width, &ch) && ch == 0xfeff)
		little = !little;
	mark = c;
	if (unit(&mark, little, width, &ch) && ch == 0xfeff)
		c = mark;
	while (unit(&c, little, width, &ch)) {
		if (width == 2)
			utf16_put(out, &u, ch);
		else
			utf8_put(out, ch);
	}
	utf16_flush(out, &u);
	if (!cur_done(&c))
		utf8_put(out, UTF8_REPLACEMENT);
}

/* --- 7-bit charsets that shift ------------------------------------------------------ */

enum set { SET_ASCII, SET_KANA, SET_TWO, SET_TWO_SUPPLEMENT };

static const struct {
	enum charset_shift shift;
	struct str sequence;
	enum set set;
} shifts[] = {
	{ SHIFT_JP, { "\033(B", 3 }, SET_ASCII },
	{ SHIFT_JP, { "\033(J", 3 }, SET_ASCII }, /* JIS X 0201 Roman: yen for backslash */
	{ SHIFT_JP, { "\033(I", 3 }, SET_KANA },
	{ SHIFT_JP, { "\033$@", 3 }, SET_TWO },
	{ SHIFT_JP, { "\033$B", 3 }, SET_TWO },
	{ SHIFT_JP, { "\033$(D", 4 }, SET_TWO_SUPPLEMENT },
	{ SHIFT_KR, { "\033$)C", 4 }, SET_ASCII }, /* the header: announces, does not shift */
	{ SHIFT_KR, { "\016", 1 }, SET_TWO },
	{ SHIFT_KR, { "\017", 1 }, SET_ASCII },
	{ SHIFT_HZ, { "~{", 2 }, SET_TWO },
	{ SHIFT_HZ, { "~}", 2 }, SET_ASCII },
	{ SHIFT_HZ, { "~\n", 2 }, SET_ASCII }, /* a line continuation */
};

static bool shift_take(struct cur *c, enum charset_shift shift, enum set *set)
{
	for (size_t i = 0; i < COUNT(shifts); i++) {
		if (shifts[i].shift == shift && cur_str(c, shifts[i].sequence)) {
			*set = shifts[i].set;
			return true;
		}
	}
	return false;
}

static bool graphic(int c)
{
	return c >= 0x21 && c <= 0x7e;
}

/* One character of the set, with the eighth bit; false when there is none. */
static bool upper_put(struct buf *out, struct cur *c, enum set set)
{
	int first = cur_peek(c), second = cur_peek_at(c, 1);

	if (set == SET_ASCII || !graphic(first) || (set != SET_KANA && !graphic(second)) ||
	    (set == SET_KANA && first > 0x5f))
		return false;
	if (set == SET_KANA)
		buf_byte(out, (char)0x8e); /* EUC-JP's single shifts */
	if (set == SET_TWO_SUPPLEMENT)
		buf_byte(out, (char)0x8f);
	buf_byte(out, (char)(first | 0x80));
	if (set != SET_KANA)
		buf_byte(out, (char)(second | 0x80));
	cur_skip(c, set == SET_KANA ? 1 : 2);
	return true;
}

void charset_unshift(struct buf *out, enum charset_shift shift, struct str in)
{
	struct cur c = cur_of(in);
	enum set set = SET_ASCII;
	char byte;

	while (!cur_done(&c)) {
		if (shift_take(&c, shift, &set) || upper_put(out, &c, set))
			continue;
		if (shift == SHIFT_HZ && cur_str(&c, STR("~~"))) {
			buf_byte(out, '~');
			continue;
		}
		cur_any(&c, &byte);
		if (byte == '\n') /* every line begins in ASCII (RFC 1468) */
			set = SET_ASCII;
		buf_byte(out, byte);
	}
}
