/* foundation/text/idna.h: internationalised domain names (RFC 5890, 5891). The DNS and SMTP use the
 * A-label "xn--bcher-kva.example"; people read the U-label "b\u00fccher.example".
 *
 * Names are stored and compared as A-labels in lower case, so that both forms are one domain. Input
 * is mapped first (RFC 5895: lower case, width, NFC), and nothing else: "stra\u00dfe" and "strasse"
 * are two domains that may have two owners. A name that breaks a rule of RFC 5891 or 5892 (a
 * character that is neither letter nor digit, that is invisible, or that is wrong in its context or
 * direction) is invalid. */
#ifndef TEXT_IDNA_H
#define TEXT_IDNA_H
#include "foundation/base/buf.h"

struct arena;

enum { IDNA_NAME_MAX = 255 };

/* Convert a domain in UTF-8, as a person types it, to its normal form. It lives in a, or is the
 * input when that is normal. Labels consist of ASCII letters, digits, "-" and "_", or are A-labels.
 * False when the domain is invalid; *out is then unchanged. */
bool idna_ascii(struct arena *a, struct str domain, struct str *out);

/* Is each label that begins with "xn--" the A-label of some U-label (RFC 5891 5.4)? Other labels
 * are not checked. */
bool idna_valid(struct str ascii);

/* Append an ASCII name in its readable form: invalid A-labels are unchanged. At most four times as
 * long. */
void idna_unicode_put(struct buf *out, struct str ascii);

#endif
