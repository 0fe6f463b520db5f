/* formats/message/preview.h: the first words of a message (RFC 8970 3.1). */
#ifndef MESSAGE_PREVIEW_H
#define MESSAGE_PREVIEW_H
#include "formats/message/mime.h"
#include "foundation/base/buf.h"

enum {
	PREVIEW_CHARS = 256, /* RFC 8970 3.2: at most 256 characters    */
	PREVIEW_BYTES_MAX = 4 * PREVIEW_CHARS,
};

/* Append the preview of m: plain text in UTF-8 without line breaks or control characters,
 * white space runs as one space, from the first part in the order of the message that is
 * text/plain or text/html, no attachment, and has any text. Lines that are quotes (">") are
 * skipped when other text follows; a signature is left out. Nothing when there is no text.
 * Looks at a bounded number of bytes of a part, so the cost does not grow with the message. */
void preview_put(struct buf *out, const struct message *m);

#endif
