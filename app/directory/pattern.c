/* directory/pattern.c: see pattern.h. */
#include "directory/pattern.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "config/limits.h"
#include "config/rules.h"

#include <regex.h>

/* A wildcard grows when it becomes an expression: "(.*)" for "*", a backslash before a sign. */
enum { EXPRESSION_MAX = 4 * LIMIT_alias_pattern + 8, FILLED_MAX = 4096 };

bool pattern_is_expression(struct str local)
{
	return local.n >= 2 && local.p[0] == '/' && local.p[local.n - 1] == '/';
}

bool pattern_is(struct str local)
{
	return pattern_is_expression(local) || str_find_byte(local, '*') >= 0;
}

/* --- compiling ---------------------------------------------------------------------------- */

static void wildcard_put(struct buf *out, struct str local)
{
	buf_byte(out, '^');
	for (size_t i = 0; i < local.n; i++) {
		if (local.p[i] == '*') {
			buf_put(out, STR("(.*)"));
			continue;
		}
		/* Letters and bytes of UTF-8 must not have a backslash before them. */
		if (!ascii_alnum(local.p[i]) && (unsigned char)local.p[i] < 0x80 &&
		    str_find_byte(STR(".[]()+?{}|^$\\"), local.p[i]) >= 0)
			buf_byte(out, '\\');
		buf_byte(out, local.p[i]);
	}
	buf_byte(out, '$');
}

static bool compile(struct str local, regex_t *out)
{
	struct buf text;
	bool ok;

	buf_init(&text, EXPRESSION_MAX);
	if (pattern_is_expression(local))
		buf_put(&text, str_sub(local, 1, local.n - 1));
	else
		wildcard_put(&text, local);
	buf_byte(&text, '\0');
	ok = buf_ok(&text) && regcomp(out, buf_str(&text).p, REG_EXTENDED | REG_ICASE) == 0;
	buf_deinit(&text);
	return ok;
}

/* --- how dear -------------------------------------------------------------------------------- */

enum { DEEP = 20, REPEATS = 3 };

/* glibc compiles "x+" as "xx*", so each "+" around another doubles what is made of the innermost:
 * "((x+)+)+". POSIX leaves open what a repetition of a repetition is: "x++". How deep "+" are in
 * each other is counted; "*" and "?" count as much, so that none is dear anywhere. */
struct repeats {
	unsigned last;        /* of what stands right before         */
	unsigned most[DEEP + 1]; /* of what each open group has so far  */
	unsigned depth;
	bool repeated;        /* what stands right before is one     */
};

static bool atom(struct repeats *x, unsigned repeats)
{
	x->last = repeats;
	x->repeated = false;
	x->most[x->depth] = MAX(x->most[x->depth], repeats);
	return true;
}

static bool sign_take(struct repeats *x, char sign)
{
	switch (sign) {
	case '(':
		if (x->depth == DEEP)
			return false;
		x->most[++x->depth] = 0;
		x->last = 0;
		x->repeated = false;
		return true;
	case ')':
		x->depth -= x->depth != 0;
		return atom(x, x->most[x->depth + 1]);
	case '*':
	case '+':
	case '?':
		if (x->repeated || x->last == REPEATS)
			return false;
		atom(x, x->last + 1);
		x->repeated = true;
		return true;
	default:
		return atom(x, 0);
	}
}

/* "[:alpha:]", "[.-.]", "[=a=]" within brackets: where its end is, else i. */
static size_t class_end(struct str s, size_t i)
{
	char end[2] = { i + 1 < s.n ? s.p[i + 1] : '\0', ']' };
	ptrdiff_t at;

	if (s.p[i] != '[' || str_find_byte(STR(":.="), end[0]) < 0)
		return i;
	at = str_find(str_sub(s, i + 2, s.n), str_from(end, 2));
	return at < 0 ? i : i + 2 + (size_t)at + 1;
}

/* Where the bracket that opens at i ends. */
static size_t bracket_end(struct str s, size_t i)
{
	i++;
	i += i < s.n && s.p[i] == '^';
	i += i < s.n && s.p[i] == ']';
	while (i < s.n && s.p[i] != ']')
		i = class_end(s, i) + 1;
	return i;
}

static bool cheap(struct str expression)
{
	struct repeats x = { 0 };

	for (size_t i = 0; i < expression.n; i++) {
		char sign = expression.p[i];

		if (sign == '[')
			i = bracket_end(expression, i);
		else if (sign == '\\')
			i++;
		if (!(sign == '[' || sign == '\\' ? atom(&x, 0) : sign_take(&x, sign)))
			return false;
	}
	return true;
}

enum err pattern_check(struct str local, struct why *why)
{
	regex_t compiled;

	if (local.n > LIMIT_alias_pattern)
		return fail(why, ERR_LIMIT, "a pattern has at most %d bytes", LIMIT_alias_pattern);
	for (size_t i = 0; i < local.n; i++) {
		if ((unsigned char)local.p[i] <= ' ' || local.p[i] == 0x7f)
			return fail(why, ERR_SYNTAX,
			            "a pattern has no blanks or control characters");
		if (!pattern_is_expression(local))
			continue;
		if (local.p[i] == '{' || (local.p[i] == '\\' && ascii_digit(local.p[i + 1])))
			return fail(why, ERR_SYNTAX,
			            "an expression has no \"{\" and no \"\\1\" to \"\\9\" here");
	}
	if (pattern_is_expression(local) && !cheap(str_sub(local, 1, local.n - 1)))
		return fail(why, ERR_SYNTAX,
		            "an expression has no repetition of a repetition (\"a+*\"), and at "
		            "most %d in each other",
		            REPEATS);
	if (!compile(local, &compiled))
		return fail(why, ERR_SYNTAX, "that is no regular expression (POSIX extended)");
	regfree(&compiled);
	return OK;
}

/* --- fitting ------------------------------------------------------------------------------ */

size_t pattern_rank(struct str local)
{
	size_t rank = 1;

	if (pattern_is_expression(local))
		return 0;
	for (size_t i = 0; i < local.n; i++)
		rank += local.p[i] != '*';
	return rank;
}

struct pattern {
	struct str local; /* str_new */
	regex_t compiled; /* of an expression */
};

static bool expression_takes(const regex_t *compiled, struct str name, struct pattern_match *out)
{
	regmatch_t at[PATTERN_PARTS];
	struct arena a = { 0 };
	bool fits = regexec(compiled, str_z(&a, name), PATTERN_PARTS, at, 0) == 0;

	for (size_t i = 0; fits && i < PATTERN_PARTS; i++)
		if (at[i].rm_so >= 0)
			out->parts[i] = str_sub(name, (size_t)at[i].rm_so, (size_t)at[i].rm_eo);
	arena_deinit(&a);
	return fits;
}

/* Which texts a wildcard fits is quickly told; what its stars take is the expression's to say. */
bool pattern_fits(struct str local, struct str name, struct pattern_match *out)
{
	regex_t compiled;
	bool fits;

	*out = (struct pattern_match){ 0 };
	if (str_find_byte(name, '\0') >= 0 ||
	    (!pattern_is_expression(local) && !rule_fits(local, name)) ||
	    !compile(local, &compiled))
		return false;
	fits = expression_takes(&compiled, name, out);
	regfree(&compiled);
	return fits;
}

struct pattern *pattern_new(struct str local)
{
	struct pattern *p = NEW(struct pattern);

	if (pattern_is_expression(local) && !compile(local, &p->compiled)) {
		mem_free(p);
		return NULL;
	}
	p->local = str_new(local);
	return p;
}

void pattern_free(struct pattern **p)
{
	if (*p == NULL)
		return;
	if (pattern_is_expression((*p)->local))
		regfree(&(*p)->compiled);
	str_free(&(*p)->local);
	mem_clear(p);
}

bool pattern_takes(const struct pattern *p, struct str name, struct pattern_match *out)
{
	if (!pattern_is_expression(p->local))
		return pattern_fits(p->local, name, out);
	*out = (struct pattern_match){ 0 };
	return str_find_byte(name, '\0') < 0 && expression_takes(&p->compiled, name, out);
}

/* --- filling in --------------------------------------------------------------------------- */

/* The number of the mark at i, and how many bytes it has; false when there is none. */
static bool mark_at(struct str target, size_t i, size_t *number, size_t *bytes)
{
	*number = 1;
	*bytes = 1;
	if (target.p[i] == '*')
		return true;
	if (target.n - i < 3 || target.p[i] != '{' || target.p[i + 2] != '}' ||
	    target.p[i + 1] < '1' || target.p[i + 1] > '9')
		return false;
	*number = (size_t)(target.p[i + 1] - '0');
	*bytes = 3;
	return true;
}

bool pattern_has_marks(struct str target)
{
	size_t number, bytes;

	for (size_t i = 0; i < target.n; i++)
		if (mark_at(target, i, &number, &bytes))
			return true;
	return false;
}

struct str pattern_fill(struct arena *a, struct str target, const struct pattern_match *match)
{
	struct str filled;
	struct buf out;
	size_t number, bytes = 1;

	buf_init(&out, FILLED_MAX);
	for (size_t i = 0; i < target.n; i += bytes) {
		if (mark_at(target, i, &number, &bytes)) {
			buf_put(&out, match->parts[number]);
		} else {
			buf_byte(&out, target.p[i]);
			bytes = 1;
		}
	}
	filled = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return filled;
}
