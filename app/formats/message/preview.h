/* formats/message/preview.h: the first words of a message (RFC 8970 3.1). */
#ifndef MESSAGE_PREVIEW_H
#define MESSAGE_PREVIEW_H
#include "formats/message/mime.h"
#include "foundation/base/buf.h"

enum {
	PREVIEW_CHARS = 256, /* RFC 8970 3.2: at most 256 characters    */
	PREVIEW_BYTES_MAX = 4 * PREVIEW_CHARS,
};

/* Append the preview of m: plain text in UTF-8 without line breaks or control characters, with runs
 * of white space as one space. It is taken from the first part that is text/plain or text/html, not
 * an attachment, and has text. Quoted lines (">") are skipped when other text follows; a signature
 * is omitted. Nothing when there is no text. Reads a bounded number of bytes of a part, so the cost
 * does not grow with the message. */
void preview_put(struct buf *out, const struct message *m);

#endif
