/* flow/delivery/outcome.h: what programs hear of a message at once: who sent it by the API
 * (model/history/sent.h) what became of it for each recipient, and webhooks of those whose
 * mailbox is here. Of the others they hear from the queue. */
#ifndef DELIVERY_OUTCOME_H
#define DELIVERY_OUTCOME_H
#include "flow/delivery/plan.h"

/* Before plan_put, in its transaction. ERR_CONFLICT: the program has asked for this before. */
enum err outcome_check(const struct plan *p, struct txn *t) MUST_USE;
/* After it, in the same. Errors are the store's. */
enum err outcome_put(const struct plan *p, struct txn *t) MUST_USE;

#endif
