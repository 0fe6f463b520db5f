/* flow/delivery/outcome.h: immediate results for applications: the state of each
 * recipient of an API submission (model/history/sent.h), and webhook events for local
 * mailboxes. The queue reports the others. */
#ifndef DELIVERY_OUTCOME_H
#define DELIVERY_OUTCOME_H
#include "flow/delivery/plan.h"

/* Before plan_put, in its transaction. ERR_CONFLICT: the same submission was stored
 * before. */
enum err outcome_check(const struct plan *p, struct txn *t) MUST_USE;
/* After plan_put, in its transaction. Errors are the store's. */
enum err outcome_put(const struct plan *p, struct txn *t) MUST_USE;

#endif
