/* flow/delivery/follow.h: resolves the recipients of a message, and sets return paths.
 *
 * The return path of mail that is sent on is
 *
 *	the message's       if its sender is local, or the recipient was remote
 *	a list's owner      if it goes to a member (RFC 5321 3.9.2)
 *	of srs.h            if an alias, a pattern or a catch-all forwards mail of a remote
 *	                    sender, unless ROOST_SRS is off: other servers check whether we may
 *	                    send for the return path's domain (RFC 7208)
 *	null                if it was null: a bounce to an address of srs.h goes to its sender so */
#ifndef DELIVERY_FOLLOW_H
#define DELIVERY_FOLLOW_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct plan;
struct plan_remote;
struct plan_local;

/* Set locals, remotes and leads of a new plan. In its own read transaction; errors are
 * the store's. */
enum err follow_rcpts(struct plan *p) MUST_USE;

/* The account of a local target redirects the message: return path, seal and requests are as if an
 * alias of its address forwarded it. several: it also has other actions. In its own read
 * transaction; errors are the store's. */
enum err follow_redirect(struct plan *p, const struct plan_local *local,
                         const struct mailaddr *to, bool several,
                         struct plan_remote *out) MUST_USE;

/* A local target has no room: queue its mail like that of remote ones. */
void follow_wait(struct plan *p, struct plan_local *local);

/* Add the targets of a durable plan to m->met, if set. */
void follow_met(const struct plan *p);

#endif
