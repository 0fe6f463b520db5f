/* foundation/text/charset.h: text in a labelled charset, to UTF-8.
 *
 * Single-byte charsets are tables, and the common stateful ones are decoded in this folder, so that
 * they do not depend on the libc. The East Asian multibyte ones use iconv; glibc and musl both have
 * the common set. Thread-safe. */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H
#include "foundation/base/buf.h"

enum { CHARSET_GROWTH = 5 };

/* Append in, which is in the charset named by label (any case, any known alias), to out as
 * UTF-8. Never fails:
 *   - an unknown or empty label, and "us-ascii" over 8-bit bytes: as UTF-8 when in is valid
 *     UTF-8, as windows-1252 otherwise;
 *   - bytes that mean nothing in the charset become U+FFFD;
 *   - iso-8859-1 is read as windows-1252, as mail clients do.
 * NUL bytes are kept. out grows by at most CHARSET_GROWTH bytes per input byte. */
void charset_decode(struct buf *out, struct str label, struct str in);

/* Is the charset known, so that charset_decode does not guess (SEARCH CHARSET, BADCHARSET)? */
bool charset_known(struct str label);
/* Does it encode characters as units of two or four bytes? Do not split such text at byte '\n'. */
bool charset_is_wide(struct str label);

#endif
