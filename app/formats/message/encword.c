/* formats/message/encword.c: see encword.h. */
#include "formats/message/encword.h"

#include "foundation/base/arena.h"
#include "foundation/text/base64.h"
#include "foundation/text/charset.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

/* One encoded-word, its parts borrowed from the text. */
struct word {
	struct str charset; /* without language */
	char encoding;      /* 'b' or 'q'       */
	struct str text;
};

/* token = 1*<any CHAR except SPACE, CTLs, and especials>	RFC 2047 2 */
static bool encword_is_token(unsigned char c)
{
	return c > ' ' && c < 127 && c != '?' && c != '=' && c != '(' && c != ')' && c != '<' &&
	       c != '>' && c != '@' && c != ',' && c != ';' && c != ':' && c != '"' && c != '[' &&
	       c != ']' && c != '/';
}

/* RFC 2047 2 forbids spaces in encoded-text and allows 75 characters; Q encoders often violate the
 * first rule, and many programs the second. A line end always ends it. */
static bool encword_is_text(unsigned char c)
{
	return c != '?' && c != '\r' && c != '\n';
}

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?="	RFC 2047 2 */
static bool word_take(struct cur *c, struct word *out)
{
	struct cur try = *c;
	ptrdiff_t star;
	char encoding;

	if (!cur_str(&try, STR("=?")))
		return false;
	out->charset = cur_while(&try, encword_is_token);
	if (out->charset.n == 0 || !cur_byte(&try, '?') || !cur_any(&try, &encoding) ||
	    !cur_byte(&try, '?'))
		return false;
	out->encoding = ascii_lower(encoding);
	if (out->encoding != 'b' && out->encoding != 'q')
		return false;
	out->text = cur_while(&try, encword_is_text);
	/* "?" inside Q text is forbidden, but not the end unless "=" follows. Only "=?" probably
	 * begins another word; continuing there would cost a scan of the text for each. */
	while (cur_peek(&try) == '?' && cur_peek_at(&try, 1) != '=' && out->encoding == 'q' &&
	       !str_ends(out->text, STR("="))) {
		cur_skip(&try, 1);
		cur_while(&try, encword_is_text);
		out->text.n = (size_t)(try.p - out->text.p);
	}
	if (!cur_str(&try, STR("?=")))
		return false;
	star = str_find_byte(out->charset, '*'); /* RFC 2231 5 */
	if (star >= 0)
		out->charset.n = (size_t)star;
	*c = try;
	return true;
}

static void word_bytes(struct buf *out, const struct word *w)
{
	if (w->encoding == 'b')
		base64_decode(w->text, out);
	else
		qp_word_decode(w->text, out);
}

bool encword_parse(struct cur *c, struct buf *out)
{
	struct word w;
	struct buf bytes;

	if (!word_take(c, &w))
		return false;
	buf_init(&bytes, w.text.n + 3);
	word_bytes(&bytes, &w);
	charset_decode(out, w.charset, buf_str(&bytes));
	buf_deinit(&bytes);
	return true;
}

/* An encoded-word and adjacent ones of the same charset, decoded together: some programs split
 * within a character, although RFC 2047 5 forbids it. White space between two words is not text
 * (6.2); c stops before other white space. */
static void words_put(struct buf *out, struct cur *c, const struct word *first)
{
	struct word w = *first, next;
	struct buf bytes;
	bool more;

	buf_init(&bytes, (size_t)(c->end - first->text.p) + 3);
	do {
		struct cur try = *c;

		word_bytes(&bytes, &w);
		cur_while(&try, ascii_space);
		more = word_take(&try, &next);
		if (!more || !str_eqi(next.charset, w.charset)) {
			charset_decode(out, w.charset, buf_str(&bytes));
			buf_reset(&bytes);
		}
		if (more) {
			*c = try;
			w = next;
		}
	} while (more);
	buf_deinit(&bytes);
}

/* Raw text up to the next "=?", with 8-bit bytes decoded and unfolded. */
static void encword_plain_put(struct buf *out, struct str s)
{
	if (utf8_ascii(s))
		buf_put(out, s);
	else
		charset_decode(out, STR_EMPTY, s);
}

/* Line ends and other control characters become spaces. White space after a line end belongs to the
 * fold (RFC 5322 2.2.3). */
static void controls_clean(struct buf *out, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < out->n; i++) {
		unsigned char ch = (unsigned char)out->p[i];

		if ((ch == '\r' || ch == '\n') && i + 1 < out->n &&
		    ascii_space((unsigned char)out->p[i + 1]))
			continue;
		out->p[to++] = ch < ' ' || ch == 127 ? ' ' : (char)ch;
	}
	buf_cut(out, to);
}

void encword_text_put(struct buf *out, struct str value)
{
	struct cur c = cur_of(value);
	size_t start = out->n;

	while (!cur_done(&c) && buf_ok(out)) {
		ptrdiff_t at = str_find(cur_rest(&c), STR("=?"));
		struct str plain = cur_rest(&c);
		struct word w;

		if (at >= 0)
			plain.n = (size_t)at;
		cur_skip(&c, plain.n);
		encword_plain_put(out, plain);
		if (word_take(&c, &w))
			words_put(out, &c, &w);
		else if (cur_byte(&c, '='))
			buf_byte(out, '=');
	}
	controls_clean(out, start);
}

struct str encword_text(struct arena *a, struct str value, size_t max)
{
	struct buf text;
	struct str result;

	buf_init(&text, CHARSET_GROWTH * value.n + 1);
	encword_text_put(&text, value);
	result = str_dup(a, utf8_cut(buf_str(&text), max));
	buf_deinit(&text);
	return result;
}
