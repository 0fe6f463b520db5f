/* foundation/text/fold.h: Unicode forms for comparison and search. Only fold.c and idna use
 * utf8proc. Malformed UTF-8 is read as U+FFFD. Thread-safe; cost is linear. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H
#include "foundation/base/buf.h"

struct arena;

enum { FOLD_GROWTH = 18 }; /* output bytes per input byte, at most */

/* Append the search form of s: case folded, compatibility-decomposed and recomposed (NFKC
 * with full case folding; finer than i;unicode-casemap of RFC 5051 only where that one is
 * not closed under normalisation), ignorable characters removed. A text contains a pattern
 * for SEARCH when its form contains the pattern's form. ASCII is a fast path. out
 * grows by at most FOLD_GROWTH times, usually hardly at all: give it a cap. */
void fold_put(struct buf *out, struct str s);

/* Append s in NFC (RFC 5198 3): the stored form of mailbox names and local parts, so that input
 * from different keyboards gives one name. */
void fold_nfc_put(struct buf *out, struct str s);
/* s in NFC, in a; s itself (the same p) when it is in NFC already, or is not UTF-8. */
struct str fold_nfc(struct arena *a, struct str s);

/* Append the octets by which i;unicode-casemap compares s (RFC 5051 2): each character in title
 * case, then decomposed. Grows as fold_put. */
void fold_casemap_put(struct buf *out, struct str s);

/* A letter without its marks: "e" for "\u00e9". Other characters are unchanged. */
uint32_t fold_base(uint32_t ch);

/* Append s as ASCII: letters without their marks, typographic signs as their ASCII forms, "?" for
 * each other character. Never longer than s. */
void fold_ascii_put(struct buf *out, struct str s);

/* Equal in search form. */
bool fold_equal(struct str a, struct str b);

#endif
