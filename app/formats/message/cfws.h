/* formats/message/cfws.h: what structured fields have between their tokens, strictly (RFC 5322
 * 3.2.2), in the value of a field that was unfolded. Pure, linear. */
#ifndef MESSAGE_CFWS_H
#define MESSAGE_CFWS_H
#include "foundation/base/cur.h"

/* [CFWS]. False: there is a comment that does not end; c is somewhere in it. */
bool cfws_skip(struct cur *c);
/* Take a quoted-string (RFC 5322 3.2.4). content is what stands between the quotes, with its
 * quoted-pairs. False: that is none, or it does not end; c is somewhere in it. */
bool cfws_quoted(struct cur *c, struct str *content);

#endif
