/* policy/ahead.h: what the end of a message will need is begun when its header is there, and done
 * while the body comes: its signatures are taken apart (policy/signatures.h), and DNS is asked for
 * their keys and the author's policy. */
#ifndef POLICY_AHEAD_H
#define POLICY_AHEAD_H
#include "policy/policy.h"

/* header: whole but for the empty line, copied. What DNS answers is for the cache of config->dns
 * alone: nothing waits for it, and a session may be gone before it comes. DNS is not asked while
 * many do so already. The body is to be given to signatures_body from here on, all of it. */
void policy_ahead(struct policy *p, struct policy_session *s, struct str header);

#endif
