/* model/directory/pattern.h: aliases with a pattern as their name: "sales-*" and
 * "/^(info|team)-.+$/".
 *
 * A local part with "*" is a wildcard: each "*" matches any text, also none. One between slashes is
 * a POSIX extended regular expression, which without "^" and "$" matches anywhere in the name. Both
 * are compared in normal form (normal.h), so in either case. In the targets of such an alias "{1}"
 * to "{9}" are the text of the first to ninth "*" or group, and "*" is "{1}"; so "*@old.example" to
 * "*@new.example" moves all names of a domain.
 *
 * Domain administrators may write expressions, and any sender chooses names: so a match costs at
 * most the product of both lengths (foundation/text/regex.h). Intervals "{}" and back references
 * "\1" are refused. */
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

/* Is it a wildcard or an expression, and not a plain name? */
bool pattern_is(struct str local);

/* Is it an expression? Its letters are case-sensitive: "\W" is not "\w". */
bool pattern_is_expression(struct str local);

/* ERR_SYNTAX: the expression is malformed, or uses a refused feature. ERR_LIMIT: longer than
 * LIMIT_alias_pattern. */
enum err pattern_check(struct str local, struct why *why) MUST_USE;

/* The matching pattern of the highest rank is used: wildcards by their number of
 * bytes other than "*", below them all expressions. */
size_t pattern_rank(struct str local);

/* Does the pattern, which passed pattern_check, match the name? Time: a compilation of the pattern
 * (not for a wildcard that does not match), and the product of the lengths at worst. */
bool pattern_fits(struct str local, struct str name, struct pattern_match *out);

/* A pattern for many names: an expression is compiled once. NULL: it is invalid. Thread-safe for
 * matching. */
struct pattern *pattern_new(struct str local) MUST_USE;
void pattern_free(struct pattern **p);
/* As pattern_fits; compiles only a wildcard that matches. */
bool pattern_takes(const struct pattern *p, struct str name, struct pattern_match *out);

/* A target's local part with its marks replaced, in a. */
struct str pattern_fill(struct arena *a, struct str target, const struct pattern_match *match);
/* Does it have marks? */
bool pattern_has_marks(struct str target);

#endif
