/* model/queue/routing.h: places entries by the current rules; for this folder only. */
#ifndef QUEUE_ROUTING_H
#define QUEUE_ROUTING_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/settings.h"
#include "model/queue/entry.h"
#include "model/queue/route.h"

struct queue;

/* The rules of the settings; they live in a. They were checked when set; if they are
 * invalid anyway, why has the error and nothing may be routed. */
enum err routing_of(const struct settings *s, struct arena *a, struct routes *out,
                    struct why *why) MUST_USE;

/* The facts that the rules need about item, whose blob is stored, and the pauses. Lives
 * in the transaction's arena; item is borrowed. */
enum err routing_ask(struct txn *t, const struct routes *r, const struct queue_item *item,
                     struct route_ask *out) MUST_USE;

/* Read the pauses once for many entries of this transaction, in its arena. */
enum err routing_rests(struct txn *t, struct routes *r) MUST_USE;

/* May an administrator choose this name: of a route, of a relay in ROOST_RELAYS, "mx", or
 * none? */
bool routing_knows(const struct settings *s, const struct routes *r, struct str name,
                   struct arena *a);

/* Replace old (as read in this transaction) by item with its current destination.
 * Recipients with other destinations get entries of their own, with a reference each.
 * Their destination queues are updated after the commit. Unchanged entries are not
 * written. */
enum err routing_change(struct queue *q, struct txn *t, const struct routes *r,
                        const struct queue_item *old, struct queue_item *item) MUST_USE;

#endif
