/* formats/sieve/check_match.c: comparators and match types of a test, at compile time (RFC 5228
 * 2.7, RFC 5231). */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/regex.h"

static void relation_check(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *relation = sieve_value_of(c, ARG_RELATION);
	enum sieve_relation found;

	if (relation != NULL && sieve_constant(p, relation, 0) &&
	    !sieve_relation_find(relation->items[0], &found))
		sieve_report_value(p, relation,
		                   "A relation is gt, ge, lt, le, eq or ne, not \"%.*s\"",
		                   STR_ARG(relation->items[0]));
}

static void regexes_check(struct sieve_parser *p, struct sieve_command *c,
                          enum sieve_comparator by)
{
	struct sieve_types t = sieve_types_of(c->word);
	const struct sieve_value *keys = sieve_value_of(c, (enum sieve_arg)(ARG_1 + t.n - 1));

	for (size_t i = 0; keys != NULL && i < keys->n; i++) {
		struct why why = { "" };
		struct regex *regex;

		if (!sieve_constant(p, keys, i))
			continue;
		if ((regex = sieve_regex_new(keys->items[i], by, &why)) == NULL)
			sieve_report_value(p, keys, "The regular expression is wrong: %s",
			                   why.text);
		regex_free(&regex);
	}
}

/* RFC 6134 2.2 */
static bool takes_lists(const struct sieve_command *c)
{
	enum sieve_code code = sieve_word_code(c->word);

	return code == OP_ADDRESS || code == OP_ENVELOPE || code == OP_HEADER || code == OP_STRING;
}

void sieve_check_match(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *comparator = sieve_value_of(c, ARG_COMPARATOR);
	const struct sieve_value *match = sieve_value_of(c, ARG_MATCH);
	uint64_t type = match != NULL ? match->number : MATCH_IS;
	enum sieve_comparator found = COMPARE_CASEMAP;
	enum sieve_ext ext = EXT_BASE;

	if (comparator != NULL && !sieve_comparator_find(comparator->items[0], &found, &ext))
		return sieve_report_value(p, comparator, "There is no comparator \"%.*s\"",
		                          STR_ARG(comparator->items[0]));
	if (!sieve_enabled(p, ext))
		sieve_report_value(p, comparator, "The comparator needs require \"%s\"",
		                   sieve_extensions[ext].name);
	relation_check(p, c);
	if (sieve_value_of(c, ARG_LAST) != NULL && sieve_value_of(c, ARG_INDEX) == NULL)
		sieve_report(p, true, c->line, c->column, "\":last\" needs \":index\"");
	if (found == COMPARE_NUMERIC && (type == MATCH_CONTAINS || type == MATCH_MATCHES ||
	                                 type == MATCH_REGEX))
		sieve_report_value(p, comparator,
		                   "\"i;ascii-numeric\" compares whole numbers only");
	if (type == MATCH_REGEX)
		regexes_check(p, c, found);
	if (type == MATCH_LIST && comparator != NULL)
		sieve_report_value(p, comparator,
		                   "\":list\" and \":comparator\" exclude each other");
	if (type == MATCH_LIST && !takes_lists(c))
		sieve_report_value(p, match, "\"%s\" does not take \":list\"", c->word->name);
}
