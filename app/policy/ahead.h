/* policy/ahead.h: what the end of a message will ask of DNS is asked when its header is there, so
 * that the answers come while the body does. */
#ifndef POLICY_AHEAD_H
#define POLICY_AHEAD_H
#include "policy/policy.h"

/* header: whole, copied. Any answers are for the cache of config->dns alone: nothing waits for
 * them, and a session may be gone before they come. Does nothing while many do so already. */
void policy_ahead(struct policy *p, const struct policy_session *s, struct str header);

#endif
