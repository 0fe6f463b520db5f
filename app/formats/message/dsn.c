/* formats/message/dsn.c: see dsn.h. */
#include "formats/message/dsn.h"

#include "formats/message/mailaddr.h"
#include "foundation/text/utf8.h"

/* --- NOTIFY ----------------------------------------------------------------------------- */

static const struct {
	struct str word;
	unsigned bit;
} words[] = {
	{ STR("NEVER"), DSN_NEVER },
	{ STR("SUCCESS"), DSN_SUCCESS },
	{ STR("FAILURE"), DSN_FAILURE },
	{ STR("DELAY"), DSN_DELAY },
};

static unsigned word_bit(struct str word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eqi(word, words[i].word))
			return words[i].bit;
	return 0;
}

/* notify-esmtp-value = "NEVER" / 1#notify-list-element	RFC 3461 4.1 */
bool dsn_notify_parse(struct str value, unsigned *out)
{
	struct cur c = cur_of(value);
	unsigned all = 0;
	bool more = true;

	while (more) {
		struct str word;
		unsigned bit;

		more = cur_until(&c, ',', &word) && cur_byte(&c, ',');
		bit = word_bit(more ? word : cur_rest(&c));
		if (bit == 0)
			return false;
		all |= bit;
	}
	*out = all;
	return (all & DSN_NEVER) == 0 || all == DSN_NEVER;
}

void dsn_notify_put(struct buf *out, unsigned notify)
{
	bool first = true;

	for (size_t i = 0; i < COUNT(words); i++) {
		if ((notify & words[i].bit) == 0)
			continue;
		if (!first)
			buf_byte(out, ',');
		buf_put(out, words[i].word);
		first = false;
	}
}

/* --- xtext ------------------------------------------------------------------------------ */

/* xchar = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "=" */
static bool xchar(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '+' && c != '=';
}

/* Hexadecimal digits in upper case only. */
static int hex_upper(char c)
{
	if (ascii_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* xtext = *( xchar / hexchar ); hexchar = "+" 2(%x30-39 / %x41-46)	RFC 3461 4 */
static bool xtext_next(struct cur *c, unsigned char *out)
{
	char byte, high, low;

	if (!cur_any(c, &byte))
		return false;
	*out = (unsigned char)byte;
	if (byte != '+')
		return xchar(*out);
	if (!cur_any(c, &high) || !cur_any(c, &low) || hex_upper(high) < 0 || hex_upper(low) < 0)
		return false;
	*out = (unsigned char)(hex_upper(high) << 4 | hex_upper(low));
	return true;
}

bool dsn_xtext_check(struct str s)
{
	struct cur c = cur_of(s);
	unsigned char byte;

	while (!cur_done(&c))
		if (!xtext_next(&c, &byte) || ((byte < ' ' || byte >= 0x7f) && byte != '\t'))
			return false;
	return true;
}

void dsn_xtext_decode(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);
	unsigned char byte;

	while (xtext_next(&c, &byte))
		buf_byte(out, (char)byte);
}

void dsn_xtext_put(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (xchar(c))
			buf_byte(out, (char)c);
		else
			buf_fmt(out, "+%02X", c);
	}
}

/* --- the UTF-8 address type ------------------------------------------------------------- */

/* QCHAR of RFC 6533 3 */
static bool qchar(uint32_t c)
{
	return c > ' ' && c < 0x7f && c != '\\' && c != '+' && c != '=';
}

void dsn_utf8_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t n = utf8_next(&c);

		if (qchar(n))
			buf_byte(out, (char)n);
		else
			buf_fmt(out, "\\x{%02" PRIX32 "}", n);
	}
}

/* HEXPOINT: 2 to 6 digits, without leading zeros, not for characters that need no encoding or
 * surrogates. Controls are refused, although the grammar has some: no Mailbox contains one (RFC
 * 5321 4.1.2), and a decoded CR would begin a line. */
static bool hexpoint(struct cur *c, uint32_t *out)
{
	struct str digits;

	*out = 0;
	if (!cur_until(c, '}', &digits) || digits.n < 2 || digits.n > 6)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		int digit = hex_upper(digits.p[i]);

		if (digit < 0)
			return false;
		*out = *out << 4 | (uint32_t)digit;
	}
	if (digits.n > 2 && digits.p[0] == '0')
		return false;
	return cur_byte(c, '}') && !qchar(*out) && *out >= ' ' && *out != 0x7f &&
	       *out <= 0x10ffff && (*out < 0xd800 || *out > 0xdfff);
}

/* QUCHAR / EmbeddedUnicodeChar */
static bool unitext_next(struct cur *c, uint32_t *out)
{
	if (cur_str(c, STR("\\x{")))
		return hexpoint(c, out);
	*out = utf8_next(c);
	return qchar(*out) || *out >= 0x80;
}

static bool unitext_check(struct str text)
{
	struct cur c = cur_of(text);
	uint32_t n;

	if (text.n == 0 || !utf8_valid(text))
		return false;
	while (!cur_done(&c))
		if (!unitext_next(&c, &n))
			return false;
	return true;
}

bool dsn_utf8_decode(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);
	uint32_t n;

	if (!unitext_check(text))
		return false;
	while (!cur_done(&c) && unitext_next(&c, &n))
		utf8_put(out, n);
	return true;
}

/* --- ORCPT ------------------------------------------------------------------------------ */

/* atom of RFC 822 */
static bool atom_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f && str_find_byte(STR("()<>@,;:\\\".[]"), (char)c) < 0;
}

/* original-recipient-address = addr-type ";" xtext */
static bool orcpt_split(struct str value, struct str *type, struct str *address)
{
	struct cur c = cur_of(value);

	*type = cur_while(&c, atom_byte);
	if (type->n == 0 || !cur_byte(&c, ';'))
		return false;
	*address = cur_rest(&c);
	return address->n != 0;
}

static bool is_utf8(struct str type)
{
	return str_eqi(type, STR("utf-8"));
}

bool dsn_orcpt_check(struct str value, bool utf8)
{
	struct str type, address;

	if (value.n > DSN_ORCPT_MAX || !orcpt_split(value, &type, &address))
		return false;
	if (!is_utf8(type))
		return dsn_xtext_check(address);
	return (utf8 || utf8_ascii(address)) &&
	       (unitext_check(address) || dsn_xtext_check(address));
}

/* RFC 3461 4.2, RFC 6533 3 */
struct str dsn_orcpt_of(struct arena *a, const struct mailaddr *address)
{
	struct str text = mailaddr_text(a, address), made;
	struct buf b;

	buf_init(&b, DSN_ORCPT_MAX);
	if (utf8_ascii(text)) {
		buf_put(&b, STR("rfc822;"));
		dsn_xtext_put(&b, text);
	} else {
		buf_put(&b, STR("utf-8;"));
		dsn_utf8_put(&b, text);
	}
	made = buf_ok(&b) ? str_dup(a, buf_str(&b)) : STR_EMPTY;
	buf_deinit(&b);
	return made;
}

/* An address of the UTF-8 type, in 7 bits or as UTF-8. */
static void utf8_address_put(struct buf *out, struct str address, bool ascii)
{
	struct buf plain;

	buf_init(&plain, 4 * DSN_ORCPT_MAX);
	if (!dsn_utf8_decode(&plain, address))
		buf_put(out, address);
	else if (ascii)
		dsn_utf8_put(out, buf_str(&plain));
	else
		buf_put(out, buf_str(&plain));
	buf_deinit(&plain);
}

void dsn_orcpt_put(struct buf *out, struct str value, enum dsn_form form)
{
	struct str type, address;
	bool plain = utf8_ascii(value);

	if (!orcpt_split(value, &type, &address) || (form == DSN_FORM_ENVELOPE && plain)) {
		buf_put(out, value);
		return;
	}
	buf_put(out, type);
	buf_put(out, form == DSN_FORM_ENVELOPE ? STR(";") : STR("; "));
	if (!is_utf8(type))
		dsn_xtext_decode(out, address);
	else
		utf8_address_put(out, address, form != DSN_FORM_UTF8);
}
