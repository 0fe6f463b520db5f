/* smtp/in_author.h: is the author a submitted message names the one who submits it? */
#ifndef SMTP_IN_AUTHOR_H
#define SMTP_IN_AUTHOR_H
#include "smtp/in_look.h"

/* A user writes only in his own name (RFC 6409 6.1): each address in From, Sender, Resent-From
 * and Resent-Sender must be one that this account may send as. With ROOST_FOREIGN_AUTHORS an
 * address at a remote domain is allowed too. Closed to what cannot be read for sure
 * (message/authors.h), to a second From or Sender (RFC 5322 3.6), and to more than
 * LIMIT_smtp_authors addresses. No From at all is fine: in_trace.h adds one.
 *
 * OK; ERR_DENIED with *answer, which is constant; or the store's errors. */
enum err in_author_check(const struct in_look *look, struct str header,
                         const struct in_answer **answer) MUST_USE;

#endif
