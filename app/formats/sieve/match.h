/* formats/sieve/match.h: comparators and match types (RFC 5228 2.7). Private to formats/sieve.
 *
 * A test gives its values one by one to a matcher, which compares each with the keys of the
 * operation:
 *
 *   sieve_matcher_init(&m, r, op, ARG_2);
 *   while (... values ...)
 *           if (sieve_matcher_value(&m, value))
 *                   return true;
 *   return sieve_matcher_end(&m); */
#ifndef SIEVE_MATCH_H
#define SIEVE_MATCH_H
#include "formats/sieve/run.h"
#include "foundation/base/err.h"

enum sieve_comparator { COMPARE_CASEMAP, COMPARE_OCTET, COMPARE_NUMERIC, COMPARE_UNICODE,
	                COMPARATORS };

/* False for an unknown name. */
bool sieve_comparator_find(struct str name, enum sieve_comparator *out, enum sieve_ext *ext);

enum sieve_relation { RELATION_GT, RELATION_GE, RELATION_LT, RELATION_LE, RELATION_EQ,
	              RELATION_NE, RELATIONS };
bool sieve_relation_find(struct str name, enum sieve_relation *out);

/* The automaton of a :regex key; NULL with a reason in why. */
struct regex *sieve_regex_new(struct str expression, enum sieve_comparator c, struct why *why);

struct sieve_matcher {
	struct sieve_run *run;
	const struct sieve_op *op;
	enum sieve_arg keys;
	enum sieve_match type;
	enum sieve_comparator comparator;
	enum sieve_relation relation;
	uint64_t count;
	bool quiet; /* match variables stay as they are */
	bool words; /* a key is a set of words, each of which is a key (RFC 5232 4) */
};

void sieve_matcher_init(struct sieve_matcher *m, struct sieve_run *r, const struct sieve_op *op,
                        enum sieve_arg keys);
/* A value: does a key match it? Counts it for :count, and returns false then. */
bool sieve_matcher_value(struct sieve_matcher *m, struct str value);
/* No more values: does the count match? */
bool sieve_matcher_end(struct sieve_matcher *m);

/* compare.c: less than 0, 0 or more, in the order of the comparator. */
int sieve_compare(struct sieve_run *r, enum sieve_comparator c, struct str a, struct str b);
bool sieve_contains(struct sieve_run *r, enum sieve_comparator c, struct str text,
                    struct str key);
/* Does the pattern of "*", "?" and "\" match all of text? spans[0] is the whole, then what each
 * wildcard matched, each as little as possible from the left (RFC 5229 3.2); further ones than
 * MATCH_VALUES are dropped. */
bool sieve_glob(struct sieve_run *r, enum sieve_comparator c, struct str text, struct str pattern,
                struct span *spans, size_t *n);

/* The text of a number of RFC 4790 9.1 as it is sorted: its digits without zeros before them.
 * False: infinity. */
bool sieve_digits(struct str s, struct str *out);

#endif
