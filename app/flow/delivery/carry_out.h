/* flow/delivery/carry_out.h: carries out the actions of a local target, as prepare.h has prepared
 * them. */
#ifndef DELIVERY_CARRY_OUT_H
#define DELIVERY_CARRY_OUT_H
#include "flow/delivery/plan.h"

/* In a transaction; may run again. All of them, or ERR_LIMIT: a mailbox has no room. */
enum err carry_out_put(struct plan *p, struct txn *t, struct plan_local *to,
                       int64_t now_ms) MUST_USE;

#endif
