/* model/search/find.h: the emails of an account that contain a pattern, by the index. */
#ifndef SEARCH_FIND_H
#define SEARCH_FIND_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/search/ids.h"
#include "model/search/search.h"

struct mail_txn;

/* Scores of emails for a FUZZY key; ids ascend. */
struct search_scores {
	uint64_t *emails;
	uint8_t *scores; /* 1 to 100 */
	size_t n, cap;
};

/* Emails up to known_to that are not in hits do not contain the pattern. Those in hits do, if they
 * are not in look and exact is set; otherwise they may. Emails above known_to may. */
struct search_found {
	struct ids hits; /* emails; look is a part of them */
	struct ids look;
	uint64_t known_to; /* 0: the index has no answer */
	bool exact;
	struct search_scores scores; /* FUZZY: for emails in hits and not in look */
};

/* pattern is folded (foundation/text/fold.h). fields: BIT(enum search_field) of the fields to
 * search; exact applies to all of these. *out is all-zero before; deinit it in either case. Costs a
 * scan of all words of these fields. A damaged index has no answer. */
enum err search_find(const struct mail_txn *m, unsigned fields, struct str pattern,
                     struct search_found *out) MUST_USE;
/* The same for words that nearly match (model/search/fuzzy.h): *out is exact then, and has scores.
 * For a pattern without words the index has no answer. */
enum err search_find_fuzzy(const struct mail_txn *m, unsigned fields, struct str pattern,
                           struct search_found *out) MUST_USE;
void search_found_deinit(struct search_found *f);

enum search_says { SAYS_NO, SAYS_YES, SAYS_MAYBE };
enum search_says search_found_says(const struct search_found *f, uint64_t email);
/* 0: unknown. */
unsigned search_found_score(const struct search_found *f, uint64_t email);
void search_scores_add(struct search_scores *s, uint64_t email, unsigned score); /* private */

#endif
