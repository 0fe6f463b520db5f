/* model/search/fuzzy.h: the match of a FUZZY key (RFC 6203 3), and its score. Pure.
 *
 * A pattern stands for its words. A message matches when each of them is in one of the requested
 * fields, in any order, with one of the grades of enum fuzzy_grade; for a pattern in a script
 * without spaces, which consists of pairs, half of them are enough. So a message that contains the
 * pattern exactly matches, too. The score of a word depends on the grade and on the field. The
 * score of a message is the mean of the best scores of each word: 1 to 100 (RFC 6203 4).
 *
 *	fuzzy_init(&f, pattern, fields)
 *	fuzzy_match(&f, i, word, ...)		for each word of the index or the message
 *	fuzzy_total(&f, best)			the score, after all words
 *
 * Stems are not stored: a stem depends on a word and a language, so the words of the index and the
 * language of each message suffice to find it. */
#ifndef SEARCH_FUZZY_H
#define SEARCH_FUZZY_H
#include "foundation/base/arena.h"
#include "foundation/text/stem.h"
#include "model/search/search.h"
#include "model/search/token.h"

/* How a word matches one of the pattern; better grades are greater. */
enum fuzzy_grade {
	FUZZY_NO,
	FUZZY_TYPO, /* same beginning; one letter is missing, added or replaced, or two are
		     * swapped */
	FUZZY_PART, /* the pattern's word is a part of it */
	FUZZY_STEM, /* both have the same stem in the message's language                        */
	FUZZY_WORD, /* the words are equal */
	FUZZY_GRADES
};

enum {
	FUZZY_TYPO_CHARS =
		4, /* the minimum for a word with a typo */
	FUZZY_STEM_MORE = 24, /* the most bytes by which a word with the pattern's stem may be
	                       * longer; without digits */
};

struct fuzzy_word {
	struct str word;
	bool pair;                   /* two letters of a script without spaces */
	bool typos;                  /* typos are allowed */
	uint32_t begins;             /* fold_base of its first letter          */
	struct str stems[LANGUAGES]; /* computed at the first use */
};

struct fuzzy {
	struct fuzzy_word words[PATTERN_TOKENS];
	size_t n; /* 0: the pattern has no words: search for it literally */
	uint8_t scores[SEARCH_FIELDS][FUZZY_GRADES];
	struct arena arena;
	struct stemmer *stemmer;
};

/* pattern: folded, outlives f. fields: BIT(enum search_field) of the requested ones; a match in the
 * best of them scores 100. */
void fuzzy_init(struct fuzzy *f, struct str pattern, unsigned fields);
void fuzzy_deinit(struct fuzzy *f);

struct fuzzy_match {
	enum fuzzy_grade grade; /* in any language */
	uint32_t stems;         /* BIT of the languages with FUZZY_STEM */
};
/* How a word of a text matches word i of the pattern. languages: BIT(enum language) of the possible
 * ones. Most words are rejected by their first letter. */
struct fuzzy_match fuzzy_match(struct fuzzy *f, size_t i, struct str word, uint32_t languages);
/* The expensive part: typo and stems. in: word i is a part of the word, but not equal. */
struct fuzzy_match fuzzy_match_inexact(struct fuzzy *f, size_t i, struct str word, bool in,
                                       uint32_t languages);
/* Can a word that begins with this byte match word i other than by containing it? languages as
 * above. */
bool fuzzy_may_begin(const struct fuzzy *f, size_t i, char first, uint32_t languages);

/* Can words with the same stem begin with different letters in this language? */
bool fuzzy_begins_anew(enum language language);

/* The grade of a match in a message of that language. */
enum fuzzy_grade fuzzy_grade_in(struct fuzzy_match m, enum language language);

/* The score of a message with the best score of each word, 0 for a missing one: 1 to 100, or 0 when
 * it does not match. */
unsigned fuzzy_total(const struct fuzzy *f, const uint8_t best[PATTERN_TOKENS]);

#endif
