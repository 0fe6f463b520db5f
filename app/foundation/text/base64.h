/* foundation/text/base64.h: base64 (RFC 4648 4) for SASL, MIME bodies and encoded-words. */
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H
#include "foundation/base/buf.h"

/* Append raw in base64, padded, in one line. */
void base64_put(struct buf *out, struct str raw);

/* Append raw in base64 as lines of 76 characters that each end in CRLF (RFC 2045 6.8);
 * nothing for empty input. */
void base64_put_lines(struct buf *out, struct str raw);

/* Decode in, all of it, and append the bytes to out. Strict, for SASL and the like: only
 * the alphabet, full padding, no space, unused bits zero (RFC 4648 3.5). On false out is
 * as it was. An overflow of out is not false: check buf_ok. */
bool base64_parse(struct str in, struct buf *out);

/* Decode leniently, for mail bodies (RFC 2045 6.8): bytes outside the alphabet are skipped, padding
 * ends a group and more groups may follow, missing padding at the end is assumed. Never fails; out
 * grows by at most 3 bytes per 4 of input, plus 3. */
void base64_decode(struct str in, struct buf *out);

#endif
