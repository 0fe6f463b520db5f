/* formats/sieve/parse_tests.c: tests, and lists of tests in each other; see parser.c. */
#include "formats/sieve/parser.h"
#include "formats/sieve/program.h"

/* The test on top is complete. False: an error, after which a command may begin. */
static bool tests_close(struct sieve_parser *p, size_t depth)
{
	while (p->depth > depth) {
		struct sieve_frame *f = sieve_frame_top(p);

		if (f->kind == FRAME_NOT) {
			buf_byte(&p->code, OP_NOT);
		} else if (p->lex.token == ',') {
			sieve_jump_put(&p->code,
			               f->kind == FRAME_ANYOF ? OP_JUMP_TRUE : OP_JUMP_FALSE,
			               &f->chain);
			sieve_lexer_next(&p->lex);
			return true;
		} else if (p->lex.token == ')') {
			sieve_jumps_end(&p->code, &f->chain);
			sieve_lexer_next(&p->lex);
		} else {
			sieve_fail_here(p, "A list of tests has a comma or \")\" after a test");
			return false;
		}
		p->depth--;
	}
	return true;
}

/* test = identifier arguments; opens a frame when tests follow */
static bool test_begin(struct sieve_parser *p)
{
	const struct sieve_word *w;
	enum sieve_frame_kind kind;
	enum sieve_code code;

	if (p->lex.token != TOKEN_IDENTIFIER) {
		sieve_fail_here(p, "A test is missing");
		return false;
	}
	sieve_command_begin(p, WORD_TEST);
	w = p->command.word;
	code = w != NULL ? sieve_word_code(w) : OP_STOP;
	if (code == OP_IHAVE)
		sieve_ihave_take(p);
	if (w != NULL && w->run != NULL && (p->dead == 0 || code == OP_IHAVE))
		sieve_command_put(p);
	if (w == NULL ? !sieve_at_test(p)
	              : code != OP_NEGATE && code != OP_ANYOF && code != OP_ALLOF)
		return true;
	kind = code == OP_NEGATE ? FRAME_NOT : code == OP_ALLOF ? FRAME_ALLOF : FRAME_ANYOF;
	if (!sieve_frame_push(p, kind)) {
		sieve_recover(p);
		return false;
	}
	if (p->lex.token == '(')
		sieve_lexer_next(&p->lex);
	else if (w == NULL)
		sieve_frame_top(p)->kind = FRAME_NOT;
	else if (code != OP_NEGATE) {
		sieve_fail_here(p, "A list of tests stands in parentheses");
		return false;
	}
	return true;
}

bool sieve_tests_parse(struct sieve_parser *p, size_t depth)
{
	for (;;) {
		size_t before = p->depth;

		if (!test_begin(p))
			return false;
		if (p->depth > before)
			continue; /* its first test is next */
		if (!tests_close(p, depth))
			return false;
		if (p->depth == depth)
			return true;
	}
}

