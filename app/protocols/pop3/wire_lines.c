/* protocols/pop3/wire_lines.c: see wire_lines.h. */
#include "protocols/pop3/wire_lines.h"

#include "foundation/base/cur.h"

static void line_begin(const struct pop3_lines *l, struct buf *out, struct str text)
{
	if (l->n == 0 && text.n != 0 && text.p[0] == '.')
		buf_byte(out, '.');
}

static void line_more(struct pop3_lines *l, struct buf *out, struct str text)
{
	line_begin(l, out, text);
	buf_put(out, text);
	if (text.n != 0)
		l->cr = text.p[text.n - 1] == '\r';
	l->n += text.n;
}

static void line_end(struct pop3_lines *l, struct buf *out)
{
	bool empty = l->n == (l->cr ? 1 : 0);

	buf_put(out, l->cr ? STR("\n") : STR("\r\n"));
	if (l->body && l->left != POP3_LINES_ALL)
		l->left--;
	l->body |= empty;
	l->n = 0;
	l->cr = false;
}

void pop3_lines_put(struct pop3_lines *l, struct buf *out, struct str bytes)
{
	struct cur c = cur_of(bytes);
	struct str text;

	while (!cur_done(&c) && !pop3_lines_done(l)) {
		if (!cur_until(&c, '\n', &text)) {
			line_more(l, out, cur_rest(&c));
			return;
		}
		cur_skip(&c, 1);
		line_more(l, out, text);
		line_end(l, out);
	}
}

bool pop3_lines_done(const struct pop3_lines *l)
{
	return l->body && l->left == 0;
}

void pop3_lines_end(struct pop3_lines *l, struct buf *out)
{
	if (l->n != 0)
		line_end(l, out);
	buf_put(out, STR(".\r\n"));
}
