/* formats/message/fold.h: folding of header fields with lines that are too long (RFC 5322 2.2.3).
 *
 * A fold is inserted before existing white space, so that unfolding restores the field: if possible
 * after a comma or semicolon, the most likely syntactic breaks. Without white space, lists (of
 * addresses, parameters, URLs) are folded after a comma or semicolon outside of quotes, comments
 * and angle brackets, where white space is allowed and has no meaning. Words are not broken. */
#ifndef MESSAGE_FOLD_H
#define MESSAGE_FOLD_H
#include "formats/message/header.h"

/* Append the field; its lines have at most LINES_MAX_BYTES. Lines that fit are unchanged. False
 * when there is no place for a fold; out then has a part of the field. Linear; grows by at most one
 * percent. No line of the result is white space only, unless one was. */
bool fold_field_put(struct buf *out, const struct header_field *field);

#endif
