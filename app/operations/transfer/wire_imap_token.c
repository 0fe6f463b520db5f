/* operations/transfer/wire_imap_token.c: see wire_imap_token.h. */
#include "operations/transfer/wire_imap_token.h"

static bool is_atom(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != '(' && c != ')' && c != '{' && c != '"';
}
bool said_space(struct cur *c)
{
	return cur_byte(c, ' ');
}

bool said_atom(struct cur *c, struct str *out)
{
	*out = cur_while(c, is_atom);
	return out->n != 0;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE					RFC 9051 section 9 */
bool said_quoted(struct cur *c, struct arena *a, struct str *out)
{
	const char *begin;
	size_t n = 0, escapes = 0;
	char *p;

	if (!cur_byte(c, '"'))
		return false;
	begin = c->p;
	for (char byte;;) {
		if (!cur_any(c, &byte) || byte == '\r' || byte == '\n')
			return false;
		if (byte == '"')
			break;
		if (byte == '\\') {
			escapes++;
			if (!cur_any(c, &byte))
				return false;
		}
	}
	*out = str_from(begin, (size_t)(c->p - 1 - begin));
	if (escapes == 0)
		return true;
	p = arena_alloc(a, out->n);
	for (size_t i = 0; i < out->n; i++)
		p[n++] = out->p[i] == '\\' ? out->p[++i] : out->p[i];
	*out = str_from(p, n);
	return true;
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8; "~" before it (RFC 3516) */
static bool literal(struct cur *c, struct str *out)
{
	uint64_t n;

	cur_byte(c, '~');
	if (!cur_byte(c, '{') || !cur_u64(c, &n))
		return false;
	cur_byte(c, '+');
	return cur_byte(c, '}') && cur_crlf(c) && n <= cur_left(c) && cur_take(c, (size_t)n, out);
}

bool said_at_literal(const struct cur *c)
{
	return cur_peek(c) == '{' || (cur_peek(c) == '~' && cur_peek_at(c, 1) == '{');
}

bool said_string(struct cur *c, struct arena *a, struct str *out)
{
	if (cur_peek(c) == '"')
		return said_quoted(c, a, out);
	return said_at_literal(c) ? literal(c, out) : said_atom(c, out);
}

bool said_value_skip(struct cur *c, struct arena *a)
{
	unsigned depth = 0;
	struct str s;

	do {
		while (said_space(c))
			;
		if (cur_byte(c, '('))
			depth++;
		else if (depth != 0 && cur_byte(c, ')'))
			depth--;
		else if (!said_string(c, a, &s))
			return false;
	} while (depth != 0 && depth <= SAID_NESTED);
	return depth == 0;
}
