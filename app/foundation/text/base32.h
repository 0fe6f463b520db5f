/* foundation/text/base32.h: base32 (RFC 4648 6) for secrets that people may type, and base32hex
 * (RFC 4648 7) for the hashes of NSEC3. */
#ifndef TEXT_BASE32_H
#define TEXT_BASE32_H
#include "foundation/base/buf.h"

/* Append raw in base32, in capitals and without padding. */
void base32_put(struct buf *out, struct str raw);
/* base32hex without padding, of either case; *raw lives in a. False: another character, or bits
 * left over that are not 0. */
bool base32hex_decode(struct str text, struct arena *a, struct str *raw);

#endif
