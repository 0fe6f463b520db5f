/* formats/sieve/parser.h: the parser, as the checks of words see it. Private to formats/sieve. */
#ifndef SIEVE_PARSER_H
#define SIEVE_PARSER_H
#include "formats/sieve/lexer.h"
#include "formats/sieve/sieve.h"
#include "formats/sieve/words.h"

/* An argument of the present command. */
struct sieve_value {
	char type;
	uint64_t number;
	struct str *items; /* of a string or list, after escapes */
	size_t n;
	uint32_t line, column;
};

struct sieve_command {
	const struct sieve_word *word; /* NULL: unknown */
	uint32_t line, column;
	uint64_t present;
	struct sieve_value values[ARG_COUNT];
};

enum sieve_frame_kind { FRAME_BLOCK, FRAME_IF, FRAME_ELSE, FRAME_LOOP, FRAME_PLAIN, FRAME_UNKNOWN,
	                FRAME_NOT, FRAME_ANYOF, FRAME_ALLOF };

/* An open structure.
 * chain and ends are lists of jumps that lead to a place to come: see program.h. */
struct sieve_frame {
	uint8_t kind;
	bool dead;      /* an ihave test of it is false */
	uint32_t chain; /* to the next branch           */
	uint32_t ends;  /* to the end of the structure  */
	size_t start;   /* of its code                  */
	uint32_t line, column;
	struct str name; /* of a loop                    */
};

struct sieve_parser {
	struct sieve_lexer lex;
	const struct sieve_options *options;
	struct arena *arena;  /* for errors                  */
	struct arena names;   /* of variables and loops      */
	struct arena scratch; /* of one command              */
	struct sieve_errors *errors;
	struct buf code;
	uint64_t extensions;
	bool began;       /* something else than require has come */
	unsigned dead;    /* blocks that ihave excludes           */
	struct sieve_frame frames[2 * SIEVE_NESTING];
	size_t depth;
	struct str variables[SIEVE_VARIABLES];
	size_t variables_n;
	struct sieve_command command;
};

static inline bool sieve_enabled(const struct sieve_parser *p, enum sieve_ext ext)
{
	return ext == EXT_BASE || (p->extensions & sieve_bit(ext)) != 0;
}

/* Report an error at a place. One inside of a block that ihave excludes is dropped when
 * meaning is true: it is one of meaning and not of grammar. */
void sieve_report(struct sieve_parser *p, bool meaning, uint32_t line, uint32_t column,
                  const char *fmt, ...) PRINTF(5, 6);
#define sieve_report_value(p, v, ...) \
	sieve_report((p), true, (v)->line, (v)->column, __VA_ARGS__)

/* parser.c */
static inline struct sieve_frame *sieve_frame_top(struct sieve_parser *p)
{
	return &p->frames[p->depth - 1];
}
/* False: too many are open, which is reported. */
bool sieve_frame_push(struct sieve_parser *p, enum sieve_frame_kind kind);
/* Take the name and the arguments of a command or test: WORD_COMMAND or WORD_TEST. */
void sieve_command_begin(struct sieve_parser *p, unsigned kind);
/* Skip to where a command may begin: after ";", or at a brace; and close what was open in it. */
void sieve_recover(struct sieve_parser *p);
/* Report an error at the present token, and recover. */
void sieve_fail_here(struct sieve_parser *p, const char *what);

/* parse_tests.c: a test and all tests in it: those of the frames above depth. False: an error,
 * after which a command may begin. */
bool sieve_tests_parse(struct sieve_parser *p, size_t depth);
static inline bool sieve_at_test(const struct sieve_parser *p)
{
	return p->lex.token == TOKEN_IDENTIFIER || p->lex.token == '(';
}

/* require.c: the arguments of the present command enable extensions. */
void sieve_require_take(struct sieve_parser *p);
/* The same of the test ihave: with an unknown extension its block is dead. */
void sieve_ihave_take(struct sieve_parser *p);

/* A script of these options may use the extension. */
bool sieve_extension_usable(const struct sieve_options *options, enum sieve_ext ext);
/* stage.c: report what the present command cannot do at the stage of the script. */
void sieve_check_stage(struct sieve_parser *p, struct sieve_command *c);

/* arguments.c: read the arguments of the present command up to its test, block or end. */
void sieve_arguments_parse(struct sieve_parser *p);
/* Write the operation of the present command. */
void sieve_command_put(struct sieve_parser *p);

/* The value when it is given; NULL when not. */
const struct sieve_value *sieve_value_of(const struct sieve_command *c, enum sieve_arg arg);
/* No variable is in item i of the value: its content is what will be used. */
bool sieve_constant(const struct sieve_parser *p, const struct sieve_value *v, size_t i);

/* strings.c: decode "${hex:...}" and "${unicode:...}" (RFC 5228 2.4.2.4) in the scratch arena. */
bool sieve_encoded_characters(struct arena *a, struct str *s);
/* Append s as strings stand in a program, its variables as references. */
void sieve_string_put(struct sieve_parser *p, struct buf *out, struct str s,
                      const struct sieve_value *at);
/* identifier of RFC 5229 3, and its number; reports a wrong one or one too many. */
bool sieve_variable_find(struct sieve_parser *p, struct str name, const struct sieve_value *at,
                         uint32_t *out);

#endif
