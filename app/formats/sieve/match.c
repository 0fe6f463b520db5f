/* formats/sieve/match.c: values against keys; see match.h. */
#include "formats/sieve/match.h"

#include "foundation/text/regex.h"

#include <stdio.h>

enum { REGEX_STATES_FREE = 8 }; /* of an expression: a byte compared with so many is one */

static const struct str relations[] = {
	[RELATION_GT] = { "gt", 2 }, [RELATION_GE] = { "ge", 2 }, [RELATION_LT] = { "lt", 2 },
	[RELATION_LE] = { "le", 2 }, [RELATION_EQ] = { "eq", 2 }, [RELATION_NE] = { "ne", 2 },
};

bool sieve_relation_find(struct str name, enum sieve_relation *out)
{
	for (unsigned i = 0; i < RELATIONS; i++) {
		if (str_eqi(relations[i], name)) {
			*out = (enum sieve_relation)i;
			return true;
		}
	}
	return false;
}

void sieve_matcher_init(struct sieve_matcher *m, struct sieve_run *r, const struct sieve_op *op,
                        enum sieve_arg keys)
{
	struct str comparator = sieve_str(r, op, ARG_COMPARATOR);
	enum sieve_ext ext;

	*m = (struct sieve_matcher){
		.run = r,
		.op = op,
		.keys = keys,
		.type = (enum sieve_match)MIN(sieve_number(op, ARG_MATCH, MATCH_IS),
		                              (uint64_t)MATCH_TYPES - 1),
	};
	if (sieve_has(op, ARG_COMPARATOR) &&
	    !sieve_comparator_find(comparator, &m->comparator, &ext))
		(void)sieve_fail(r, "There is no comparator \"%.*s\"", STR_ARG(comparator));
	if (sieve_has(op, ARG_RELATION) &&
	    !sieve_relation_find(sieve_str(r, op, ARG_RELATION), &m->relation))
		(void)sieve_fail(r, "The relation of the test is unknown");
}

static bool relation_holds(enum sieve_relation relation, int order)
{
	switch (relation) {
	case RELATION_GT:
		return order > 0;
	case RELATION_GE:
		return order >= 0;
	case RELATION_LT:
		return order < 0;
	case RELATION_LE:
		return order <= 0;
	case RELATION_EQ:
		return order == 0;
	case RELATION_NE:
	default:
		return order != 0;
	}
}

/* The matches of the wildcards become ${1} and so on (RFC 5229 3.2). */
static void match_values_set(struct sieve_run *r, struct str value, const struct span *spans,
                             size_t n)
{
	sieve_text_set(r, &r->match, value, r->limits->string_bytes);
	for (size_t i = 0; i < n; i++)
		r->match_spans[i] = spans[i];
	r->match_n = n;
}

static bool glob_matches(struct sieve_matcher *m, struct str value, struct str key)
{
	struct span spans[MATCH_VALUES];
	size_t n;

	if (!sieve_glob(m->run, m->comparator, value, key, spans, &n))
		return false;
	if (!m->quiet && sieve_uses(m->run, EXT_VARIABLES))
		match_values_set(m->run, value, spans, n);
	return true;
}

struct regex *sieve_regex_new(struct str expression, enum sieve_comparator c, struct why *why)
{
	struct regex *r = regex_new(expression, c == COMPARE_OCTET ? REGEX_CASE : 0, why);

	if (r == NULL || regex_bytes(r) <= SIEVE_REGEX_MAX)
		return r;
	(void)fail(why, ERR_LIMIT, "it needs more than %d bytes of memory", SIEVE_REGEX_MAX);
	regex_free(&r);
	return NULL;
}

/* The last expression is kept: a test compares many values with one. */
static bool regex_get(struct sieve_matcher *m, struct str key)
{
	struct sieve_run *r = m->run;
	struct why why = { "" };

	if (r->regex != NULL && r->regex_case == (m->comparator == COMPARE_OCTET) &&
	    str_eq(r->regex_of, key))
		return true;
	regex_free(&r->regex);
	sieve_text_set(r, &r->regex_text, key, r->limits->string_bytes);
	r->regex_of = sieve_text_get(&r->regex_text);
	r->regex_case = m->comparator == COMPARE_OCTET;
	if (r->stopped)
		return false;
	if ((r->regex = sieve_regex_new(key, m->comparator, &why)) == NULL)
		return sieve_fail(r, "The regular expression is wrong: %s", why.text);
	return true;
}

static bool regex_matches(struct sieve_matcher *m, struct str value, struct str key)
{
	struct str parts[REGEX_GROUPS];
	struct span spans[REGEX_GROUPS];
	struct sieve_run *r = m->run;

	if (!regex_get(m, key) ||
	    !sieve_work(r, value.n * regex_states(r->regex) / REGEX_STATES_FREE) ||
	    !regex_match(r->regex, value, parts))
		return false;
	for (size_t i = 0; i < REGEX_GROUPS; i++)
		spans[i] = parts[i].n == 0 ? (struct span){ 0, 0 }
		                           : (struct span){ (uint32_t)(parts[i].p - value.p),
			                                    (uint32_t)parts[i].n };
	if (!m->quiet && sieve_uses(r, EXT_VARIABLES))
		match_values_set(r, value, spans, REGEX_GROUPS);
	return true;
}

static bool list_matches(struct sieve_matcher *m, struct str value, struct str list)
{
	const struct sieve_host *h = m->run->host;
	bool known = false, has;

	has = h->list_has != NULL && h->list_has(h->arg, list, value, &known);

	if (!known)
		return sieve_fail(m->run, "There is no list \"%.*s\"", STR_ARG(list));
	if (has && !m->quiet && sieve_uses(m->run, EXT_VARIABLES))
		match_values_set(m->run, value, &(struct span){ 0, (uint32_t)value.n }, 1);
	return has;
}

static bool key_matches(struct sieve_matcher *m, struct str value, struct str key)
{
	switch (m->type) {
	case MATCH_IS:
		return sieve_compare(m->run, m->comparator, value, key) == 0;
	case MATCH_CONTAINS:
		return sieve_contains(m->run, m->comparator, value, key);
	case MATCH_MATCHES:
		return glob_matches(m, value, key);
	case MATCH_REGEX:
		return regex_matches(m, value, key);
	case MATCH_LIST:
		return list_matches(m, value, key);
	case MATCH_COUNT:
	case MATCH_VALUE:
	default:
		return relation_holds(m->relation,
		                      sieve_compare(m->run, m->comparator, value, key));
	}
}

static bool key_explained(struct sieve_matcher *m, struct str value, struct str key)
{
	bool matches = key_matches(m, value, key) && m->run->result->error.n == 0;

	sieve_explain(m->run, "\"%.*s\" %s \"%.*s\"", STR_ARG(str_sub(value, 0, 40)),
	              matches ? "matches" : "does not match", STR_ARG(str_sub(key, 0, 40)));
	return matches;
}

static bool words_match(struct sieve_matcher *m, struct str value, struct str key)
{
	while (key.n != 0) {
		ptrdiff_t space = str_find_byte(key = str_trim(key), ' ');
		struct str word = str_sub(key, 0, space < 0 ? key.n : (size_t)space);

		if (word.n != 0 && key_explained(m, value, word))
			return true;
		key = str_sub(key, word.n, key.n);
	}
	return false;
}

static bool keys_match(struct sieve_matcher *m, struct str value)
{
	struct sieve_list keys = sieve_list(m->op, m->keys);
	struct str key;

	while (m->run->result->error.n == 0 && sieve_list_next(m->run, &keys, &key)) {
		if (m->words ? words_match(m, value, key) : key_explained(m, value, key))
			return true;
	}
	return false;
}

bool sieve_matcher_value(struct sieve_matcher *m, struct str value)
{
	m->count++;
	return m->type != MATCH_COUNT && keys_match(m, value);
}

bool sieve_matcher_end(struct sieve_matcher *m)
{
	char digits[24];

	if (m->type != MATCH_COUNT)
		return false;
	snprintf(digits, sizeof digits, "%" PRIu64, m->count);
	return keys_match(m, str_of(digits));
}
