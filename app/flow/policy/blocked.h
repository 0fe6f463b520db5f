/* flow/policy/blocked.h: refuses connections from blocked networks: blocked by an
 * administrator, ROOST_LIMITS or ROOST_ACCESS (flow/policy/blocks.h). */
#ifndef POLICY_BLOCKED_H
#define POLICY_BLOCKED_H
#include "flow/policy/check.h"

enum policy_need blocked_need(const struct policy_run *r);
void blocked_run(struct policy_run *r);

#endif
