/* foundation/text/base64url.h: base64 with the URL alphabet and without padding (RFC 4648 5, RFC
 * 7515 2), as JOSE, cookies and links use it. */
#ifndef TEXT_BASE64URL_H
#define TEXT_BASE64URL_H
#include "foundation/base/buf.h"

/* Append raw; never padded. */
void base64url_put(struct buf *out, struct str raw);
/* The same, in a. */
struct str base64url_of(struct arena *a, struct str raw);

/* Decode in, all of it, and append the bytes to out. Strict: only the alphabet, no padding,
 * unused bits zero. On false out is as it was; an overflow of out is not false. */
bool base64url_parse(struct str in, struct buf *out);

#endif
