/* foundation/text/utf8.h: UTF-8 (RFC 3629): check, walk, repair. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

#define UTF8_REPLACEMENT 0xfffdu /* stands for malformed bytes */

/* Only well-formed sequences: no surrogates, nothing overlong, nothing past U+10FFFF. */
bool utf8_valid(struct str s);
/* Only bytes below 0x80. */
bool utf8_ascii(struct str s);

/* Take one character. Malformed bytes give U+FFFD, one for each maximal part of a sequence
 * (Unicode 3.9, "U+FFFD substitution"). The cursor must not be at its end. */
uint32_t utf8_next(struct cur *c);

/* Append one character; surrogates and numbers past U+10FFFF become U+FFFD. */
void utf8_put(struct buf *out, uint32_t c);
/* Append s with every malformed part replaced by U+FFFD: at most 3 bytes for one. */
void utf8_put_clean(struct buf *out, struct str s);

/* The number of characters that utf8_next would return. */
size_t utf8_count(struct str s);
/* The longest prefix of at most n bytes that does not end inside a character. */
struct str utf8_cut(struct str s, size_t n);

#endif
