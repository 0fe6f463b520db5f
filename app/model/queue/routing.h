/* model/queue/routing.h: where entries go by the rules of the moment; for this folder only. */
#ifndef QUEUE_ROUTING_H
#define QUEUE_ROUTING_H
#include "foundation/config/settings.h"
#include "model/queue/queue.h"
#include "model/queue/route.h"

/* The rules of the settings; they live in a. They were checked before they counted; when they
 * are no good all the same, why says so and nothing may be routed. */
enum err routing_of(const struct settings *s, struct arena *a, struct routes *out,
                    struct why *why) MUST_USE;

/* What the rules have to know of item, whose blob is stored, and what rests. It lives in the
 * transaction's arena; item is borrowed. */
enum err routing_ask(struct txn *t, const struct routes *r, const struct queue_item *item,
                     struct route_ask *out) MUST_USE;

/* Read what rests once for many entries of this transaction, in its arena. */
enum err routing_rests(struct txn *t, struct routes *r) MUST_USE;

/* May somebody choose this name: of a route, of a relay in ROOST_RELAYS, "mx", or none? */
bool routing_knows(const struct settings *s, const struct routes *r, struct str name,
                   struct arena *a);

/* Put item in the place of old (as it was read in this transaction), with the destination
 * that it has now; recipients who go elsewhere get entries of their own, with a reference
 * each. The lanes hear of all of them after the commit. Nothing is written when nothing is new. */
enum err routing_change(struct queue *q, struct txn *t, const struct routes *r,
                        const struct queue_item *old, struct queue_item *item) MUST_USE;

#endif
