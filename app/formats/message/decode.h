/* formats/message/decode.h: the content of a part: transfer encoding decoded, text in UTF-8. */
#ifndef MESSAGE_DECODE_H
#define MESSAGE_DECODE_H
#include "formats/message/mime.h"
#include "foundation/base/buf.h"

/* Content-Transfer-Encoding by its name; false (and 8bit) for an unknown one: treat the bytes as
 * application/octet-stream (RFC 2045 6.4). */
bool decode_encoding_of(struct str name, enum part_encoding *out);

/* Append the decoded bytes of body. Never fails; out grows by at most body.n + 3. */
void decode_bytes(struct buf *out, enum part_encoding encoding, struct str body);

/* Append the text of a part, decoded and converted to UTF-8 from charset (a label, or empty). */
void decode_text(struct buf *out, enum part_encoding encoding, struct str charset, struct str body);

#endif
