/* flow/acceptance/author.h: is the author a submitted message names the one who submits it? */
#ifndef ACCEPTANCE_AUTHOR_H
#define ACCEPTANCE_AUTHOR_H
#include "flow/acceptance/addresses.h"

/* A user writes only in his own name (RFC 6409 6.1): each address in From, Sender, Resent-From
 * and Resent-Sender must be one that this account may send as. With ROOST_FOREIGN_AUTHORS an
 * address at a remote domain is allowed too. Closed to what cannot be read for sure
 * (formats/message/authors.h), to a second From or Sender (RFC 5322 3.6), and to more than
 * LIMIT_smtp_authors addresses. No From at all is fine: fields.h adds one.
 *
 * OK; ERR_DENIED with *answer, which is constant; or the store's errors. */
enum err accept_author_check(const struct accept_check *look, struct str header,
                         const struct smtp_answer **answer) MUST_USE;

#endif
