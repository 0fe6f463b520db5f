/* model/queue/owed.h: reports that a queued message is owed even while its destination is
 * paused because no host answers. For this folder only. */
#ifndef QUEUE_OWED_H
#define QUEUE_OWED_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/queue/entry.h"
#include "model/queue/route.h"
#include "model/queue/schedule.h"

struct arena;
struct txn;

/* Does the sender want a report of this event (RFC 3461 4.1)? By default yes, but of a
 * delay only if the sender is a user of this server. */
bool owed_wants(const struct queue_item *item, size_t rcpt, unsigned event_bit);

/* Has the DELIVERBY time passed? */
bool owed_is_late(const struct queue_item *item, int64_t now_ms);

/* Is a delay notice due? RFC 2852 4.1.3: the end of DELIVERBY is reported even if a delay
 * was reported before. */
bool owed_notice(const struct queue_item *item, const struct schedule *s, int64_t now_ms);

/* When the next report is due: at expiry or for a notice. */
int64_t owed_ms(const struct queue_item *item, const struct schedule *s);

/* Add attempts by a route, at least least in all: tried is built again, in a. At most
 * QUEUE_TRIED_MAX routes are recorded. */
void owed_tried(struct queue_item *item, struct str route, uint32_t attempts, uint32_t least,
                struct arena *a);

/* Would another destination be chosen after failures attempts at this one? */
enum err owed_turn(struct txn *t, const struct routes *r, const struct queue_item *item,
                   struct str destination, uint32_t failures, bool *turns) MUST_USE;

#endif
