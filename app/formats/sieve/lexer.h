/* formats/sieve/lexer.h: tokens of a script (RFC 5228 8.1). */
#ifndef SIEVE_LEXER_H
#define SIEVE_LEXER_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

/* Separators are tokens of their own character. */
enum sieve_token {
	TOKEN_END = 0,
	TOKEN_BAD = 1, /* why says what is wrong; the next token is after it */
	TOKEN_IDENTIFIER = 'i',
	TOKEN_TAG = ':',
	TOKEN_NUMBER = 'n',
	TOKEN_QUOTED = '"',
	TOKEN_MULTILINE = 't',
};

struct sieve_lexer {
	struct cur c; /* after the present token */
	int token;
	struct str text;       /* name of an identifier or tag, raw content of a string */
	uint64_t number;
	const char *why;
	const char *start;     /* of the present token */
	uint32_t line;         /* of start, from 1     */
	const char *line_start;
	uint32_t scan_line;    /* of c.p               */
	const char *scan_start;
};

/* At the first token. */
void sieve_lexer_init(struct sieve_lexer *l, struct str script);
void sieve_lexer_next(struct sieve_lexer *l);
/* The column of the present token, in characters from 1. */
uint32_t sieve_lexer_column(const struct sieve_lexer *l);
/* Append the content of the present string: escapes and dots removed, line ends as CRLF. */
void sieve_lexer_string_put(struct buf *out, const struct sieve_lexer *l);

#endif
