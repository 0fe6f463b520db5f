/* flow/policy/authentication/ahead.h: what the end of a message will need is begun when its
 * header is there, and done while the body comes: its signatures are taken apart
 * (flow/policy/authentication/signatures.h), and DNS is asked for their keys and the author's
 * policy. */
#ifndef POLICY_AHEAD_H
#define POLICY_AHEAD_H
#include "flow/policy/policy.h"

struct policy_asked; /* what is asked about one message */

/* header: whole but for the empty line, copied. What DNS answers, and that it does not, is kept for
 * the message: nothing is asked again at its end, which waits for what is still to come. A session
 * may be gone before that. DNS is not asked while many do so already. The body is to be given to
 * signatures_body from here on, all of it. */
void policy_ahead(struct policy *p, struct policy_session *s, struct str header);
/* A door to what was asked, and by it to the rest of DNS; NULL when x is. */
struct dns *policy_asked_dns(struct policy_asked *x);
/* The message is gone: no more is asked. NULL is a no-op; clears *x. */
void policy_asked_leave(struct policy_asked **x);

#endif
