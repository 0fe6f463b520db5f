/* foundation/text/fold.h: Unicode forms in which texts are compared and searched. The only door to
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
 * grows by at most FOLD_GROWTH times, in practice hardly at all: give it a cap. */
void fold_put(struct buf *out, struct str s);

/* Append s in NFC (RFC 5198 3): how mailbox names and local parts are stored, so that two
 * keyboards' spellings of one name meet. */
void fold_nfc_put(struct buf *out, struct str s);
/* s in NFC, in a; s itself (the same p) when it is that already, or is no UTF-8. */
struct str fold_nfc(struct arena *a, struct str s);

/* Append the octets by which i;unicode-casemap compares s (RFC 5051 2): each character in title
 * case, then decomposed. Grows as fold_put. */
void fold_casemap_put(struct buf *out, struct str s);

/* A letter without its marks: "e" of "\u00e9". What has none is as it was. */
uint32_t fold_base(uint32_t ch);

/* Append s as ASCII, for readers who know no more: letters without their marks, the usual signs of
 * printed text as typewriters have them, "?" for each other character. Never longer than s. */
void fold_ascii_put(struct buf *out, struct str s);

/* Equal in search form. */
bool fold_equal(struct str a, struct str b);

#endif
