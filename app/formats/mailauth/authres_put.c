/* formats/mailauth/authres_put.c: writing Authentication-Results; see authres.h. */
#include "formats/mailauth/authres.h"

#include "foundation/text/utf8.h"

#include <string.h>

enum {
	VALUE_MAX = 320,   /* bytes of an address (RFC 5321 4.5.3.1)     */
	COMMENT_MAX = 300,
	LINE_FULL = 200,   /* RFC 5322 2.1.1: a line has 998 at most     */
};

/* token, without characters that some parsers treat otherwise (RFC 2045 5.1) */
static bool authres_put_is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static bool all(struct str s, bool (*is)(unsigned char))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is((unsigned char)s.p[i]))
			return false;
	return s.n != 0;
}

/* value / [[local-part] "@"] domain-name			RFC 8601 2.2 */
static bool is_bare(struct str s)
{
	ptrdiff_t at = str_find_byte(s, '@');

	if (at < 0)
		return all(s, authres_put_is_token);
	return (at == 0 || all(str_sub(s, 0, (size_t)at), authres_put_is_token)) &&
	       all(str_sub(s, (size_t)at + 1, s.n), authres_put_is_token);
}

/* Append text for quotes or parentheses. */
static void authres_put_text_put(struct buf *out, struct str s, const char *escaped)
{
	bool utf8 = utf8_valid(s);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == 0x7f || (c >= 0x80 && !utf8))
			c = '?';
		if (strchr(escaped, c) != NULL)
			buf_put(out, STR("\\"));
		buf_byte(out, (char)c);
	}
}

/* An address with a quoted local part keeps its quotes (RFC 5321 4.1.2). */
static void value_put(struct buf *out, struct str value)
{
	if (is_bare(value)) {
		buf_put(out, value);
		return;
	}
	buf_put(out, STR("\""));
	authres_put_text_put(out, value, "\"\\");
	buf_put(out, STR("\""));
}

void authres_begin(struct authres *r, struct buf *out, struct str serv_id)
{
	*r = (struct authres){ .out = out };
	value_put(out, serv_id);
}

void authres_method(struct authres *r, const char *method, struct str result)
{
	r->any = true;
	buf_fmt(r->out, ";\r\n\t%s=%.*s", method, STR_ARG(result));
}

void authres_comment(struct authres *r, struct str text)
{
	if (text.n == 0)
		return;
	buf_put(r->out, STR(" ("));
	authres_put_text_put(r->out, utf8_cut(text, COMMENT_MAX), "()\\");
	buf_put(r->out, STR(")"));
}

void authres_property(struct authres *r, const char *name, struct str value)
{
	struct str so_far = buf_str(r->out);

	if (value.n == 0 || value.n > VALUE_MAX)
		return;
	if ((ptrdiff_t)(so_far.n + value.n) - str_rfind_byte(so_far, '\n') > LINE_FULL)
		buf_put(r->out, STR("\r\n\t"));
	buf_fmt(r->out, " %s=", name);
	value_put(r->out, value);
}

void authres_end(struct authres *r)
{
	buf_put(r->out, r->any ? STR("\r\n") : STR("; none\r\n"));
}
