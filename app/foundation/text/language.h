/* foundation/text/language.h: the language of a text, for stemming (foundation/text/stem.h): one
 * that has a stemmer, or none. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H
#include "foundation/base/str.h"

/* The search index stores these numbers: they must not change. */
enum language {
	LANGUAGE_NONE, /* another one, or unknown */
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

/* The language of the first tag in a Content-Language field (RFC 3282 2), such as "de-AT, en". Only
 * the primary subtag counts. False: no tag. LANGUAGE_NONE with true: a language without a
 * stemmer. */
bool language_of_field(struct str value, enum language *out);

/* A guess, by the frequent small words of each language (language_words.c) among the first hundreds
 * of words of a text, and by letters that only one language has. All-zero to begin. */
struct language_guess {
	uint32_t words;             /* taken                                     */
	uint32_t foreign;           /* those of them that are not ASCII */
	uint16_t counts[LANGUAGES]; /* small words and letters of each of them   */
};
/* word: folded (foundation/text/fold.h). False: no more words are needed. Costs one lookup in a
 * table. Thread-safe. */
bool language_guess_take(struct language_guess *g, struct str word);
/* The best supported language; English for a text in ASCII without any hint. */
enum language language_guess_end(const struct language_guess *g);

/* --- Private: the table ---- */

/* Words of a language, separated by spaces. A word may belong to several languages. */
extern const char *const language_words[LANGUAGES];

#endif
