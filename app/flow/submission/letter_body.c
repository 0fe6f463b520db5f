/* flow/submission/letter_body.c: see letter_body.h. */
#include "flow/submission/letter_body.h"

#include "formats/message/build.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { VALUE_MAX = 4096, SMTP_LINE = 998 /* RFC 5322 2.1.1 */, PLAIN_LINE = 76 };

/* --- fields of a part -------------------------------------------------------------------- */

static void type_put(struct buf *out, struct str type, struct str param, struct str value)
{
	struct buf b;

	buf_init(&b, VALUE_MAX);
	buf_put(&b, type);
	if (param.n != 0)
		build_param_put(&b, param, value);
	build_field(out, STR("Content-Type"), buf_str(&b));
	buf_deinit(&b);
}

static void boundary_put(struct buf *out, const char *before, struct str boundary,
                         const char *after)
{
	buf_fmt(out, "%s--%.*s%s\r\n", before, STR_ARG(boundary), after);
}

static struct str multipart_open(struct buf *out, struct str type, struct arena *a)
{
	struct str boundary = build_boundary(a);

	type_put(out, type, STR("boundary"), boundary);
	return boundary;
}

/* --- texts -------------------------------------------------------------------------------- */

/* Lines of CRLF that no relay changes: short, ASCII, without blanks before a line's end, or what
 * looks like the end of a message or of a line of mbox. */
static bool is_plain(struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	if (!utf8_ascii(text) || !str_ends(text, STR("\r\n")))
		return false;
	while (cur_line(&c, &line)) {
		if (line.n > PLAIN_LINE || str_starts(line, STR("From ")) ||
		    str_starts(line, STR(".")) || str_ends(line, STR(" ")))
			return false;
		for (size_t i = 0; i < line.n; i++)
			if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
				return false;
	}
	return true;
}

/* Any line ends become CRLF; the last line has one. */
static void lines_put(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
			i++;
		if (text.p[i] == '\r' || text.p[i] == '\n')
			buf_put(out, STR("\r\n"));
		else
			buf_byte(out, text.p[i]);
	}
	if (!str_ends(buf_str(out), STR("\r\n")))
		buf_put(out, STR("\r\n"));
}

static void text_put(struct buf *out, struct str type, struct str text)
{
	struct buf lines;

	buf_init(&lines, 2 * text.n + 2);
	lines_put(&lines, text);
	type_put(out, type, STR("charset"), STR("utf-8"));
	if (is_plain(buf_str(&lines))) {
		buf_put(out, STR("Content-Transfer-Encoding: 7bit\r\n\r\n"));
		buf_put(out, buf_str(&lines));
	} else {
		buf_put(out, STR("Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
		qp_put(out, buf_str(&lines));
	}
	buf_deinit(&lines);
}

/* --- parts -------------------------------------------------------------------------------- */

static bool is_message_type(struct str type)
{
	return str_eqi(type, STR("message/rfc822"));
}

/* A message inside is not encoded: only what can travel as it is may come (RFC 2046 5.2.1). */
static bool is_message(struct str content, bool *ascii)
{
	size_t line = 0;

	*ascii = utf8_ascii(content);
	for (size_t i = 0; i < content.n; i++) {
		char ch = content.p[i];

		if (ch == '\0' || (ch == '\n' && (i == 0 || content.p[i - 1] != '\r')) ||
		    (ch == '\r' && (i + 1 == content.n || content.p[i + 1] != '\n')))
			return false;
		line = ch == '\n' ? 0 : line + 1;
		if (line > SMTP_LINE + 1)
			return false;
	}
	return str_ends(content, STR("\r\n"));
}

static void disposition_put(struct buf *out, const struct letter_part *p)
{
	struct buf b;

	buf_init(&b, VALUE_MAX);
	buf_put(&b, p->content_id.n != 0 ? STR("inline") : STR("attachment"));
	if (p->name.n != 0)
		build_param_put(&b, STR("filename"), p->name);
	build_field(out, STR("Content-Disposition"), buf_str(&b));
	buf_reset(&b);
	if (p->content_id.n != 0)
		buf_fmt(out, "Content-ID: <%.*s>\r\n", STR_ARG(p->content_id));
	buf_deinit(&b);
}

static enum err part_put(struct buf *out, const struct letter_part *p, struct why *why)
{
	bool message = is_message_type(p->type), ascii = true;

	if (message && !is_message(p->content, &ascii))
		return fail(why, ERR_SYNTAX,
		            "an attachment of message/rfc822 has lines that end in CRLF, of at "
		            "most %d bytes",
		            SMTP_LINE);
	type_put(out, p->type, STR_EMPTY, STR_EMPTY);
	disposition_put(out, p);
	if (message) {
		buf_fmt(out, "Content-Transfer-Encoding: %s\r\n\r\n", ascii ? "7bit" : "8bit");
		buf_put(out, p->content);
	} else {
		buf_put(out, STR("Content-Transfer-Encoding: base64\r\n\r\n"));
		base64_put_lines(out, p->content);
	}
	return OK;
}

/* Those that html refers to, or the others. */
static enum err parts_put(struct buf *out, const struct letter *l, bool related,
                          struct str boundary, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < l->part_count; i++) {
		const struct letter_part *p = &l->parts[i];

		if ((p->content_id.n != 0 && l->html.n != 0) != related)
			continue;
		boundary_put(out, "\r\n", boundary, "");
		e = part_put(out, p, why);
	}
	return e;
}

static bool any_part(const struct letter *l, bool related)
{
	for (size_t i = 0; i < l->part_count; i++)
		if ((l->parts[i].content_id.n != 0 && l->html.n != 0) == related)
			return true;
	return false;
}

static bool any_8bit(const struct letter *l)
{
	for (size_t i = 0; i < l->part_count; i++)
		if (is_message_type(l->parts[i].type) && !utf8_ascii(l->parts[i].content))
			return true;
	return false;
}

/* --- the tree ------------------------------------------------------------------------------ */

static enum err html_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e;

	if (!any_part(l, true)) {
		text_put(out, STR("text/html"), l->html);
		return OK;
	}
	boundary = multipart_open(out, STR("multipart/related; type=\"text/html\""), a);
	boundary_put(out, "\r\n", boundary, "");
	text_put(out, STR("text/html"), l->html);
	e = parts_put(out, l, true, boundary, why);
	boundary_put(out, "\r\n", boundary, "--");
	return e;
}

static enum err texts_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e;

	if (l->html.n == 0) {
		text_put(out, STR("text/plain"), l->text);
		return OK;
	}
	if (l->text.n == 0)
		return html_put(out, l, a, why);
	boundary = multipart_open(out, STR("multipart/alternative"), a);
	boundary_put(out, "\r\n", boundary, "");
	text_put(out, STR("text/plain"), l->text);
	boundary_put(out, "\r\n", boundary, ""); /* the best last: RFC 2046 5.1.4 */
	e = html_put(out, l, a, why);
	boundary_put(out, "\r\n", boundary, "--");
	return e;
}

enum err letter_body_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e = OK;

	if (!any_part(l, false))
		return texts_put(out, l, a, why);
	boundary = multipart_open(out, STR("multipart/mixed"), a);
	if (any_8bit(l)) /* RFC 2045 6.4: what is in it has it */
		buf_put(out, STR("Content-Transfer-Encoding: 8bit\r\n"));
	if (l->text.n != 0 || l->html.n != 0) {
		boundary_put(out, "\r\n", boundary, "");
		e = texts_put(out, l, a, why);
	} else {
		buf_put(out, STR("\r\n"));
	}
	if (e == OK)
		e = parts_put(out, l, false, boundary, why);
	boundary_put(out, "\r\n", boundary, "--");
	return e;
}
