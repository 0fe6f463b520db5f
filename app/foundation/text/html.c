/* foundation/text/html.c: see html.h.
 *
 * A tokenizer like that of the HTML standard, without a tree: text, tags and comments are read
 * once, and the only state is the white space before the next visible character. */
#include "foundation/text/html.h"

#include "foundation/text/charset_tables.h"
#include "foundation/text/utf8.h"

enum gap { GAP_NONE, GAP_SPACE, GAP_LINE };

struct html {
	struct cur c;
	struct buf *out;
	enum gap gap;
	bool any; /* output has begun */
};

static bool html_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void gap_at_least(struct html *h, enum gap gap)
{
	h->gap = MAX(h->gap, gap);
}

/* Write visible text, after the pending white space. */
static void visible_put(struct html *h, struct str s)
{
	if (s.n == 0)
		return;
	if (h->any && h->gap != GAP_NONE)
		buf_byte(h->out, h->gap == GAP_LINE ? '\n' : ' ');
	h->gap = GAP_NONE;
	h->any = true;
	buf_put(h->out, s);
}

/* --- character references ------------------------------------------------------- */

/* Those that are common in mail; other names are shown unchanged. */
static const struct {
	struct str name;
	uint32_t ch;
} entities[] = {
#define E(name, ch)                            \
	{                                      \
		{ name, sizeof(name) - 1 }, ch \
	}
	E("amp", '&'),       E("lt", '<'),        E("gt", '>'),        E("quot", '"'),
	E("apos", '\''),     E("AMP", '&'),       E("LT", '<'),        E("GT", '>'),
	E("QUOT", '"'),      E("nbsp", 0xa0),     E("iexcl", 0xa1),    E("cent", 0xa2),
	E("pound", 0xa3),    E("curren", 0xa4),   E("yen", 0xa5),      E("brvbar", 0xa6),
	E("sect", 0xa7),     E("uml", 0xa8),      E("copy", 0xa9),     E("ordf", 0xaa),
	E("laquo", 0xab),    E("not", 0xac),      E("shy", 0xad),      E("reg", 0xae),
	E("macr", 0xaf),     E("deg", 0xb0),      E("plusmn", 0xb1),   E("sup2", 0xb2),
	E("sup3", 0xb3),     E("acute", 0xb4),    E("micro", 0xb5),    E("para", 0xb6),
	E("middot", 0xb7),   E("cedil", 0xb8),    E("sup1", 0xb9),     E("ordm", 0xba),
	E("raquo", 0xbb),    E("frac14", 0xbc),   E("frac12", 0xbd),   E("frac34", 0xbe),
	E("iquest", 0xbf),   E("Agrave", 0xc0),   E("Aacute", 0xc1),   E("Acirc", 0xc2),
	E("Atilde", 0xc3),   E("Auml", 0xc4),     E("Aring", 0xc5),    E("AElig", 0xc6),
	E("Ccedil", 0xc7),   E("Egrave", 0xc8),   E("Eacute", 0xc9),   E("Ecirc", 0xca),
	E("Euml", 0xcb),     E("Igrave", 0xcc),   E("Iacute", 0xcd),   E("Icirc", 0xce),
	E("Iuml", 0xcf),     E("ETH", 0xd0),      E("Ntilde", 0xd1),   E("Ograve", 0xd2),
	E("Oacute", 0xd3),   E("Ocirc", 0xd4),    E("Otilde", 0xd5),   E("Ouml", 0xd6),
	E("times", 0xd7),    E("Oslash", 0xd8),   E("Ugrave", 0xd9),   E("Uacute", 0xda),
	E("Ucirc", 0xdb),    E("Uuml", 0xdc),     E("Yacute", 0xdd),   E("THORN", 0xde),
	E("szlig", 0xdf),    E("agrave", 0xe0),   E("aacute", 0xe1),   E("acirc", 0xe2),
	E("atilde", 0xe3),   E("auml", 0xe4),     E("aring", 0xe5),    E("aelig", 0xe6),
	E("ccedil", 0xe7),   E("egrave", 0xe8),   E("eacute", 0xe9),   E("ecirc", 0xea),
	E("euml", 0xeb),     E("igrave", 0xec),   E("iacute", 0xed),   E("icirc", 0xee),
	E("iuml", 0xef),     E("eth", 0xf0),      E("ntilde", 0xf1),   E("ograve", 0xf2),
	E("oacute", 0xf3),   E("ocirc", 0xf4),    E("otilde", 0xf5),   E("ouml", 0xf6),
	E("divide", 0xf7),   E("oslash", 0xf8),   E("ugrave", 0xf9),   E("uacute", 0xfa),
	E("ucirc", 0xfb),    E("uuml", 0xfc),     E("yacute", 0xfd),   E("thorn", 0xfe),
	E("yuml", 0xff),     E("OElig", 0x152),   E("oelig", 0x153),   E("Scaron", 0x160),
	E("scaron", 0x161),  E("Yuml", 0x178),    E("ensp", 0x2002),   E("emsp", 0x2003),
	E("thinsp", 0x2009), E("zwnj", 0x200c),   E("zwj", 0x200d),    E("lrm", 0x200e),
	E("rlm", 0x200f),    E("ndash", 0x2013),  E("mdash", 0x2014),  E("lsquo", 0x2018),
	E("rsquo", 0x2019),  E("sbquo", 0x201a),  E("ldquo", 0x201c),  E("rdquo", 0x201d),
	E("bdquo", 0x201e),  E("dagger", 0x2020), E("bull", 0x2022),   E("hellip", 0x2026),
	E("prime", 0x2032),  E("lsaquo", 0x2039), E("rsaquo", 0x203a), E("euro", 0x20ac),
	E("trade", 0x2122),  E("larr", 0x2190),   E("uarr", 0x2191),   E("rarr", 0x2192),
	E("darr", 0x2193),   E("minus", 0x2212),  E("ne", 0x2260),     E("le", 0x2264),
	E("ge", 0x2265),
#undef E
};

static bool is_alnum(unsigned char c)
{
	return ascii_alnum((char)c);
}

static bool named_reference(struct cur *c, uint32_t *ch)
{
	struct str name = cur_while(c, is_alnum);

	for (size_t i = 0; i < COUNT(entities); i++) {
		if (str_eq(entities[i].name, name)) {
			*ch = entities[i].ch;
			return true;
		}
	}
	return false;
}

static bool digit_value(int byte, unsigned base, uint32_t *value)
{
	int lower = byte | 32;

	if (byte >= '0' && byte <= '9')
		*value = (uint32_t)(byte - '0');
	else if (base == 16 && lower >= 'a' && lower <= 'f')
		*value = (uint32_t)(lower - 'a' + 10);
	else
		return false;
	return true;
}

/* "#65" or "#x41"; "&" has been taken. */
static bool numeric_reference(struct cur *c, uint32_t *ch)
{
	unsigned base = 10;
	uint32_t n = 0, digit;
	bool any = false;

	if (!cur_byte(c, '#'))
		return false;
	if (cur_stri(c, STR("x")))
		base = 16;
	for (; digit_value(cur_peek(c), base, &digit); any = true) {
		n = MIN(n * base + digit, 0x110000u);
		cur_skip(c, 1);
	}
	if (n >= 0x80 && n < 0xa0) /* windows-1252 was meant */
		n = charset_tables[0].upper[n - 0x80];
	*ch = n != 0 ? n : UTF8_REPLACEMENT;
	return any;
}

/* At "&": the reference with its ";", or the "&" alone. */
static void reference(struct html *h)
{
	struct cur try = h->c;
	uint32_t ch;
	char bytes[4];
	struct buf one = { .p = bytes, .cap = sizeof bytes, .max = sizeof bytes };

	cur_skip(&try, 1);
	if (!numeric_reference(&try, &ch) && !named_reference(&try, &ch)) {
		cur_skip(&h->c, 1);
		visible_put(h, STR("&"));
		return;
	}
	cur_byte(&try, ';');
	h->c = try;
	if (ch == 0xa0 || (ch < 0x80 && html_is_space((int)ch))) {
		gap_at_least(h, GAP_SPACE);
		return;
	}
	utf8_put(&one, ch);
	visible_put(h, buf_str(&one));
}

/* --- tags and comments ------------------------------------------------------------ */

/* Elements whose beginning and end break the line. */
static const struct str blocks[] = {
	{ "p", 1 },       { "br", 2 },      { "div", 3 },     { "tr", 2 },          { "li", 2 },
	{ "h1", 2 },      { "h2", 2 },      { "h3", 2 },      { "h4", 2 },          { "h5", 2 },
	{ "h6", 2 },      { "hr", 2 },      { "ul", 2 },      { "ol", 2 },          { "dl", 2 },
	{ "dt", 2 },      { "dd", 2 },      { "pre", 3 },     { "table", 5 },       { "body", 4 },
	{ "form", 4 },    { "center", 6 },  { "header", 6 },  { "footer", 6 },      { "nav", 3 },
	{ "article", 7 }, { "section", 7 }, { "caption", 7 }, { "blockquote", 10 }, { "title", 5 },
};
/* Elements with invisible content, which except for template is not markup either. */
static const struct str hidden[] = {
	{ "style", 5 }, { "script", 6 }, { "title", 5 }, { "template", 8 }, { "noframes", 8 },
};

static bool one_of(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(names[i], name))
			return true;
	return false;
}

/* To the end of a tag: a ">" outside of quoted attribute values. An unquoted value may have
 * quotes inside, so they only count after "=". */
static void tag_end(struct cur *c)
{
	bool value = false;
	char byte;
	struct str skipped;

	while (cur_any(c, &byte) && byte != '>') {
		if (value && (byte == '"' || byte == '\'')) {
			if (!cur_until(c, byte, &skipped))
				c->p = c->end;
			cur_skip(c, 1);
		}
		value = byte == '=' || (value && html_is_space(byte));
	}
}

/* Skip past "</name" and the end of that tag; to the end of input without one. */
static void hidden_end(struct cur *c, struct str name)
{
	struct str skipped;

	while (cur_until(c, '<', &skipped)) {
		struct cur try = *c;

		if (cur_str(&try, STR("</")) && cur_stri(&try, name) &&
		    !is_alnum((unsigned char)(cur_peek(&try) & 0xff))) {
			tag_end(&try);
			*c = try;
			return;
		}
		cur_skip(c, 1);
	}
	c->p = c->end;
}

static void html_comment(struct cur *c)
{
	ptrdiff_t at;

	cur_skip(c, 1); /* "--" of "-->" may be those of "<!--" (HTML 13.2.5.44) */
	at = str_find(cur_rest(c), STR("-->"));
	if (at < 0)
		c->p = c->end;
	else
		cur_skip(c, (size_t)at + 3);
}

/* At "<": skip a tag, comment or declaration; false for a literal "<". */
static bool markup(struct html *h)
{
	struct cur c = h->c;
	bool closes;
	struct str name;

	cur_skip(&c, 1);
	if (cur_peek(&c) == '!' || cur_peek(&c) == '?') {
		if (str_starts(cur_rest(&c), STR("!--")))
			html_comment(&c);
		else
			tag_end(&c);
		h->c = c;
		return true;
	}
	closes = cur_byte(&c, '/');
	if (!ascii_alpha((char)cur_peek(&c)))
		return false;
	name = cur_while(&c, is_alnum);
	tag_end(&c);
	if (!closes && one_of(hidden, COUNT(hidden), name))
		hidden_end(&c, name);
	h->c = c;
	if (one_of(blocks, COUNT(blocks), name))
		gap_at_least(h, GAP_LINE);
	else if (str_eqi(name, STR("td")) || str_eqi(name, STR("th")))
		gap_at_least(h, GAP_SPACE);
	return true;
}

/* A byte of text without special treatment. */
static bool html_plain(unsigned char c)
{
	return c != '<' && c != '&' && !html_is_space(c);
}

void html_text_put(struct buf *out, struct str html)
{
	struct html h = { .c = cur_of(html), .out = out };

	while (!cur_done(&h.c) && buf_ok(out)) {
		int byte;

		visible_put(&h, cur_while(&h.c, html_plain));
		byte = cur_peek(&h.c);
		if (byte == -1)
			return;
		if (byte == '&') {
			reference(&h);
		} else if (byte != '<') {
			gap_at_least(&h, GAP_SPACE);
			cur_skip(&h.c, 1);
		} else if (!markup(&h)) {
			visible_put(&h, STR("<"));
			cur_skip(&h.c, 1);
		}
	}
}
