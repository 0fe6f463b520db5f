/* formats/message/cfws.c: see cfws.h. */
#include "formats/message/cfws.h"

static bool cfws_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* A byte that a quoted-string or comment may contain, with or without "\" before it. */
static bool cfws_is_text(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

/* One byte, or a quoted-pair. False: not allowed. */
static bool text_next(struct cur *c, char *out, bool *escaped)
{
	*escaped = cur_byte(c, '\\');
	return cur_any(c, out) && cfws_is_text((unsigned char)*out);
}

/* comment = "(" *([FWS] ccontent) [FWS] ")"			RFC 5322 3.2.2 */
static bool cfws_comment(struct cur *c)
{
	size_t depth = 0;
	bool escaped;
	char byte;

	do {
		if (!text_next(c, &byte, &escaped))
			return false;
		if (!escaped && byte == '(')
			depth++;
		else if (!escaped && byte == ')')
			depth--;
	} while (depth != 0);
	return true;
}

bool cfws_skip(struct cur *c)
{
	for (;;) {
		cur_while(c, cfws_is_blank);
		if (cur_peek(c) != '(')
			return true;
		if (!cfws_comment(c))
			return false;
	}
}

bool cfws_quoted(struct cur *c, struct str *content)
{
	const char *from = c->p + 1;
	bool escaped;
	char byte;

	if (!cur_byte(c, '"'))
		return false;
	do {
		if (!text_next(c, &byte, &escaped))
			return false;
	} while (escaped || byte != '"');
	*content = str_from(from, (size_t)(c->p - 1 - from));
	return true;
}
