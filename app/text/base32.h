/* text/base32.h: base32 (RFC 4648 6) for secrets that people may have to type. */
#ifndef TEXT_BASE32_H
#define TEXT_BASE32_H
#include "base/buf.h"

/* Append raw in base32, in capitals and without padding. */
void base32_put(struct buf *out, struct str raw);

#endif
