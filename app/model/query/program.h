/* model/query/program.h: conditions on emails as a flat program. SEARCH of IMAP (RFC 9051 6.4.4)
 * and filters of JMAP (RFC 8621 4.4.1) are compiled into it.
 *
 * Steps are in postfix order, so that the evaluation does not recurse. Unread mail that is from x
 * or is not large:
 *
 *	FLAG \Seen   NOT   HEADER from x   SIZE 0 to 9999   OR   AND
 *
 * The evaluation needs a stack of at most QUERY_STACK verdicts; compilers check that. A verdict may
 * be "unknown": query_run propagates it through AND, OR and NOT. So a searcher can first evaluate
 * with cheap data (flags), and open the message only when the result depends on it. */
#ifndef QUERY_PROGRAM_H
#define QUERY_PROGRAM_H
#include "foundation/base/str.h"

enum { QUERY_STACK = 64 };

enum query_op {
	QUERY_AND,
	QUERY_OR,
	QUERY_NOT,
	QUERY_ALL,
	QUERY_FLAG, /* number: of the flag (flags.h); -1: no email has it */
	/* lo to hi: */
	QUERY_SIZE,
	QUERY_RECEIVED,     /* ms since 1970: the internal date */
	QUERY_RECEIVED_DAY, /* days since 1970 */
	QUERY_SAVED_DAY,    /* of the save date (RFC 8514 4.3) */
	QUERY_SENT_DAY,     /* of the Date field */
	QUERY_AGE,          /* seconds since the internal date (RFC 5032) */
	/* text: in search form (foundation/text/fold.h) */
	QUERY_HEADER, /* in a field of that name, empty: any; without text: the field exists */
	QUERY_BODY,
	QUERY_TEXT, /* in header or body */
	/* The caller tests it, by the number of the step: message numbers, mailboxes, threads. */
	QUERY_CALLER,
};

struct query_step {
	enum query_op op;
	struct str text, name;
	bool fuzzy; /* RFC 6203 */
	int number;
	int64_t lo, hi;
	int64_t slack; /* distance from these at which a fuzzy step still matches */
};

struct query_program {
	struct query_step *steps;
	size_t n;
};

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };

/* test is called for each step other than AND, OR and NOT. */
enum verdict query_run(const struct query_program *p,
                       enum verdict (*test)(const struct query_step *, void *), void *arg);

enum { QUERY_SCORE_MAX = 100, QUERY_SCORE_PLAIN = 101 };
/* The relevancy of a matching email, 1 to 100 (RFC 6203 4). score is called like test: 0 when the
 * step does not match, QUERY_SCORE_PLAIN when it matches and is not fuzzy, otherwise the score. AND
 * of fuzzy steps is the mean, OR the maximum; steps below NOT, and steps that are not fuzzy, do not
 * count. */
unsigned query_score(const struct query_program *p,
                     unsigned (*score)(const struct query_step *, void *), void *arg);

/* How close value is to lo to hi: 100 within. Else 0, or for a fuzzy step less the greater the
 * distance. */
unsigned query_near(const struct query_step *step, int64_t value);

#endif
