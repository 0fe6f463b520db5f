/* formats/sieve/variables.c: set and string (RFC 5229). */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/utf8.h"

#include <string.h>

enum { CASE_LOWER, CASE_UPPER }; /* of ARG_CASE and ARG_FIRST */

static void case_apply(uint64_t to, char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = to == CASE_UPPER ? ascii_upper(p[i]) : ascii_lower(p[i]);
}

static void quote_put(struct buf *out, struct str value, const char *special)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != '\0' && strchr(special, value.p[i]) != NULL)
			buf_byte(out, '\\');
		buf_byte(out, value.p[i]);
	}
}

/* RFC 5435 6: all but the unreserved characters of RFC 3986. */
static void url_put(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_byte(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned char)c);
	}
}

/* *value changed by one modifier, in scratch. */
static void modifier_apply(struct sieve_run *r, const struct sieve_op *op, enum sieve_arg modifier,
                           struct str *value)
{
	static const char *const special[] = { "*?\\", "\\^$.|?*+()[]{}" };
	size_t max = 3 * value->n + 24;
	char *room;
	struct buf out;

	if (!sieve_has(op, modifier))
		return;
	if ((room = arena_try(&r->scratch, max)) == NULL) {
		(void)sieve_fail(r, "The script needs too much memory");
		return;
	}
	buf_init_in(&out, room, max);
	if (modifier == ARG_QUOTE)
		quote_put(&out, *value, special[sieve_number(op, ARG_QUOTE, 0) & 1]);
	else if (modifier == ARG_ENCODE)
		url_put(&out, *value);
	else if (modifier == ARG_LENGTH)
		buf_u64(&out, utf8_count(*value));
	else
		buf_put(&out, *value);
	if (modifier == ARG_CASE || modifier == ARG_FIRST)
		case_apply(sieve_number(op, modifier, 0), room,
		           modifier == ARG_CASE ? out.n : MIN(out.n, 1u));
	*value = buf_str(&out);
}

/* Modifiers are applied from the largest precedence to the smallest (RFC 5229 4.1). */
struct str sieve_modified(struct sieve_run *r, const struct sieve_op *op, struct str value)
{
	static const enum sieve_arg modifiers[] = { ARG_CASE, ARG_FIRST, ARG_QUOTE, ARG_ENCODE,
		                                    ARG_LENGTH };

	for (size_t n = 0; n < COUNT(modifiers); n++)
		modifier_apply(r, op, modifiers[n], &value);
	return value;
}

bool sieve_act_set(struct sieve_run *r, const struct sieve_op *op)
{
	struct str value = sieve_modified(r, op, sieve_str(r, op, ARG_2));
	struct sieve_text *variable;
	uint32_t i;

	if (!sieve_variable_named(r, sieve_str(r, op, ARG_1), &i) ||
	    (variable = sieve_variable(r, i)) == NULL)
		return false;
	sieve_text_set(r, variable, value, SIEVE_VARIABLE_MAX);
	return true;
}

/* The name is a constant (RFC 5229 4). */
void sieve_check_variable(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *name = sieve_value_of(c, ARG_1);
	uint32_t i;

	if (name == NULL)
		return;
	if (!sieve_enabled(p, EXT_VARIABLES))
		sieve_report_value(p, name, "The name of a variable needs require \"variables\"");
	else
		(void)sieve_variable_find(p, name->items[0], name, &i);
}

/* :count counts the strings that are not empty. */
bool sieve_test_string(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list sources = sieve_list(op, ARG_1);
	struct sieve_matcher m;
	struct str value;

	sieve_matcher_init(&m, r, op, ARG_2);
	while (!r->stopped && sieve_list_next(r, &sources, &value))
		if ((m.type != MATCH_COUNT || value.n != 0) && sieve_matcher_value(&m, value))
			return true;
	return sieve_matcher_end(&m);
}
