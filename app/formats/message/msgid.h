/* formats/message/msgid.h: message identifiers of Message-ID, In-Reply-To and References (RFC 5322
 * 3.6.4). */
#ifndef MESSAGE_MSGID_H
#define MESSAGE_MSGID_H
#include "foundation/base/cur.h"

enum { MSGID_MAX = 996 }; /* a header line cannot hold a longer one */

/* Take the next identifier of a field value, without its angle brackets, skipping what is
 * none: comments, phrases ("Your message of ..."), folding. Empty ones and those past
 * MSGID_MAX or with white space inside are skipped. False when none is left. Borrowed. */
bool msgid_next(struct cur *c, struct str *out);

#endif
