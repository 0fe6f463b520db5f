/* foundation/text/markup.c: see markup.h. */
#include "foundation/text/markup.h"

#include "foundation/text/utf8.h"

static const char *reference(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static bool markup_allowed(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

void markup_text(struct buf *out, struct str s)
{
	struct cur at = cur_of(s);

	while (!cur_done(&at)) {
		uint32_t c = utf8_next(&at);
		const char *r = reference(c);

		if (r != NULL)
			buf_put(out, str_of(r));
		else
			utf8_put(out, markup_allowed(c) ? c : UTF8_REPLACEMENT);
	}
}
