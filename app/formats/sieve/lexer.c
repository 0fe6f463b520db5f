/* formats/sieve/lexer.c: see lexer.h. */
#include "formats/sieve/lexer.h"

#include "foundation/text/utf8.h"

#include <string.h>

static bool is_identifier(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_';
}

static bool is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

static bool is_comment(unsigned char c)
{
	return c != '\n' && c != '\0';
}

/* Count the lines in what was taken since from. */
static void lines_count(struct sieve_lexer *l, const char *from)
{
	const char *p = from;

	while (p < l->c.p && (p = memchr(p, '\n', (size_t)(l->c.p - p))) != NULL) {
		p++;
		l->scan_line++;
		l->scan_start = p;
	}
}

static void lex_fail(struct sieve_lexer *l, const char *why)
{
	l->token = TOKEN_BAD;
	l->why = why;
}

/* bracket-comment = "/" "*" ... "*" "/", not nested */
static bool bracket_comment(struct sieve_lexer *l)
{
	struct str rest = cur_rest(&l->c);
	ptrdiff_t end = str_find(str_sub(rest, 2, rest.n), STR("*/"));

	if (end >= 0)
		cur_skip(&l->c, (size_t)end + 4);
	return end >= 0;
}

/* white-space = 1*(SP / CRLF / HTAB) / comment; false: at a comment that does not end */
static bool white_space(struct sieve_lexer *l)
{
	for (;;) {
		const char *from = l->c.p;

		if (cur_peek(&l->c) == '#') {
			(void)cur_while(&l->c, is_comment);
		} else if (cur_peek(&l->c) == '/' && cur_peek_at(&l->c, 1) == '*') {
			if (!bracket_comment(l))
				return false;
		} else if (cur_while(&l->c, ascii_space).n == 0) {
			return true;
		}
		lines_count(l, from);
	}
}

/* number = 1*DIGIT [ QUANTIFIER ] */
static void lex_number(struct sieve_lexer *l)
{
	uint64_t unit = 1;
	char letter;

	l->token = TOKEN_NUMBER;
	if (!cur_u64(&l->c, &l->number)) {
		(void)cur_while(&l->c, is_digit);
		return lex_fail(l, "The number is too large");
	}
	letter = ascii_lower((char)cur_peek(&l->c));
	if (letter == 'k' || letter == 'm' || letter == 'g') {
		unit = letter == 'k' ? KIB(1) : letter == 'm' ? MIB(1) : KIB(MIB(1));
		cur_skip(&l->c, 1);
	}
	if (__builtin_mul_overflow(l->number, unit, &l->number))
		lex_fail(l, "The number is too large");
	else if (cur_while(&l->c, is_identifier).n != 0)
		lex_fail(l, "A number ends in digits, K, M or G");
}

/* quoted-string = DQUOTE quoted-text DQUOTE */
static void lex_quoted(struct sieve_lexer *l)
{
	const char *from = l->c.p;
	char byte;

	l->token = TOKEN_QUOTED;
	while (cur_any(&l->c, &byte)) {
		if (byte == '"') {
			l->text = str_from(from, (size_t)(l->c.p - 1 - from));
			return;
		}
		if (byte == '\\')
			cur_skip(&l->c, 1);
		if (byte == '\0')
			return lex_fail(l, "A NUL byte is not allowed");
	}
	lex_fail(l, "The string has no closing quote");
}

/* multi-line = "text:" *(SP / HTAB) (hash-comment / CRLF) ... "." CRLF; after "text:" */
static void lex_multiline(struct sieve_lexer *l)
{
	const char *from;
	struct str line;

	l->token = TOKEN_MULTILINE;
	(void)cur_blank(&l->c);
	if (cur_peek(&l->c) == '#')
		(void)cur_while(&l->c, is_comment);
	if (!cur_crlf(&l->c) && !cur_byte(&l->c, '\n'))
		return lex_fail(l, "The text begins on the line after \"text:\"");
	from = l->c.p;
	for (;;) {
		const char *at = l->c.p;

		if (!cur_line(&l->c, &line))
			return lex_fail(l, "The text has no line with a single dot at its end");
		if (str_eq(line, STR("."))) {
			l->text = str_from(from, (size_t)(at - from));
			return;
		}
	}
}

static void lex_word(struct sieve_lexer *l)
{
	l->token = TOKEN_IDENTIFIER;
	l->text = cur_while(&l->c, is_identifier);
	if (str_eqi(l->text, STR("text")) && cur_byte(&l->c, ':'))
		lex_multiline(l);
}

static void lex_tag(struct sieve_lexer *l)
{
	l->token = TOKEN_TAG;
	l->text = cur_while(&l->c, is_identifier);
	if (l->text.n == 0 || ascii_digit(l->text.p[0]))
		lex_fail(l, "A tag has a name after its colon");
}

static void lex_token(struct sieve_lexer *l)
{
	int byte = cur_peek(&l->c);

	if (byte == -1) {
		l->token = TOKEN_END;
	} else if (ascii_digit((char)byte)) {
		lex_number(l);
	} else if (is_identifier((unsigned char)byte)) {
		lex_word(l);
	} else {
		cur_skip(&l->c, 1);
		l->token = byte;
		if (byte == ':')
			lex_tag(l);
		else if (byte == '"')
			lex_quoted(l);
		else if (byte == '\0' || strchr(";,(){}[]", byte) == NULL)
			lex_fail(l, "This character belongs in a string or comment");
	}
}

void sieve_lexer_init(struct sieve_lexer *l, struct str script)
{
	*l = (struct sieve_lexer){ .c = cur_of(script), .scan_line = 1 };
	(void)cur_str(&l->c, STR("\xef\xbb\xbf")); /* a byte order mark */
	l->scan_start = l->c.p;
	sieve_lexer_next(l);
}

void sieve_lexer_next(struct sieve_lexer *l)
{
	bool closed = white_space(l);

	l->start = l->c.p;
	l->line = l->scan_line;
	l->line_start = l->scan_start;
	l->text = STR_EMPTY;
	if (!closed) {
		l->c.p = l->c.end;
		return lex_fail(l, "The comment has no end");
	}
	lex_token(l);
	lines_count(l, l->start);
}

uint32_t sieve_lexer_column(const struct sieve_lexer *l)
{
	return (uint32_t)utf8_count(str_from(l->line_start, (size_t)(l->start - l->line_start))) +
	       1;
}

void sieve_lexer_string_put(struct buf *out, const struct sieve_lexer *l)
{
	struct cur c = cur_of(l->text);
	bool line_start = true;
	char byte, last = '\0';

	while (cur_any(&c, &byte)) {
		if (l->token == TOKEN_QUOTED && byte == '\\') {
			if (!cur_any(&c, &byte))
				break;
		} else if (l->token == TOKEN_MULTILINE && line_start && byte == '.') {
			(void)cur_byte(&c, '.');
		}
		if (byte == '\n' && last != '\r')
			buf_byte(out, '\r');
		buf_byte(out, byte);
		line_start = byte == '\n';
		last = byte;
	}
}
