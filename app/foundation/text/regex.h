/* foundation/text/regex.h: POSIX extended regular expressions (IEEE 1003.1 9.4) in linear time.
 *
 * An expression becomes a nondeterministic automaton whose states are all followed at the same
 * time, so a match takes at most the product of the length of the text and the number of states.
 * Therefore there are no back references ("\1"). An interval ("a{2,5}") stands for copies.
 *
 * Bytes are compared, ASCII letters in either case. The leftmost match is taken, and of several the
 * longest; groups are greedy from left to right. "\w", "\W", "\s", "\S", "\d", "\D", "\b", "\B",
 * "\<" and "\>" have their usual meanings. */
#ifndef TEXT_REGEX_H
#define TEXT_REGEX_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct regex;

enum {
	REGEX_GROUPS = 10,  /* the whole match and nine groups; further groups capture nothing */
	REGEX_DEPTH = 20,   /* nesting of groups */
	REGEX_BYTES = 2048, /* of an expression                                      */
	REGEX_REPEATS = 255, /* of an interval                                       */
	REGEX_STATES = 6152, /* in total, with the copies of intervals                */
};

enum { REGEX_CASE = BIT(0) }; /* letters are compared with their case */

/* NULL: the expression is invalid or passes a limit; why has the reason. */
struct regex *regex_new(struct str expression, unsigned flags, struct why *why) MUST_USE;
/* NULL is a no-op; clears *r. */
void regex_free(struct regex **r);

/* Bytes of memory for it and for one match. */
size_t regex_bytes(const struct regex *r);
size_t regex_states(const struct regex *r);

/* Does it match somewhere in text, of less than 2 GiB? parts[0] is the match, the others are the
 * groups; a group without a match is empty. Borrowed from text; all empty on false. Thread-safe. */
bool regex_match(const struct regex *r, struct str text, struct str parts[REGEX_GROUPS]);

#endif
