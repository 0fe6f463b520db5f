/* formats/message/cfws.h: strict parsing of white space, comments and quoted-strings between tokens
 * (RFC 5322 3.2.2), in the value of an unfolded field. Pure, linear. */
#ifndef MESSAGE_CFWS_H
#define MESSAGE_CFWS_H
#include "foundation/base/cur.h"

/* [CFWS]. False: a comment does not end; c has moved into it. */
bool cfws_skip(struct cur *c);
/* Take a quoted-string (RFC 5322 3.2.4). content is the text between the quotes, with its
 * quoted-pairs. False: there is none, or it does not end; c may have moved. */
bool cfws_quoted(struct cur *c, struct str *content);

#endif
