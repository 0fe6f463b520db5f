/* foundation/text/utf7imap.h: mailbox names of IMAP4rev1, "modified UTF-7" (RFC 3501 5.1.3). */
#ifndef TEXT_UTF7IMAP_H
#define TEXT_UTF7IMAP_H
#include "foundation/base/buf.h"

/* Append UTF-8 name in modified UTF-7. False, with out as it was, when name is not valid
 * UTF-8. out grows by at most 4 bytes per input byte. */
bool utf7imap_put(struct buf *out, struct str name);

/* Decode modified UTF-7 and append it as UTF-8. Strict, so that each name has exactly one
 * spelling: false (out as it was) for 8-bit or control bytes, "&" without "-", encoded
 * printable ASCII, adjacent shifts ("&AOQ-&AOQ-"), lone surrogates, leftover bits. */
bool utf7imap_parse(struct str in, struct buf *out);

#endif
