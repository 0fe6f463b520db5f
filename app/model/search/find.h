/* model/search/find.h: which emails of an account contain a pattern, as far as the index knows. */
#ifndef SEARCH_FIND_H
#define SEARCH_FIND_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/search/ids.h"
#include "model/search/search.h"

struct mail_txn;

/* How well emails match what was asked for FUZZY; ids ascend. */
struct search_scores {
	uint64_t *emails;
	uint8_t *scores; /* 1 to 100 */
	size_t n, cap;
};

/* Emails up to known_to that are not in hits do not contain it. Those in hits do, if they are
 * not in look and exact is set; else they may. Those above known_to may. */
struct search_found {
	struct ids hits; /* also those in look */
	struct ids look;
	uint64_t known_to; /* 0: the index has nothing to say */
	bool exact;
	struct search_scores scores; /* FUZZY: of those in hits and not in look */
};

/* pattern is folded (foundation/text/fold.h). fields: BIT(enum search_field) where it may stand;
 * exact is about all of these. *out is all-zero before and to be deinited in either case. Costs
 * a look at all words of these fields. A damaged index has nothing to say. */
enum err search_find(const struct mail_txn *m, unsigned fields, struct str pattern,
                     struct search_found *out) MUST_USE;
/* The same for words that nearly match (model/search/fuzzy.h): *out is exact then, and has
 * scores. A pattern without any word: nothing is known. */
enum err search_find_fuzzy(const struct mail_txn *m, unsigned fields, struct str pattern,
                           struct search_found *out) MUST_USE;
void search_found_deinit(struct search_found *f);

enum search_says { SAYS_NO, SAYS_YES, SAYS_MAYBE };
enum search_says search_found_says(const struct search_found *f, uint64_t email);
/* 0: none is known. */
unsigned search_found_score(const struct search_found *f, uint64_t email);
void search_scores_add(struct search_scores *s, uint64_t email, unsigned score); /* private */

#endif
