/* flow/policy/blocked.h: networks that are blocked are not greeted: by hand, by ROOST_LIMITS or by
 * ROOST_ACCESS (flow/policy/blocks.h). */
#ifndef POLICY_BLOCKED_H
#define POLICY_BLOCKED_H
#include "flow/policy/check.h"

enum policy_need blocked_need(const struct policy_run *r);
void blocked_run(struct policy_run *r);

#endif
