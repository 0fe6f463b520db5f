/* foundation/text/idna.h: domain names in other scripts (RFC 5890, 5891): "xn--bcher-kva.example"
 * is what the DNS and SMTP know, an A-label, and "b\u00fccher.example" what people read, a U-label.
 *
 * Names are kept and compared as A-labels in lower case everywhere, so that both forms are one
 * domain. What people type is mapped before (RFC 5895: lower case, width, NFC), and nothing
 * else: "stra\u00dfe" and "strasse" are two domains that may have two owners. A name that
 * breaks a rule of RFC 5891 or 5892 (a character that is no letter or digit, that looks like
 * nothing, that goes against its context or direction) is none. */
#ifndef TEXT_IDNA_H
#define TEXT_IDNA_H
#include "foundation/base/buf.h"

struct arena;

enum { IDNA_NAME_MAX = 255 };

/* A domain as people type it, in UTF-8, to its normal form, which lives in a, or is the input
 * where that is it already. Labels are of ASCII letters, digits, "-" and "_", or A-labels. False
 * when it is none; *out is then as it was. */
bool idna_ascii(struct arena *a, struct str domain, struct str *out);

/* Is each label that begins with "xn--" the A-label of some U-label (RFC 5891 5.4)? Others are
 * not looked at. */
bool idna_valid(struct str ascii);

/* Append an ASCII name as people read it: labels that are no valid A-labels stay. At most
 * four times as long. */
void idna_unicode_put(struct buf *out, struct str ascii);

#endif
