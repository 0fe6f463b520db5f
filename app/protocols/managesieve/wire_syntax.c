/* protocols/managesieve/wire_syntax.c: see wire_syntax.h. */
#include "protocols/managesieve/wire_syntax.h"

#include "foundation/text/utf8.h"

/* number = (NZDIGIT *DIGIT) / "0" */
static bool syntax_number(struct cur *c, uint32_t *out)
{
	struct cur was = *c;

	return cur_u32(c, out) && (*was.p != '0' || c->p - was.p == 1);
}

/* literal-c2s = "{" number "+}" CRLF *OCTET */
static bool syntax_literal(struct cur *c, struct str *out)
{
	uint32_t n;

	return cur_byte(c, '{') && syntax_number(c, &n) && cur_str(c, STR("+}\r\n")) &&
	       cur_take(c, n, out);
}

static bool quoted_special(char c)
{
	return c == '"' || c == '\\';
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; out is a copy. A line has no CR, LF and NUL. */
static bool syntax_quoted(struct cur *c, struct arena *a, struct str *out)
{
	struct cur end;
	size_t n = 0;
	char byte, *to;

	if (!cur_byte(c, '"'))
		return false;
	for (end = *c;; n++) {
		if (!cur_any(&end, &byte))
			return false;
		if (byte == '"')
			break;
		if (byte == '\\' && !(cur_any(&end, &byte) && quoted_special(byte)))
			return false;
	}
	to = arena_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		if (cur_any(c, &to[i]) && to[i] == '\\')
			(void)cur_any(c, &to[i]);
	*c = end;
	*out = str_from(to, n);
	return utf8_valid(*out);
}

static bool syntax_string(struct cur *c, struct arena *a, struct str *out)
{
	return cur_peek(c) == '{' ? syntax_literal(c, out) : syntax_quoted(c, a, out);
}

/* ATOM-CHAR: no "(", ")", "{", SP, CTL, DQUOTE and backslash */
static bool atom_char(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '(' && c != ')' && c != '{' && c != '"' && c != '\\';
}

static bool blank_end(struct cur *c)
{
	while (cur_byte(c, ' '))
		;
	return cur_done(c);
}

bool managesieve_command_parse(struct str text, struct arena *a, struct managesieve_command *out)
{
	struct cur c = cur_of(text), rest;

	*out = (struct managesieve_command){ .verb = cur_while(&c, atom_char) };
	if (out->verb.n == 0)
		return false;
	for (;;) {
		struct managesieve_arg *arg = &out->args[out->count];

		rest = c;
		if (blank_end(&rest))
			return true;
		if (out->count == MANAGESIEVE_ARGS_MAX || !cur_byte(&c, ' '))
			return false;
		arg->is_number = ascii_digit((char)cur_peek(&c));
		if (arg->is_number ? !syntax_number(&c, &arg->number)
		                   : !syntax_string(&c, a, &arg->text))
			return false;
		out->count++;
	}
}

bool managesieve_string_parse(struct str text, struct arena *a, struct str *out)
{
	struct cur c = cur_of(text);

	return syntax_string(&c, a, out) && blank_end(&c);
}

static bool digit(unsigned char c)
{
	return ascii_digit((char)c);
}

bool managesieve_literal_at_end(struct str line, uint64_t *size)
{
	ptrdiff_t at = str_rfind_byte(line, '{');
	struct cur c = cur_of(line), number;
	struct str digits;

	if (at < 0)
		return false;
	cur_skip(&c, (size_t)at + 1);
	digits = cur_while(&c, digit);
	number = cur_of(digits);
	if (digits.n == 0 || !str_eq(cur_rest(&c), STR("+}")))
		return false;
	if (!cur_u64(&number, size))
		*size = UINT64_MAX;
	return true;
}

void managesieve_string_put(struct buf *out, struct str s)
{
	bool plain = s.n <= MANAGESIEVE_QUOTED_MAX;

	for (size_t i = 0; i < s.n && plain; i++)
		plain = (unsigned char)s.p[i] >= ' ' && !quoted_special(s.p[i]);
	if (plain)
		buf_fmt(out, "\"%.*s\"", STR_ARG(s));
	else
		buf_fmt(out, "{%zu}\r\n", s.n);
	if (!plain)
		buf_put(out, s);
}
