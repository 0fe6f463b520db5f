/* flow/delivery/story.h: what the message trace says of a message that was accepted. */
#ifndef DELIVERY_STORY_H
#define DELIVERY_STORY_H
#include "flow/delivery/plan.h"

/* Take what is needed of the message; outside of the transaction. */
void story_begin(struct plan *p);
/* Put the trace, with where plan_put has put the message. Errors are the store's. */
enum err story_put(const struct plan *p, struct txn *t) MUST_USE;

/* The same of one that is dropped, which was never planned. */
enum err story_put_discarded(const struct plan *p, struct txn *t) MUST_USE;

/* The message's own identifier, with its angle brackets, as the field of the header has it;
 * borrowed from header. Empty when there is none. */
struct str story_message_id(struct str header);

#endif
