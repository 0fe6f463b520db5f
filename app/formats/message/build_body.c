/* formats/message/build_body.c: see build_body.h. */
#include "formats/message/build_body.h"

#include "foundation/base/cur.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

enum { SMTP_LINE = 998 /* RFC 5322 2.1.1 */, PLAIN_LINE = 76 };

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

void build_text_body(struct buf *out, struct str text)
{
	struct buf lines;

	buf_init(&lines, 2 * text.n + 2);
	lines_put(&lines, text);
	if (is_plain(buf_str(&lines))) {
		buf_put(out, STR("Content-Transfer-Encoding: 7bit\r\n\r\n"));
		buf_put(out, buf_str(&lines));
	} else {
		buf_put(out, STR("Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
		qp_put(out, buf_str(&lines));
	}
	buf_deinit(&lines);
}

void build_bytes_body(struct buf *out, struct str bytes)
{
	buf_put(out, STR("Content-Transfer-Encoding: base64\r\n\r\n"));
	base64_put_lines(out, bytes);
}

static bool is_message(struct str content)
{
	size_t line = 0;

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

bool build_message_is_8bit(struct str message)
{
	return !utf8_ascii(message);
}

bool build_message_body(struct buf *out, struct str message)
{
	if (!is_message(message))
		return false;
	buf_fmt(out, "Content-Transfer-Encoding: %s\r\n\r\n",
	        build_message_is_8bit(message) ? "8bit" : "7bit");
	buf_put(out, message);
	return true;
}

void build_boundary_put(struct buf *out, struct str boundary, bool end)
{
	buf_fmt(out, "\r\n--%.*s%s\r\n", STR_ARG(boundary), end ? "--" : "");
}
