/* smtp/in_author.h: is the author a submitted message names the one who submits it? */
#ifndef SMTP_IN_AUTHOR_H
#define SMTP_IN_AUTHOR_H
#include "smtp/in_look.h"

/* So that no user can write in the name of another (RFC 6409 6.1): does each address at one of
 * our domains in From, Sender, Resent-From and Resent-Sender belong to this account? An author
 * elsewhere is the business of his own domain's policy. Closed to what cannot be read for sure
 * (message/authors.h), to a second From or Sender (RFC 5322 3.6), and to more than
 * LIMIT_smtp_authors addresses. No From at all is fine: in_trace.h adds one.
 *
 * OK; ERR_DENIED with *answer, which is constant; or the store's errors. */
enum err in_author_check(const struct in_look *look, struct str header,
                         const struct in_answer **answer) MUST_USE;

#endif
