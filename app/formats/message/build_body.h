/* formats/message/build_body.h: writing the bodies of MIME parts.
 *
 * Each function appends the Content-Transfer-Encoding field, the empty line and the encoded
 * content; the caller has appended the other fields of the part. The output is 7 bit, except for a
 * message that has 8-bit bytes itself. */
#ifndef MESSAGE_BUILD_BODY_H
#define MESSAGE_BUILD_BODY_H
#include "foundation/base/buf.h"

/* Text in UTF-8 with any line ends; they become CRLF, the last line gets one. Encoded as
 * quoted-printable unless every relay leaves it alone. */
void build_text_body(struct buf *out, struct str text);
/* Any bytes, in base64. */
void build_bytes_body(struct buf *out, struct str bytes);
/* A message or the part of one, unchanged: it may not be encoded (RFC 2046 5.2.1). False, with
 * nothing appended: it is not made of lines of at most 998 bytes that end in CRLF. */
bool build_message_body(struct buf *out, struct str message);
/* Has it bytes for which the multiparts around it need "8bit" (RFC 2045 6.4)? */
bool build_message_is_8bit(struct str message);
/* "--BOUNDARY" in a line of its own, after a line end; end: the last one, "--BOUNDARY--". */
void build_boundary_put(struct buf *out, struct str boundary, bool end);

#endif
