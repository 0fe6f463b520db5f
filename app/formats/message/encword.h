/* formats/message/encword.h: encoded-words of header fields (RFC 2047), to UTF-8. */
#ifndef MESSAGE_ENCWORD_H
#define MESSAGE_ENCWORD_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

struct arena;

/* Decode one encoded-word at the cursor and append it to out as UTF-8.
 * c    at "=?"; moved past "?=" on true, unmoved on false.
 * out  grows by at most CHARSET_GROWTH bytes per input byte; unmappable bytes become U+FFFD.
 * Returns false when the bytes are not an encoded-word: show them as plain text; a malformed one
 * must not fail the message (RFC 2047 6.3). A language (RFC 2231 5) is skipped. Linear, no
 * allocation except out's. */
bool encword_parse(struct cur *c, struct buf *out);

/* Append a field value, or a display name, for display: unfolded, encoded-words decoded, white
 * space between two of them dropped (RFC 2047 6.2), characters split between adjacent words of one
 * charset joined, raw 8-bit bytes read as UTF-8 or windows-1252. Control characters become
 * spaces. */
void encword_text_put(struct buf *out, struct str value);
/* The same in a; cut at max bytes between characters. */
struct str encword_text(struct arena *a, struct str value, size_t max);

#endif
