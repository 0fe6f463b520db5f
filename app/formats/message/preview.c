/* formats/message/preview.c: see preview.h. */
#include "formats/message/preview.h"

#include "formats/message/decode.h"
#include "formats/message/param.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/text/charset.h"
#include "foundation/text/html.h"
#include "foundation/text/utf8.h"

/* The maximum read from a part. HTML often begins with a long style sheet. */
enum { PLAIN_LOOK_MAX = 8 << 10, HTML_LOOK_MAX = 128 << 10 };

/* --- squeezing ------------------------------------------------------------------------- */

struct squeeze {
	struct buf *out;
	size_t chars;
	bool gap;        /* a space is due before the next character     */
	uint32_t joiner; /* pending, unless a gap follows; 0 for none */
};

/* Shown as white space, or invisible: newsletters pad their preview with these. */
static bool preview_is_blank(uint32_t ch)
{
	return ch <= ' ' || (ch >= 0x7f && ch <= 0xa0) || ch == 0xad || ch == 0x34f ||
	       (ch >= 0x2000 && ch <= 0x200b) || ch == 0x2028 || ch == 0x2029 || ch == 0x202f ||
	       ch == 0x3000 || ch == 0xfeff;
}

static bool is_invisible(uint32_t ch)
{
	return ch == 0xad || ch == 0x34f || ch == 0x200b || ch == 0xfeff;
}

/* Joiners matter between two characters; otherwise they are padding. */
static bool is_joiner(uint32_t ch)
{
	return ch == 0x200c || ch == 0x200d;
}

static void char_put(struct squeeze *s, uint32_t ch)
{
	utf8_put(s->out, ch);
	s->chars++;
}

/* Append text with runs of white space as one space; false when the preview is full. */
static bool squeeze_put(struct squeeze *s, struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		if (preview_is_blank(ch)) {
			s->gap = s->gap || !is_invisible(ch);
			continue;
		}
		if (is_joiner(ch)) {
			s->joiner = ch;
			continue;
		}
		s->gap = s->gap && s->chars != 0;
		if (s->chars + 1 + (s->gap || s->joiner != 0) > PREVIEW_CHARS)
			return false;
		if (s->gap)
			char_put(s, ' ');
		else if (s->joiner != 0 && s->chars != 0)
			char_put(s, s->joiner);
		char_put(s, ch);
		s->gap = false;
		s->joiner = 0;
	}
	s->gap = true; /* a line end */
	return true;
}

/* Lines of text, without quotes of another message and decoration. */
static void preview_lines_put(struct squeeze *s, struct str text, bool quotes)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line)) {
		if (!quotes && str_starts(str_trim(line), STR(">")))
			continue;
		if (str_eq(line, STR("-- "))) /* signature, RFC 3676 4.3 */
			return;
		if (!squeeze_put(s, line))
			return;
	}
}

/* --- which part ------------------------------------------------------------------------ */

static bool is_shown(const struct message *m, const struct part *p)
{
	return p->kind == PART_LEAF && !str_eqi(message_str(m, p->disposition), STR("attachment"));
}

static void part_text(struct arena *a, struct buf *out, const struct message *m,
                      const struct part *p, size_t look)
{
	struct str charset = STR_EMPTY;
	struct str body = str_sub(message_str(m, p->body), 0, look);

	param_find(a, message_str(m, p->params), STR("charset"), &charset);
	decode_text(out, p->encoding_kind, charset, body);
}

static void preview_plain_put(struct buf *out, struct str text)
{
	struct squeeze s = { .out = out };

	preview_lines_put(&s, text, false);
	if (s.chars == 0)
		preview_lines_put(&s, text, true);
}

static void preview_part_put(struct buf *out, const struct message *m, const struct part *p)
{
	bool html = message_is(m, p, STR("text"), STR("html"));
	size_t look = html ? HTML_LOOK_MAX : PLAIN_LOOK_MAX;
	struct arena a;
	struct buf text, visible;

	arena_init(&a, false);
	buf_init(&text, CHARSET_GROWTH * look);
	buf_init(&visible, PLAIN_LOOK_MAX);
	part_text(&a, &text, m, p, look);
	if (html) {
		html_text_put(&visible, buf_str(&text));
		preview_plain_put(out, utf8_cut(buf_str(&visible), visible.n));
	} else {
		preview_plain_put(out, buf_str(&text));
	}
	buf_deinit(&visible);
	buf_deinit(&text);
	arena_deinit(&a);
}

void preview_put(struct buf *out, const struct message *m)
{
	size_t before = out->n;

	for (uint32_t i = 0; i < m->n && out->n == before; i++) {
		const struct part *p = &m->parts[i];

		if (is_shown(m, p) && (message_is(m, p, STR("text"), STR("plain")) ||
		                       message_is(m, p, STR("text"), STR("html"))))
			preview_part_put(out, m, p);
	}
}
