/* foundation/text/language.h: which language a text is written in, as far as stemming
 * (foundation/text/stem.h) needs to know: one of those that have a stemmer, or none of them. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H
#include "foundation/base/str.h"

/* Stored by the search index: the numbers do not change. */
enum language {
	LANGUAGE_NONE, /* another one, or nobody knows */
	LANGUAGE_ARABIC,
	LANGUAGE_ARMENIAN,
	LANGUAGE_BASQUE,
	LANGUAGE_CATALAN,
	LANGUAGE_DANISH,
	LANGUAGE_DUTCH,
	LANGUAGE_ENGLISH,
	LANGUAGE_FINNISH,
	LANGUAGE_FRENCH,
	LANGUAGE_GERMAN,
	LANGUAGE_GREEK,
	LANGUAGE_HINDI,
	LANGUAGE_HUNGARIAN,
	LANGUAGE_INDONESIAN,
	LANGUAGE_IRISH,
	LANGUAGE_ITALIAN,
	LANGUAGE_LITHUANIAN,
	LANGUAGE_NEPALI,
	LANGUAGE_NORWEGIAN,
	LANGUAGE_PORTUGUESE,
	LANGUAGE_ROMANIAN,
	LANGUAGE_RUSSIAN,
	LANGUAGE_SERBIAN,
	LANGUAGE_SPANISH,
	LANGUAGE_SWEDISH,
	LANGUAGE_TAMIL,
	LANGUAGE_TURKISH,
	LANGUAGE_YIDDISH,
	LANGUAGES
};

/* Of the first tag in a Content-Language field (RFC 3282 2), "de-AT, en" say; only its primary
 * subtag counts. False: there is none. LANGUAGE_NONE with true: a language without a stemmer. */
bool language_of_field(struct str value, enum language *out);

/* A guess, by the frequent small words of each language (language_words.c) among the first some
 * hundred words of a text, and by letters that only one language has. All-zero to begin. */
struct language_guess {
	uint32_t words;             /* taken                                     */
	uint32_t foreign;           /* of them not ASCII                         */
	uint16_t counts[LANGUAGES]; /* small words and letters of each of them   */
};
/* word: folded (foundation/text/fold.h). False: it has had enough of them. Costs a look into a
 * table. Thread-safe. */
bool language_guess_take(struct language_guess *g, struct str word);
/* The best supported one; English when nothing is known of a text in ASCII. */
enum language language_guess_end(const struct language_guess *g);

/* --- Private: the table ---- */

/* Words of a language, with a space between. A word may be in several. */
extern const char *const language_words[LANGUAGES];

#endif
