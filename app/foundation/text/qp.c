/* foundation/text/qp.c: see qp.h. */
#include "foundation/text/qp.h"

#include "foundation/base/cur.h"

enum { QP_LINE_MAX = 76 };

static const char hex_digits[] = "0123456789ABCDEF";

static int qp_hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32; /* lower case is forbidden and common (RFC 2045 6.7, note 1) */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void quoted_put(struct buf *out, unsigned char c)
{
	buf_byte(out, '=');
	buf_byte(out, hex_digits[c >> 4]);
	buf_byte(out, hex_digits[c & 15]);
}

/* "=" hex hex: the encoded byte. */
static bool quoted(struct cur *c, char *byte)
{
	int high = qp_hex_value(cur_peek_at(c, 1)), low = qp_hex_value(cur_peek_at(c, 2));

	if (cur_peek(c) != '=' || high < 0 || low < 0)
		return false;
	cur_skip(c, 3);
	*byte = (char)(high << 4 | low);
	return true;
}

/* --- writing --------------------------------------------------------------------- */

static bool qp_plain(unsigned char c)
{
	return (c > 32 && c < 127 && c != '=') || c == ' ' || c == '\t';
}

/* Must the next byte be quoted at this position? Column 0 begins a line. */
static bool must_quote(const struct cur *c, size_t column)
{
	int byte = cur_peek(c), after = cur_peek_at(c, 1);

	if (!qp_plain((unsigned char)byte))
		return true;
	if (byte == ' ' || byte == '\t') /* RFC 2045 6.7 rule 3 */
		return after == -1 || after == '\n' || (after == '\r' && cur_peek_at(c, 2) == '\n');
	return column == 0 && (byte == '.' || str_starts(cur_rest(c), STR("From ")));
}

static bool line_end(struct cur *c)
{
	return cur_crlf(c) || cur_byte(c, '\n');
}

void qp_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);
	size_t column = 0;
	char byte;

	while (!cur_done(&c)) {
		bool quote;
		size_t width;

		if (line_end(&c)) {
			buf_put(out, STR("\r\n"));
			column = 0;
			continue;
		}
		quote = must_quote(&c, column);
		width = quote ? 3 : 1;
		if (column + width > QP_LINE_MAX - 1) { /* room for the soft break's "=" */
			buf_put(out, STR("=\r\n"));
			column = 0;
			quote = must_quote(&c, column);
			width = quote ? 3 : 1;
		}
		cur_any(&c, &byte);
		if (quote)
			quoted_put(out, (unsigned char)byte);
		else
			buf_byte(out, byte);
		column += width;
	}
}

/* --- reading --------------------------------------------------------------------- */

/* "=" [space] line end: a soft line break (RFC 2045 6.7 rule 5). Also "=" at the very end. */
static bool soft_break(struct cur *c)
{
	struct cur try = *c;

	if (!cur_byte(&try, '='))
		return false;
	cur_blank(&try);
	if (!cur_done(&try) && !line_end(&try))
		return false;
	*c = try;
	return true;
}

static bool qp_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* A run of space, dropped before a line end, where a transport has added it (RFC 2045 6.7 rule
 * 3). */
static void blanks(struct cur *c, struct buf *out)
{
	struct str run = cur_while(c, qp_is_blank);
	bool at_end = cur_done(c) || cur_peek(c) == '\n' ||
	              (cur_peek(c) == '\r' && cur_peek_at(c, 1) == '\n');

	if (!at_end)
		buf_put(out, run);
}

/* A byte that decoding copies unchanged. */
static bool ordinary(unsigned char c)
{
	return c != '=' && c != ' ' && c != '\t';
}

void qp_decode(struct str in, struct buf *out)
{
	struct cur c = cur_of(in);
	char byte;

	for (;;) {
		buf_put(out, cur_while(&c, ordinary));
		if (cur_done(&c))
			return;
		blanks(&c, out);
		if (cur_peek(&c) != '=' || soft_break(&c))
			continue;
		if (!quoted(&c, &byte))
			cur_any(&c, &byte);
		buf_byte(out, byte);
	}
}

/* --- the Q encoding of header words ------------------------------------------------ */

/* RFC 2047 5 (3): allowed unencoded in a phrase. */
static bool word_plain(unsigned char c)
{
	return ascii_alnum((char)c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

size_t qp_word_width(unsigned char c)
{
	return word_plain(c) || c == ' ' ? 1 : 3;
}

void qp_word_put(struct buf *out, struct str raw)
{
	for (size_t i = 0; i < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];

		if (c == ' ')
			buf_byte(out, '_');
		else if (word_plain(c))
			buf_byte(out, (char)c);
		else
			quoted_put(out, c);
	}
}

void qp_word_decode(struct str in, struct buf *out)
{
	struct cur c = cur_of(in);
	char byte;

	while (!cur_done(&c)) {
		if (!quoted(&c, &byte)) {
			cur_any(&c, &byte);
			if (byte == '_')
				byte = ' ';
		}
		buf_byte(out, byte);
	}
}
