/* foundation/text/charset.h: text in whatever charset its label claims, to UTF-8.
 *
 * The single-byte charsets are tables of our own and the stateful ones that matter are
 * decoded here, so that they do not depend on the libc; the East Asian multibyte ones go
 * through iconv, of which glibc and musl both have the common set. Thread-safe. */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H
#include "foundation/base/buf.h"

enum { CHARSET_GROWTH = 5 };

/* Append in, which is in the charset named by label (any case, any known alias), to out as
 * UTF-8. Never fails:
 *   - an unknown or empty label, and "us-ascii" over 8-bit bytes: as UTF-8 when in is valid
 *     UTF-8, as windows-1252 otherwise;
 *   - bytes that mean nothing in the charset become U+FFFD;
 *   - iso-8859-1 is read as windows-1252, as every mail program does.
 * NUL bytes are kept. out grows by at most CHARSET_GROWTH bytes per input byte. */
void charset_decode(struct buf *out, struct str label, struct str in);

/* charset_decode has more than a guess for this label (SEARCH CHARSET, BADCHARSET). */
bool charset_known(struct str label);
/* Its characters are units of two or four bytes: not to be cut at a byte '\n'. */
bool charset_is_wide(struct str label);

#endif
