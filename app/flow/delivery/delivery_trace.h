/* flow/delivery/delivery_trace.h: the message trace of an accepted message. */
#ifndef DELIVERY_DELIVERY_TRACE_H
#define DELIVERY_DELIVERY_TRACE_H
#include "flow/delivery/plan.h"

/* Collect the data from the message; outside of the transaction. */
void story_begin(struct plan *p);
/* Store the trace, with the places set by plan_put. Errors are the store's. */
enum err story_put(const struct plan *p, struct txn *t) MUST_USE;

/* The same for a discarded message, which has no plan. */
enum err story_put_discarded(const struct plan *p, struct txn *t) MUST_USE;

/* The message's identifier in its header, with angle brackets; borrowed from header.
 * Empty if there is none. */
struct str story_message_id(struct str header);

#endif
