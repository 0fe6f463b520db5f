/* foundation/text/regex.h: POSIX extended regular expressions (IEEE 1003.1 9.4) in linear time.
 *
 * An expression becomes a nondeterministic automaton, of which all states are followed at the
 * same time: the time of a match is at most the product of both lengths, whatever they are. So
 * there are no references back ("\1"), and no intervals ("{2,5}"), which would need copies.
 *
 * Bytes are compared, ASCII letters in either case. The match that begins first is
 * taken, and of these the longest; groups take as much as they can, from left to right. As in other
 * libraries "\w", "\W", "\s", "\S", "\d", "\D", "\b", "\B", "\<" and "\>" have their meanings. */
#ifndef TEXT_REGEX_H
#define TEXT_REGEX_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct regex;

enum {
	REGEX_GROUPS = 10,  /* the whole, and nine groups; further ones take nothing */
	REGEX_DEPTH = 20,   /* groups in each other                                  */
	REGEX_BYTES = 2048, /* of an expression                                      */
};

/* NULL: it is none, or passes a limit; why says it. */
struct regex *regex_new(struct str expression, struct why *why) MUST_USE;
/* NULL is a no-op; clears *r. */
void regex_free(struct regex **r);

/* Does it match somewhere in text, of less than 2 GiB? parts[0] is what it matches, the others what
 * the groups took; those that took part in no match are empty. Borrowed from text; all empty on
 * false. Any number of threads may match at one time. */
bool regex_match(const struct regex *r, struct str text, struct str parts[REGEX_GROUPS]);

#endif
