/* foundation/text/fold.c: see fold.h.
 *
 * utf8proc works on arrays of code points. A text is processed in pieces of bounded size that end
 * before a character with which nothing composes; plain ASCII is not passed to it. */
#include "foundation/text/fold.h"

#include "foundation/text/utf8.h"

#include <utf8proc.h>

enum { PIECE = 256, EXPANSION_MAX = 18 /* code points of the longest NFKC decomposition */ };

enum form {
	FORM_SEARCH = UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE,
	FORM_NFC = UTF8PROC_COMPOSE,
};

/* Decompose one character into to, which has room for EXPANSION_MAX. */
static size_t decompose(uint32_t ch, enum form form, utf8proc_int32_t *to, int *class)
{
	utf8proc_option_t options = (utf8proc_option_t)form | UTF8PROC_STABLE;
	utf8proc_ssize_t n =
		utf8proc_decompose_char((utf8proc_int32_t)ch, to, EXPANSION_MAX, options, class);

	if (n >= 0 && n <= EXPANSION_MAX)
		return (size_t)n;
	to[0] = (utf8proc_int32_t)ch;
	return 1;
}

/* Canonical order of combining marks (Unicode 3.11): stable sort by class between starters. */
static void reorder(utf8proc_int32_t *text, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		utf8proc_propval_t class = utf8proc_get_property(text[i])->combining_class;
		utf8proc_int32_t mark = text[i];
		size_t at = i;

		if (class == 0)
			continue;
		while (at != 0 && utf8proc_get_property(text[at - 1])->combining_class > class) {
			text[at] = text[at - 1];
			at--;
		}
		text[at] = mark;
	}
}

static void piece_put(struct buf *out, utf8proc_int32_t *text, size_t n, enum form form)
{
	utf8proc_ssize_t left;

	reorder(text, n);
	left = utf8proc_normalize_utf32(text, (utf8proc_ssize_t)n,
	                                (utf8proc_option_t)form | UTF8PROC_STABLE);
	for (utf8proc_ssize_t i = 0; i < left; i++)
		utf8_put(out, (uint32_t)text[i]);
}

static bool ascii(unsigned char c)
{
	return c < 0x80;
}

/* Can no earlier text compose with ch or be reordered after it? Some characters of every script
 * that may be written without spaces. */
static bool starts_afresh(uint32_t ch)
{
	return ch < 0x80 ||                      /* ASCII                    */
	       (ch >= 0xc0 && ch <= 0x2af) ||    /* Latin                    */
	       (ch >= 0x391 && ch <= 0x482) ||   /* Greek, Cyrillic          */
	       (ch >= 0x4e00 && ch <= 0x9fff) || /* Han                      */
	       (ch >= 0xac00 && ch <= 0xd7a3);   /* Hangul syllables         */
}

/* A piece ends before an ASCII character that another one follows; in long text without those,
 * before a character for which starts_afresh holds; and at PIECE characters: real text has fewer
 * marks in a row. */
static void piece(struct buf *out, struct cur *c, enum form form)
{
	utf8proc_int32_t text[PIECE + EXPANSION_MAX];
	size_t n = 0;
	int class = 0;

	while (!cur_done(c) && n < PIECE) {
		struct cur at = *c;
		uint32_t ch = utf8_next(c);
		int after = cur_peek(c);

		if (n != 0 &&
		    ((ch < 0x80 && after < 0x80) || (n > PIECE / 2 && starts_afresh(ch)))) {
			*c = at;
			break;
		}
		n += decompose(ch, form, text + n, &class);
	}
	piece_put(out, text, n, form);
}

static void form_put(struct buf *out, struct str s, enum form form)
{
	struct cur c = cur_of(s);

	while (!cur_done(&c)) {
		struct str run = cur_while(&c, ascii);

		/* The last character may take a mark from the text after it. */
		if (!cur_done(&c) && run.n != 0) {
			c.p--;
			run.n--;
		}
		for (size_t i = 0; i < run.n; i++)
			buf_byte(out, form == FORM_SEARCH ? ascii_lower(run.p[i]) : run.p[i]);
		if (!cur_done(&c))
			piece(out, &c, form);
	}
}

uint32_t fold_base(uint32_t ch)
{
	utf8proc_int32_t text[EXPANSION_MAX];
	utf8proc_ssize_t n;
	int class = 0;

	if (ch < 0x80)
		return ch;
	n = utf8proc_decompose_char((utf8proc_int32_t)ch, text, EXPANSION_MAX, UTF8PROC_DECOMPOSE,
	                            &class);
	return n > 0 ? (uint32_t)text[0] : ch;
}

/* ASCII forms of signs without a base letter; "" drops the character. */
static const char *ascii_sign(uint32_t ch)
{
	static const struct {
		uint32_t from, to;
		const char *text;
	} signs[] = {
		{ 0xa0, 0xa0, " " },     { 0xab, 0xab, "\"" },    { 0xbb, 0xbb, "\"" },
		{ 0xc6, 0xc6, "AE" },    { 0xd8, 0xd8, "O" },     { 0xdf, 0xdf, "ss" },
		{ 0xe6, 0xe6, "ae" },    { 0xf8, 0xf8, "o" },     { 0x300, 0x36f, "" },
		{ 0x2010, 0x2015, "-" }, { 0x2018, 0x201b, "'" }, { 0x201c, 0x201f, "\"" },
		{ 0x2026, 0x2026, "..." },
	};

	for (size_t i = 0; i < COUNT(signs); i++)
		if (ch >= signs[i].from && ch <= signs[i].to)
			return signs[i].text;
	return "?";
}

void fold_ascii_put(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c), base = fold_base(ch);

		if (base < 0x80)
			buf_byte(out, (char)base);
		else
			buf_put(out, str_of(ascii_sign(ch)));
	}
}

void fold_put(struct buf *out, struct str s)
{
	form_put(out, s, FORM_SEARCH);
}

void fold_nfc_put(struct buf *out, struct str s)
{
	form_put(out, s, FORM_NFC);
}

struct str fold_nfc(struct arena *a, struct str s)
{
	struct cur c = cur_of(s);
	struct str out = s;
	struct buf nfc;

	(void)cur_while(&c, ascii);
	if (cur_done(&c) || !utf8_valid(s))
		return s;
	buf_init(&nfc, FOLD_GROWTH * s.n);
	fold_nfc_put(&nfc, s);
	if (!str_eq(buf_str(&nfc), s))
		out = str_dup(a, buf_str(&nfc));
	buf_deinit(&nfc);
	return out;
}

/* RFC 5051 2, step 2: (a) title case, (b) decomposition, by NFKD in one step instead of the RFC's
 * repetition. Nothing is reordered. */
void fold_casemap_put(struct buf *out, struct str s)
{
	const utf8proc_option_t options =
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE;
	utf8proc_int32_t to[EXPANSION_MAX];
	struct cur c = cur_of(s);

	while (!cur_done(&c)) {
		struct str run = cur_while(&c, ascii);
		utf8proc_int32_t ch;
		utf8proc_ssize_t n;
		int class = 0;

		for (size_t i = 0; i < run.n; i++)
			buf_byte(out, ascii_upper(run.p[i]));
		if (cur_done(&c))
			return;
		ch = utf8proc_totitle((utf8proc_int32_t)utf8_next(&c));
		n = utf8proc_decompose_char(ch, to, EXPANSION_MAX, options, &class);
		if (n < 0 || n > EXPANSION_MAX) {
			to[0] = ch;
			n = 1;
		}
		for (utf8proc_ssize_t i = 0; i < n; i++)
			utf8_put(out, (uint32_t)to[i]);
	}
}

bool fold_equal(struct str a, struct str b)
{
	struct buf x, y;
	bool equal;

	if (utf8_ascii(a) && utf8_ascii(b))
		return str_eqi(a, b);
	buf_init(&x, FOLD_GROWTH * a.n + 1);
	buf_init(&y, FOLD_GROWTH * b.n + 1);
	fold_put(&x, a);
	fold_put(&y, b);
	equal = str_eq(buf_str(&x), buf_str(&y));
	buf_deinit(&x);
	buf_deinit(&y);
	return equal;
}
