/* foundation/text/markup.h: text inside of HTML and XML. */
#ifndef TEXT_MARKUP_H
#define TEXT_MARKUP_H
#include "foundation/base/buf.h"
#include "foundation/base/str.h"

/* Append s escaped for content and for quoted attributes: the five special characters as
 * references; bytes that are not UTF-8, and characters that XML 1.0 (2.2) does not allow, as
 * U+FFFD. */
void markup_text(struct buf *out, struct str s);

#endif
