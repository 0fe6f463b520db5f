/* formats/sieve/arguments.c: the arguments of a command or test: read, checked by the tables,
 * written; see parser.h. */
#include "formats/sieve/parser.h"

#include "formats/sieve/program.h"

#include <string.h>

enum { STRINGS_MAX = 20000, COMMAND_BYTES = 4 << 20 }; /* of one command */

/* --- values ---------------------------------------------------------------------------- */

static struct str string_take(struct sieve_parser *p, const struct sieve_value *v)
{
	struct buf text;
	struct str s;

	buf_init(&text, 2 * p->lex.text.n + 1);
	sieve_lexer_string_put(&text, &p->lex);
	s = str_dup(&p->scratch, buf_str(&text));
	buf_deinit(&text);
	if (sieve_enabled(p, EXT_ENCODED_CHARACTER) && !sieve_encoded_characters(&p->scratch, &s))
		sieve_report_value(p, v, "A code after \"${unicode:\" is not a character");
	sieve_lexer_next(&p->lex);
	return s;
}

static bool at_string(const struct sieve_parser *p)
{
	return p->lex.token == TOKEN_QUOTED || p->lex.token == TOKEN_MULTILINE;
}

static void list_add(struct sieve_parser *p, struct sieve_value *v)
{
	if ((v->n & (v->n - 1)) == 0) { /* a power of two: the array is full */
		struct str *items = arena_array(&p->scratch, struct str, MAX(2 * v->n, 1u));

		if (v->n != 0)
			memcpy(items, v->items, v->n * sizeof *items);
		v->items = items;
	}
	v->items[v->n++] = string_take(p, v);
}

/* string-list = "[" string *("," string) "]" */
static bool list_take(struct sieve_parser *p, struct sieve_value *v)
{
	v->type = VALUE_LIST;
	sieve_lexer_next(&p->lex);
	if (p->lex.token == ']')
		sieve_report(p, false, v->line, v->column, "A list has at least one string");
	while (at_string(p)) {
		if (v->n == STRINGS_MAX) {
			sieve_report(p, false, v->line, v->column,
			             "The list has more than %d strings", STRINGS_MAX);
			return false;
		}
		list_add(p, v);
		if (p->lex.token != ',')
			break;
		sieve_lexer_next(&p->lex);
		if (!at_string(p))
			return false;
	}
	if (p->lex.token != ']')
		return false;
	sieve_lexer_next(&p->lex);
	return true;
}

static void value_place(const struct sieve_parser *p, struct sieve_value *v)
{
	*v = (struct sieve_value){ .type = VALUE_NONE,
		                   .line = p->lex.line,
		                   .column = sieve_lexer_column(&p->lex) };
}

/* A number, string or list. False: there is none, or not a whole one. */
static bool value_take(struct sieve_parser *p, struct sieve_value *v)
{
	value_place(p, v);
	if (p->lex.token == TOKEN_NUMBER) {
		v->type = VALUE_NUMBER;
		v->number = p->lex.number;
		sieve_lexer_next(&p->lex);
		return true;
	}
	if (at_string(p)) {
		v->type = VALUE_STRING;
		list_add(p, v);
		return true;
	}
	return p->lex.token == '[' && list_take(p, v);
}

static const char *type_name(char type)
{
	return type == VALUE_NUMBER   ? "a number"
	       : type == VALUE_STRING ? "a string"
	                              : "a list of strings";
}

/* A string is also a list of one (RFC 5228 2.4.2.1). */
static bool type_check(struct sieve_parser *p, struct sieve_value *v, char want, const char *of)
{
	if (want == VALUE_LIST && v->type == VALUE_STRING)
		v->type = VALUE_LIST;
	if (v->type == want)
		return true;
	sieve_report_value(p, v, "%s needs %s, and this is %s", of, type_name(want),
	                   type_name(v->type));
	return false;
}

/* --- tags ------------------------------------------------------------------------------ */

static void argument_set(struct sieve_command *c, enum sieve_arg arg, const struct sieve_value *v)
{
	c->values[arg] = *v;
	c->present |= sieve_bit(arg);
}

/* :index and :last of editheader and duplicate are not those of RFC 5260. */
static bool tag_is_own(const struct sieve_word *w, const struct sieve_tag *tag)
{
	return tag->ext == EXT_INDEX && (w->ext == EXT_EDITHEADER || w->ext == EXT_DUPLICATE ||
	                                 w->ext == EXT_TESTSUITE);
}

static void tag_take(struct sieve_parser *p)
{
	struct sieve_command *c = &p->command;
	struct str name = p->lex.text;
	const struct sieve_tag *tag = c->word != NULL ? sieve_tag_find(name, c->word->tags) : NULL;
	struct sieve_value at, operand;

	value_place(p, &at);
	sieve_lexer_next(&p->lex);
	if (c->word == NULL)
		return;
	if (tag == NULL)
		return sieve_report_value(p, &at, "\"%s\" has no argument \":%.*s\"", c->word->name,
		                          STR_ARG(name));
	if (!sieve_enabled(p, tag->ext) && !tag_is_own(c->word, tag))
		sieve_report_value(p, &at, "\":%s\" needs require \"%s\"", tag->name,
		                   sieve_extensions[tag->ext].name);
	if ((c->present & sieve_bit(tag->arg)) != 0)
		sieve_report_value(p, &at, "\":%s\" and an argument before it exclude each other",
		                   tag->name);
	at.type = VALUE_NUMBER;
	at.number = tag->number;
	if (tag->operand == VALUE_NONE)
		return argument_set(c, tag->arg, &at);
	if (!value_take(p, &operand))
		return sieve_report_value(p, &at, "\":%s\" needs %s", tag->name,
		                          type_name(tag->operand));
	if (!type_check(p, &operand, tag->operand, tag->name))
		return;
	if (tag->operand_arg != 0)
		argument_set(c, tag->arg, &at);
	argument_set(c, tag->operand_arg != 0 ? tag->operand_arg : tag->arg, &operand);
}

/* --- positional arguments -------------------------------------------------------------- */

static void positions_check(struct sieve_parser *p, struct sieve_value *values, size_t n)
{
	struct sieve_command *c = &p->command;
	struct sieve_types t = sieve_types_of(c->word);
	size_t want = t.n, first = t.first_optional && n < want ? 1 : 0;

	if (n < want - first - t.last_optional || n > want)
		return sieve_report(p, true, c->line, c->column,
		                    "\"%s\" needs %zu argument%s without a tag, and has %zu",
		                    c->word->name, want, want == 1 ? "" : "s", n);
	for (size_t i = 0; i < n; i++)
		if (type_check(p, &values[i], t.types[first + i], c->word->name))
			argument_set(c, (enum sieve_arg)(ARG_1 + first + i), &values[i]);
}

static void words_check(struct sieve_parser *p)
{
	struct sieve_command *c = &p->command;
	uint64_t missing = c->word->must & ~c->present;

	if (missing != 0)
		return sieve_report(p, true, c->line, c->column,
		                    "\"%s\" needs a tag that is missing", c->word->name);
	if (c->word->check != NULL)
		c->word->check(p, c);
	if (p->options->stage != SIEVE_DELIVERY)
		sieve_check_stage(p, c);
}

void sieve_arguments_parse(struct sieve_parser *p)
{
	enum { POSITIONS_MAX = ARG_COUNT - ARG_1 };
	struct sieve_value values[POSITIONS_MAX + 1];
	size_t n = 0, before = p->errors->n;

	for (;;) {
		struct sieve_value v;

		if (p->lex.token == TOKEN_TAG) {
			tag_take(p);
		} else if (value_take(p, &v)) {
			values[MIN(n, (size_t)POSITIONS_MAX)] = v;
			n++;
		} else if (v.type != VALUE_NONE) {
			sieve_report(p, false, v.line, v.column, "The list does not end in \"]\"");
			return;
		} else {
			break;
		}
	}
	if (p->command.word == NULL)
		return;
	positions_check(p, values, n);
	if (p->errors->n == before && !p->errors->more && p->dead == 0)
		words_check(p);
}

/* --- what the checks of words ask ------------------------------------------------------ */

const struct sieve_value *sieve_value_of(const struct sieve_command *c, enum sieve_arg arg)
{
	return (c->present & sieve_bit(arg)) != 0 ? &c->values[arg] : NULL;
}

bool sieve_constant(const struct sieve_parser *p, const struct sieve_value *v, size_t i)
{
	return !sieve_enabled(p, EXT_VARIABLES) || str_find(v->items[i], STR("${")) < 0;
}

/* --- writing --------------------------------------------------------------------------- */

static void argument_put(struct sieve_parser *p, struct buf *out, const struct sieve_value *v)
{
	struct buf text;

	if (v->type == VALUE_NUMBER)
		return pack_u64(out, v->number);
	if (v->type == VALUE_STRING)
		return sieve_string_put(p, out, v->items[0], v);
	buf_init(&text, COMMAND_BYTES);
	for (size_t i = 0; i < v->n; i++) {
		buf_reset(&text);
		sieve_string_put(p, &text, v->items[i], v);
		pack_str(out, buf_str(&text));
	}
	buf_deinit(&text);
}

void sieve_command_put(struct sieve_parser *p)
{
	const struct sieve_command *c = &p->command;
	struct buf arguments, value;

	buf_init(&arguments, COMMAND_BYTES);
	buf_init(&value, COMMAND_BYTES);
	for (unsigned arg = 0; arg < ARG_COUNT; arg++) {
		if ((c->present & sieve_bit(arg)) == 0)
			continue;
		buf_reset(&value);
		argument_put(p, &value, &c->values[arg]);
		pack_u64(&arguments, arg);
		pack_str(&arguments, buf_str(&value));
	}
	buf_byte(&p->code, (char)sieve_word_code(c->word));
	pack_u64(&p->code, c->line);
	pack_str(&p->code, buf_str(&arguments));
	buf_deinit(&value);
	buf_deinit(&arguments);
}
