/* foundation/text/punycode.h: Punycode (RFC 3492): a label of any characters, encoded as letters,
 * digits and "-". */
#ifndef TEXT_PUNYCODE_H
#define TEXT_PUNYCODE_H
#include "foundation/base/buf.h"

enum { PUNYCODE_MAX = 63 }; /* characters of a label, encoded or decoded */

/* Append the encoded form of n characters (at most PUNYCODE_MAX), without "xn--". Letters keep
 * their case. Quadratic in n. */
void punycode_put(struct buf *out, const uint32_t *chars, size_t n);

/* Decode in to at most PUNYCODE_MAX characters in to. False when in is malformed or longer. Several
 * inputs may decode to one result: encode it again to compare. */
bool punycode_parse(struct str in, uint32_t to[static PUNYCODE_MAX], size_t *n);

#endif
