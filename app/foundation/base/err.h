/* foundation/base/err.h: errors travel in two channels.
 *
 * The caller branches on the small closed enum err; a person reads struct why. Bugs are asserts,
 * never errors. Parsers of untrusted bytes return bool instead: their caller maps false to its own
 * error. */
#ifndef BASE_ERR_H
#define BASE_ERR_H
#include "foundation/base/util.h"

enum err {
	OK = 0,
	ERR_SYNTAX,   /* the input is not of the required form                    */
	ERR_LIMIT,    /* a maximum was passed: size, count, quota                 */
	ERR_MISSING,  /* no such thing                                            */
	ERR_DENIED,   /* the caller may not do that                               */
	ERR_CONFLICT, /* it exists already, or changed meanwhile                  */
	ERR_RETRY,    /* a passing condition: run it again later                  */
	ERR_FULL,     /* no space on the disk; passes without a change by the caller */
	ERR_IO,       /* the system or the peer failed                            */
	ERR_CORRUPT,  /* stored data contradicts itself                           */
};

enum { WHY_MAX = 240 };

/* One sentence without a full stop, for the person who has to act on it. */
struct why {
	char text[WHY_MAX];
};

/* Write the sentence into why (may be NULL; cut at WHY_MAX) and return e, so that a
 * failure is one line: return fail(why, ERR_LIMIT, "more than %d parts", max); */
enum err fail(struct why *why, enum err e, const char *fmt, ...) PRINTF(3, 4);

/* fail() with strerror(errno) appended: "text: No space left on device". Maps ENOSPC and
 * EDQUOT to ERR_FULL, ENOENT to ERR_MISSING, everything else to ERR_IO. */
enum err fail_errno(struct why *why, const char *fmt, ...) PRINTF(2, 3);

/* Put "about: " in front of the sentence that is in why (may be NULL), or of e's name when
 * there is none. Returns e. */
enum err fail_about(struct why *why, enum err e, const char *about);

/* The sentence in why, or e's name when there is none: for events. Borrowed from why. */
const char *err_words(enum err e, const struct why *why);

/* The name of e in words, for logs: "limit". Static storage. */
const char *err_name(enum err e);

#endif
