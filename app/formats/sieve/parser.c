/* formats/sieve/parser.c: from a script to a program, on a stack of its own.
 *
 * A structure that is open is a frame. Tests become straight code: each leaves its result in one
 * place, and "anyof", "allof" and "if" jump by it:
 *
 *   if anyof(A, B) { C } else { D }     A  jump-true 1  B  1: jump-false 2  C  jump 3  2: D  3: */
#include "formats/sieve/parser.h"

#include "formats/sieve/program.h"
#include "foundation/base/err.h"
#include "foundation/base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void sieve_report(struct sieve_parser *p, bool meaning, uint32_t line, uint32_t column,
                  const char *fmt, ...)
{
	char text[WHY_MAX];
	va_list args;

	if (meaning && p->dead != 0)
		return;
	if (p->errors->n == p->options->limits.errors) {
		p->errors->more = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	p->errors->items[p->errors->n++] =
	    (struct sieve_error){ line, column, str_dup(p->arena, str_of(text)) };
}

static void report_here(struct sieve_parser *p, const char *what)
{
	sieve_report(p, false, p->lex.line, sieve_lexer_column(&p->lex), "%s",
	             p->lex.token == TOKEN_BAD ? p->lex.why : what);
}

/* --- frames ---------------------------------------------------------------------------- */

bool sieve_frame_push(struct sieve_parser *p, enum sieve_frame_kind kind)
{
	if (p->depth == COUNT(p->frames)) {
		report_here(p, "Blocks and tests are nested too deeply");
		return false;
	}
	p->frames[p->depth++] = (struct sieve_frame){ .kind = (uint8_t)kind,
		                                      .chain = JUMP_NONE,
		                                      .ends = JUMP_NONE,
		                                      .start = p->code.n,
		                                      .line = p->lex.line,
		                                      .column = sieve_lexer_column(&p->lex) };
	return true;
}

static void block_open(struct sieve_parser *p)
{
	if (sieve_frame_push(p, FRAME_BLOCK))
		sieve_lexer_next(&p->lex);
}

static void frame_revive(struct sieve_parser *p, struct sieve_frame *f)
{
	p->dead -= f->dead;
	f->dead = false;
}

/* The code of a block that ihave excludes is dropped. */
static void block_close(struct sieve_parser *p)
{
	struct sieve_frame *f = &p->frames[p->depth - 2];

	if (f->dead)
		buf_cut(&p->code, sieve_frame_top(p)->start);
	frame_revive(p, f);
	p->depth--;
}

/* --- recovery -------------------------------------------------------------------------- */

void sieve_recover(struct sieve_parser *p)
{
	while (p->lex.token != TOKEN_END && p->lex.token != ';' && p->lex.token != '{' &&
	       p->lex.token != '}')
		sieve_lexer_next(&p->lex);
	while (p->depth > 1 && sieve_frame_top(p)->kind != FRAME_BLOCK) {
		frame_revive(p, sieve_frame_top(p));
		p->depth--;
	}
	if (p->lex.token == '{') {
		if (sieve_frame_push(p, FRAME_UNKNOWN))
			return block_open(p);
		p->lex.c.p = p->lex.c.end;
	}
	if (p->lex.token == ';' || p->lex.token == '{')
		sieve_lexer_next(&p->lex);
}

void sieve_fail_here(struct sieve_parser *p, const char *what)
{
	report_here(p, what);
	sieve_recover(p);
}

/* --- a command or test up to its end ------------------------------------------------------ */

void sieve_command_begin(struct sieve_parser *p, unsigned kind)
{
	struct sieve_command *c = &p->command;
	struct str name = p->lex.text;

	arena_reset(&p->scratch);
	c->present = 0;
	c->line = p->lex.line;
	c->column = sieve_lexer_column(&p->lex);
	c->word = sieve_word_find(name, kind);
	if (c->word != NULL && c->word->ext >= EXT_TESTSUITE &&
	    !sieve_extension_usable(p->options, c->word->ext))
		c->word = NULL;
	if (c->word == NULL) {
		sieve_report(p, true, c->line, c->column, "There is no %s \"%.*s\"",
		             kind == WORD_TEST ? "test" : "command", STR_ARG(name));
	} else if (!sieve_enabled(p, c->word->ext)) {
		sieve_report(p, true, c->line, c->column, "\"%s\" needs require \"%s\"",
		             c->word->name, sieve_extensions[c->word->ext].name);
	}
	sieve_lexer_next(&p->lex);
	sieve_arguments_parse(p);
}

static void loop_leave(struct sieve_parser *p)
{
	const struct sieve_value *name = sieve_value_of(&p->command, ARG_NAME);
	size_t i = p->depth, loops = 0;

	for (; i > 0; i--) {
		const struct sieve_frame *f = &p->frames[i - 1];

		loops += f->kind == FRAME_LOOP;
		if (f->kind == FRAME_LOOP && (name == NULL || str_eq(f->name, name->items[0])))
			break;
	}
	if (i == 0)
		return sieve_report(p, true, p->command.line, p->command.column,
		                    "\"break\" is not in such a loop");
	if (p->dead != 0)
		return;
	while (loops-- > 0)
		buf_byte(&p->code, OP_LEAVE);
	sieve_jump_put(&p->code, OP_JUMP, &p->frames[i - 1].ends);
}

/* A command of vnd.dovecot.testsuite that fails ends the test that it is in. */
static void test_leave(struct sieve_parser *p)
{
	for (size_t i = p->depth; i > 0; i--)
		if (p->frames[i - 1].kind == FRAME_PLAIN && p->dead == 0)
			return sieve_jump_put(&p->code, OP_JUMP_FALSE, &p->frames[i - 1].ends);
}

static void loop_open(struct sieve_parser *p)
{
	const struct sieve_value *name = sieve_value_of(&p->command, ARG_NAME);

	if (!sieve_frame_push(p, FRAME_LOOP))
		return sieve_recover(p);
	if (name != NULL)
		sieve_frame_top(p)->name = str_dup(&p->names, name->items[0]);
	sieve_jump_put(&p->code, OP_LOOP, &sieve_frame_top(p)->ends);
	sieve_frame_top(p)->start = p->code.n;
}

static void test_misplaced(struct sieve_parser *p)
{
	sieve_report(p, true, p->command.line, p->command.column,
	             "\"test\" stands outside of blocks");
	(void)sieve_frame_push(p, FRAME_UNKNOWN);
}

/* After the arguments: what is open now, if the command is one that opens something. */
static void command_open(struct sieve_parser *p, enum sieve_code code)
{
	if (code == OP_IF)
		(void)sieve_frame_push(p, FRAME_IF);
	else if (code == OP_ELSIF || code == OP_ELSE)
		sieve_report(p, false, p->command.line, p->command.column,
		             "\"%s\" has no \"if\" before it", p->command.word->name);
	else if (code == OP_FOREVERYPART)
		loop_open(p);
	else if (code == OP_TEST && p->depth > 1)
		test_misplaced(p);
	else if (code == OP_TEST && sieve_frame_push(p, FRAME_PLAIN))
		sieve_jump_put(&p->code, OP_JUMP_FALSE, &sieve_frame_top(p)->ends);
}

static bool opens(enum sieve_code code)
{
	return code == OP_IF || code == OP_ELSIF || code == OP_ELSE || code == OP_FOREVERYPART ||
	       code == OP_TEST;
}

/* An unknown command: its tests and block are read for their own errors. */
static void unknown_end(struct sieve_parser *p)
{
	size_t depth = p->depth + 1;

	if (p->lex.token == ';')
		return sieve_lexer_next(&p->lex);
	if (!sieve_frame_push(p, FRAME_UNKNOWN))
		return sieve_recover(p);
	if (p->lex.token == '(' && sieve_frame_push(p, FRAME_ANYOF))
		sieve_lexer_next(&p->lex);
	if (sieve_at_test(p) && !sieve_tests_parse(p, depth))
		return;
	if (p->lex.token == '{')
		return block_open(p);
	if (p->lex.token != ';')
		return sieve_fail_here(p, "A command ends in \";\" or a block");
	p->depth--;
	sieve_lexer_next(&p->lex);
}

static void structure_end(struct sieve_parser *p, enum sieve_code code)
{
	command_open(p, code);
	if ((code == OP_IF || code == OP_ELSIF) && !sieve_tests_parse(p, p->depth))
		return;
	if (p->lex.token != '{')
		return sieve_fail_here(p, "This command needs a block in braces");
	if (code == OP_IF)
		sieve_jump_put(&p->code, OP_JUMP_FALSE, &sieve_frame_top(p)->chain);
	if (code == OP_ELSIF || code == OP_ELSE)
		(void)sieve_frame_push(p, FRAME_UNKNOWN);
	block_open(p);
}

static void command_run(struct sieve_parser *p)
{
	const struct sieve_word *w;
	enum sieve_code code;

	sieve_command_begin(p, WORD_COMMAND);
	if ((w = p->command.word) == NULL)
		return unknown_end(p);
	code = sieve_word_code(w);
	if (code == OP_REQUIRE)
		sieve_require_take(p);
	else
		p->began = true;
	if (code == OP_BREAK)
		loop_leave(p);
	else if (w->run != NULL && p->dead == 0)
		sieve_command_put(p);
	if (w->ext == EXT_TESTSUITE && code != OP_TEST)
		test_leave(p);
	if (opens(code))
		return structure_end(p, code);
	if (p->lex.token != ';')
		return sieve_fail_here(p, "A command ends in \";\"");
	sieve_lexer_next(&p->lex);
}

/* --- the end of a block ------------------------------------------------------------------- */

/* After the block of "if" or "elsif": is there another branch? */
static void branch_next(struct sieve_parser *p)
{
	struct sieve_frame *f = sieve_frame_top(p);
	bool is_elsif = p->lex.token == TOKEN_IDENTIFIER && str_eqi(p->lex.text, STR("elsif"));
	bool is_else = p->lex.token == TOKEN_IDENTIFIER && str_eqi(p->lex.text, STR("else"));

	if (is_elsif || is_else)
		sieve_jump_put(&p->code, OP_JUMP, &f->ends);
	sieve_jumps_end(&p->code, &f->chain);
	if (!is_elsif && !is_else) {
		sieve_jumps_end(&p->code, &f->ends);
		p->depth--;
		return;
	}
	sieve_command_begin(p, WORD_COMMAND);
	if (is_elsif && !sieve_tests_parse(p, p->depth))
		return;
	f = sieve_frame_top(p);
	if (p->lex.token != '{')
		return sieve_fail_here(p, "This command needs a block in braces");
	if (is_elsif)
		sieve_jump_put(&p->code, OP_JUMP_FALSE, &f->chain);
	else
		f->kind = FRAME_ELSE;
	block_open(p);
}

static void block_end(struct sieve_parser *p)
{
	struct sieve_frame *f;

	if (p->depth == 1) {
		report_here(p, "This \"}\" closes no block");
		return sieve_lexer_next(&p->lex);
	}
	block_close(p);
	f = sieve_frame_top(p);
	sieve_lexer_next(&p->lex);
	if (f->kind == FRAME_IF)
		return branch_next(p);
	if (f->kind == FRAME_LOOP)
		sieve_jump_back(&p->code, OP_NEXT, f->start);
	sieve_jumps_end(&p->code, &f->ends);
	p->depth--;
}

/* --- all of it ---------------------------------------------------------------------------- */

static void script_parse(struct sieve_parser *p)
{
	(void)sieve_frame_push(p, FRAME_BLOCK);
	while (p->lex.token != TOKEN_END) {
		if (p->errors->more)
			return;
		if (p->lex.token == '}')
			block_end(p);
		else if (p->lex.token == TOKEN_IDENTIFIER)
			command_run(p);
		else
			sieve_fail_here(p, "A command is missing");
	}
	if (p->depth > 1)
		sieve_report(p, false, sieve_frame_top(p)->line, sieve_frame_top(p)->column,
		             "The block has no closing \"}\"");
}

static void program_put(struct sieve_parser *p, struct buf *program)
{
	buf_byte(&p->code, OP_STOP);
	pack_u64(program, PROGRAM_VERSION);
	pack_u64(program, p->extensions);
	pack_u64(program, p->variables_n);
	for (size_t i = 0; i < p->variables_n; i++)
		pack_str(program, p->variables[i]);
	buf_put(program, buf_str(&p->code));
	if (!buf_ok(&p->code) || !buf_ok(program))
		sieve_report(p, false, 1, 1, "The compiled script is too large");
}

bool sieve_compile(struct arena *a, struct str script, const struct sieve_options *options,
                   struct buf *program, struct sieve_errors *errors)
{
	struct sieve_parser *p = NEW(struct sieve_parser);

	*errors = (struct sieve_errors){
		.items = arena_array(a, struct sieve_error, options->limits.errors)
	};
	p->options = options;
	p->arena = a;
	p->errors = errors;
	buf_init(&p->code, SIEVE_PROGRAM_MAX);
	if (script.n > options->limits.script_bytes) {
		sieve_report(p, false, 1, 1, "The script has more than %u bytes",
		             options->limits.script_bytes);
	} else {
		sieve_lexer_init(&p->lex, script);
		script_parse(p);
		program_put(p, program);
	}
	buf_deinit(&p->code);
	arena_deinit(&p->names);
	arena_deinit(&p->scratch);
	mem_free(p);
	return errors->n == 0;
}
