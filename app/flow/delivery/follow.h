/* flow/delivery/follow.h: where the recipients of a message lead, and whose bounces they will be.
 *
 * The return path of mail that leaves again is
 *
 *	the message's       when its sender is one of ours, or the recipient was elsewhere
 *	a list's owner      when it goes out to a member (RFC 5321 3.9.2)
 *	of srs.h            when an alias, a pattern or a catch-all sends a stranger's mail on,
 *	                    unless ROOST_SRS is off: other servers ask whether we may send for
 *	                    the return path's domain (RFC 7208)
 *	null                when it was: a bounce to an address of srs.h goes to its sender so
 */
#ifndef DELIVERY_FOLLOW_H
#define DELIVERY_FOLLOW_H
#include "foundation/base/err.h"

struct plan;
struct plan_local;

/* Fill locals, remotes and leads of a new plan. In a transaction of its own that reads; errors are
 * the store's. */
enum err follow_rcpts(struct plan *p) MUST_USE;

/* A place of the plan has no room: he waits for some, in the queue, as those elsewhere do. */
void follow_wait(struct plan *p, struct plan_local *local);

/* Add to m->met, if there is one, where a plan that is durable has led. */
void follow_met(const struct plan *p);

#endif
