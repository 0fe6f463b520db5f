/* model/queue/quota.h: limits on queued mail per account and domain: lines of
 * ROOST_QUEUES (docs/reference/queue.md). For this folder only.
 *
 *	each=account most=500 most-size=200M
 *	each=domain from=*.shop.example most=5000
 *	each=account submitter=12 most=2000
 *
 * A line with most or most-size limits the queued messages, or bytes, of each account or
 * sender domain. The first line that matches an account applies to it, and the first that
 * matches a domain; keys as in class.h. */
#ifndef QUEUE_QUOTA_H
#define QUEUE_QUOTA_H
#include "foundation/base/err.h"
#include "foundation/config/rules.h"

/* Is it such a line? */
bool quota_is(const struct rule *r);
/* ERR_SYNTAX; why names the line. */
enum err quota_check(const struct rule *r, struct why *why) MUST_USE;

#endif
