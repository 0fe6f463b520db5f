/* foundation/text/punycode.h: Punycode (RFC 3492): a label of any characters in letters, digits
 * and "-". */
#ifndef TEXT_PUNYCODE_H
#define TEXT_PUNYCODE_H
#include "foundation/base/buf.h"

enum { PUNYCODE_MAX = 63 }; /* characters of a label, either way */

/* Append the form of n characters (at most PUNYCODE_MAX), without "xn--". Letters keep their
 * case. Quadratic in n. */
void punycode_put(struct buf *out, const uint32_t *chars, size_t n);

/* The other way round: at most PUNYCODE_MAX characters into to. False when in is none, or is
 * longer. Not all that decodes is what punycode_put would have written: encode it again. */
bool punycode_parse(struct str in, uint32_t to[static PUNYCODE_MAX], size_t *n);

#endif
