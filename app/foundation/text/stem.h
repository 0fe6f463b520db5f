/* foundation/text/stem.h: stems of words, so that "reports", "reported" and "reporting" are found
 * as one word. Only stem.c uses Snowball. */
#ifndef TEXT_STEM_H
#define TEXT_STEM_H
#include "foundation/base/str.h"
#include "foundation/text/language.h"

struct stemmer;

/* For one thread at a time. A language is initialised at its first use. */
struct stemmer *stemmer_new(void);
/* NULL is a no-op; clears *s. */
void stemmer_free(struct stemmer **s);

/* The stem of a word in search form (foundation/text/fold.h); for LANGUAGE_NONE the word itself.
 * Never empty for a word that is not empty. Borrowed from word, or from s until the next call. Some
 * tenths of a microsecond; linear. A stem need not be a part of the word: it may begin with other
 * letters (Indonesian, Irish), or be in another script (Serbian). */
struct str stem(struct stemmer *s, enum language language, struct str word);

#endif
