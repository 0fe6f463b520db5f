/* policy/hook.h: the check that asks HTTP hooks: each rule of ROOST_HOOKS gets a POST with what is
 * known (wire_hook.h), signed, and its answer counts as a filter's does (milter.h). docs/hooks.md
 * has the forms for those who write one. */
#ifndef POLICY_HOOK_H
#define POLICY_HOOK_H
#include "policy/check.h"

enum policy_need hooks_need(const struct policy_run *r);
void hooks_run(struct policy_run *r);
void hooks_missed(struct policy_run *r);
void hooks_reset(struct policy *p, struct policy_session *s, void **state);
void hooks_end(struct policy *p, struct policy_session *s, void **state);

#endif
