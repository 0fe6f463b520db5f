/* formats/message/msgid.h: message identifiers of Message-ID, In-Reply-To and References (RFC 5322
 * 3.6.4). */
#ifndef MESSAGE_MSGID_H
#define MESSAGE_MSGID_H
#include "foundation/base/cur.h"

enum { MSGID_MAX = 996 }; /* the maximum in one header line */

/* Take the next identifier of a field value, without its angle brackets. Skips other text:
 * comments, phrases ("Your message of ..."), folding, and identifiers that are empty, longer than
 * MSGID_MAX or contain white space. False when none is left. Borrowed. */
bool msgid_next(struct cur *c, struct str *out);

#endif
