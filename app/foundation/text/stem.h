/* foundation/text/stem.h: words without their endings, so that "reports", "reported" and
 * "reporting" meet. The only door to Snowball. */
#ifndef TEXT_STEM_H
#define TEXT_STEM_H
#include "foundation/base/str.h"
#include "foundation/text/language.h"

struct stemmer;

/* Of one thread at a time. Languages are made ready when they are first asked for. */
struct stemmer *stemmer_new(void);
/* NULL is a no-op; clears *s. */
void stemmer_free(struct stemmer **s);

/* The stem of a word in search form (foundation/text/fold.h), of LANGUAGE_NONE the word itself.
 * Never empty when the word is not. Borrowed from s until it is asked again, or from word. Some
 * tenths of a microsecond; linear. A stem need not be a part of the word: it may begin with
 * other letters, too (Indonesian, Irish), or be in another script (Serbian). */
struct str stem(struct stemmer *s, enum language language, struct str word);

#endif
