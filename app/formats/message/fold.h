/* formats/message/fold.h: header fields with lines that are too long, folded (RFC 5322 2.2.3).
 *
 * A fold goes before white space that is there already, so that unfolding gives the same field:
 * behind a comma or semicolon if there is one, since that is most likely a syntactic break. Where
 * there is none, lists (of addresses, parameters, URLs) are folded behind a comma or semicolon
 * that is not within quotes, a comment or angle brackets: white space may be there, and means
 * nothing. Nothing else is: to break a word would make another one of it. */
#ifndef MESSAGE_FOLD_H
#define MESSAGE_FOLD_H
#include "formats/message/header.h"

/* Append the field; no line of it has more than LINES_MAX_BYTES. Lines that fit stay as they are.
 * False when there is no place for a fold; out has then a part of it. Linear; at most a hundredth
 * longer. No line of the result is white space alone, unless one was. */
bool fold_field_put(struct buf *out, const struct header_field *field);

#endif
