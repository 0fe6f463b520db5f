/* model/directory/pattern.h: aliases whose name stands for many: "sales-*" and
 * "/^(info|team)-.+$/".
 *
 * A local part with "*" is a wildcard: each "*" is any text, also none. One between slashes is a
 * POSIX extended regular expression, which fits anywhere in the name without "^" and "$". Both are
 * compared in normal form (normal.h), so in either case. In the targets of
 * such an alias "{1}" to "{9}" are what the first to ninth "*" or group took, and "*" is "{1}";
 * so "*@old.example" to "*@new.example" moves a domain name by name.
 *
 * Expressions come from administrators of single domains too, and names from everybody: so a
 * match costs at most the length of one times that of the other (foundation/text/regex.h).
 * Intervals "{}" and references back "\1" are refused. */
#ifndef DIRECTORY_PATTERN_H
#define DIRECTORY_PATTERN_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct pattern;

enum { PATTERN_PARTS = 10 }; /* the whole, and nine of it */

struct pattern_match {
	struct str parts[PATTERN_PARTS]; /* [0] is all; borrowed from the name */
};

/* Is it a wildcard or an expression, and not just a name? */
bool pattern_is(struct str local);

/* A regular expression, not a wildcard? Its letters count in their case: "\W" is not "\w". */
bool pattern_is_expression(struct str local);

/* ERR_SYNTAX: the expression is none, or has something that is refused. ERR_LIMIT: longer than
 * LIMIT_alias_pattern. */
enum err pattern_check(struct str local, struct why *why) MUST_USE;

/* Of those that fit, the one of the highest rank is taken: wildcards by their number of bytes
 * that are no "*", below them all expressions. */
size_t pattern_rank(struct str local);

/* Does the pattern, which passed pattern_check, fit the name? Time: a compilation of the pattern,
 * which a wildcard that does not fit is spared, and the product of the lengths at worst. */
bool pattern_fits(struct str local, struct str name, struct pattern_match *out);

/* One that is kept for many names: an expression is compiled once. NULL: it did not pass. Any
 * number of threads may fit names at one time. */
struct pattern *pattern_new(struct str local) MUST_USE;
void pattern_free(struct pattern **p);
/* As pattern_fits, without the compilation unless a wildcard does fit. */
bool pattern_takes(const struct pattern *p, struct str name, struct pattern_match *out);

/* A target's local part with its marks replaced, in a. */
struct str pattern_fill(struct arena *a, struct str target, const struct pattern_match *match);
/* Has it marks? */
bool pattern_has_marks(struct str target);

#endif
