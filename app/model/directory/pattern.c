/* model/directory/pattern.c: see pattern.h. */
#include "model/directory/pattern.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "foundation/text/regex.h"

/* A wildcard becomes longer as a regular expression: "(.*)" for "*", and a backslash before a
 * special character. */
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
		/* A backslash before letters or bytes of UTF-8 would be wrong. */
		if (!ascii_alnum(local.p[i]) && (unsigned char)local.p[i] < 0x80 &&
		    str_find_byte(STR(".[]()+?{}|^$\\"), local.p[i]) >= 0)
			buf_byte(out, '\\');
		buf_byte(out, local.p[i]);
	}
	buf_byte(out, '$');
}

static struct regex *pattern_compile(struct str local)
{
	struct regex *compiled;
	struct buf text;

	if (pattern_is_expression(local))
		return regex_new(str_sub(local, 1, local.n - 1), 0, NULL);
	buf_init(&text, EXPRESSION_MAX);
	wildcard_put(&text, local);
	assert(buf_ok(&text));
	compiled = regex_new(buf_str(&text), 0, NULL);
	buf_deinit(&text);
	return compiled;
}

enum err pattern_check(struct str local, struct why *why)
{
	struct regex *compiled;

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
	if ((compiled = pattern_compile(local)) == NULL)
		return fail(why, ERR_SYNTAX, "that is no regular expression (POSIX extended)");
	regex_free(&compiled);
	return OK;
}

/* --- matching ----------------------------------------------------------------------------- */

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
	struct str local;       /* str_new                       */
	struct regex *compiled; /* of an expression, or NULL     */
};

/* Whether a wildcard matches is checked without the regular expression, which is needed only for
 * the texts of its stars. */
bool pattern_fits(struct str local, struct str name, struct pattern_match *out)
{
	struct regex *compiled;
	bool fits;

	*out = (struct pattern_match){ 0 };
	if ((!pattern_is_expression(local) && !rule_fits(local, name)) ||
	    (compiled = pattern_compile(local)) == NULL)
		return false;
	fits = regex_match(compiled, name, out->parts);
	regex_free(&compiled);
	return fits;
}

struct pattern *pattern_new(struct str local)
{
	struct pattern *p = NEW(struct pattern);

	if (pattern_is_expression(local) && (p->compiled = pattern_compile(local)) == NULL) {
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
	regex_free(&(*p)->compiled);
	str_free(&(*p)->local);
	mem_clear(p);
}

bool pattern_takes(const struct pattern *p, struct str name, struct pattern_match *out)
{
	if (p->compiled == NULL)
		return pattern_fits(p->local, name, out);
	*out = (struct pattern_match){ 0 };
	return regex_match(p->compiled, name, out->parts);
}

/* --- filling in --------------------------------------------------------------------------- */

/* The number and the length in bytes of the mark at i; false when there is none. */
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
