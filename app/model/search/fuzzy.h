/* model/search/fuzzy.h: what a FUZZY key matches (RFC 6203 3), and how well. Pure.
 *
 * A pattern is taken for its words. A message matches when each of them is somewhere in the fields
 * that are asked for, in any order, in one of the ways of enum fuzzy_grade; of the pairs that a
 * pattern in a script without spaces consists of, half are enough. So whatever contains the pattern
 * as it is matches, too. A word's score goes with the grade and with the field it is in, that of
 * a message is the mean over the words of the best of each: 1 to 100 (RFC 6203 4).
 *
 *	fuzzy_init(&f, pattern, fields)
 *	fuzzy_match(&f, i, word, ...)		by who has words: the index, a message
 *	fuzzy_total(&f, best)			the score, when all words were seen
 *
 * Stems are not stored: a stem is made of a word and a language, so the words of the index and
 * the language of each message are enough to say which messages have it. */
#ifndef SEARCH_FUZZY_H
#define SEARCH_FUZZY_H
#include "foundation/base/arena.h"
#include "foundation/text/stem.h"
#include "model/search/search.h"
#include "model/search/token.h"

/* How a word matches one of the pattern; better ones are greater. */
enum fuzzy_grade {
	FUZZY_NO,
	FUZZY_TYPO, /* begins alike; a letter is missing, too many, another, or two are swapped */
	FUZZY_PART, /* the pattern's word is in it                                              */
	FUZZY_STEM, /* both have the same stem in the message's language                        */
	FUZZY_WORD, /* it is it                                                                 */
	FUZZY_GRADES
};

enum {
	FUZZY_TYPO_CHARS =
		4, /* of a word that may have a typo, at least                          */
	FUZZY_STEM_MORE = 24, /* so many bytes a word with the pattern's stem may be longer, and
	                       * it has no digits                                           */
};

struct fuzzy_word {
	struct str word;
	bool pair;                   /* two letters of a script without spaces */
	bool typos;                  /* a typo is looked for                   */
	uint32_t begins;             /* fold_base of its first letter          */
	struct str stems[LANGUAGES]; /* as they are asked for                  */
};

struct fuzzy {
	struct fuzzy_word words[PATTERN_TOKENS];
	size_t n; /* 0: the pattern has no words: look for it as it is */
	uint8_t scores[SEARCH_FIELDS][FUZZY_GRADES];
	struct arena arena;
	struct stemmer *stemmer;
};

/* pattern: folded, outlives f. fields: BIT(enum search_field) of those asked for; a match in the
 * best of them is worth 100. */
void fuzzy_init(struct fuzzy *f, struct str pattern, unsigned fields);
void fuzzy_deinit(struct fuzzy *f);

struct fuzzy_match {
	enum fuzzy_grade grade; /* in whatever language          */
	uint32_t stems;         /* BIT of those in which it is FUZZY_STEM */
};
/* How a word of a text matches word i of the pattern. languages: BIT(enum language) of those that
 * count. Most words are refused by their first letter. */
struct fuzzy_match fuzzy_match(struct fuzzy *f, size_t i, struct str word, uint32_t languages);
/* The part of that which costs: typo and stems. in: word i is in the word, but is not it. */
struct fuzzy_match fuzzy_match_inexact(struct fuzzy *f, size_t i, struct str word, bool in,
                                       uint32_t languages);
/* May a word that begins with this byte match word i other than by having it inside? languages
 * as above. */
bool fuzzy_may_begin(const struct fuzzy *f, size_t i, char first, uint32_t languages);

/* Words with the same stem may begin with different letters in this language. */
bool fuzzy_begins_anew(enum language language);

/* The grade of a match in a message of that language. */
enum fuzzy_grade fuzzy_grade_in(struct fuzzy_match m, enum language language);

/* Of a message, in which the best score of each word is known, 0 for one that it does not have:
 * 1 to 100, or 0 when it does not match. */
unsigned fuzzy_total(const struct fuzzy *f, const uint8_t best[PATTERN_TOKENS]);

#endif
