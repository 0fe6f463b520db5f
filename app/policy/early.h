/* policy/early.h: peers that speak before they were greeted (RFC 5321 4.3.1: they are to wait).
 * Programs that only want to get rid of spam do not. */
#ifndef POLICY_EARLY_H
#define POLICY_EARLY_H
#include "policy/check.h"

enum policy_need early_need(const struct policy_run *r);
void early_run(struct policy_run *r);

#endif
