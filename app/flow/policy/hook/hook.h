/* flow/policy/hook/hook.h: the check that asks HTTP hooks. Each rule of ROOST_HOOKS gets a
 * signed POST (wire_hook.h); its answer counts as a filter's does (milter.h).
 * docs/how-to/hooks.md describes request and answer. */
#ifndef POLICY_HOOK_H
#define POLICY_HOOK_H
#include "flow/policy/check.h"

enum policy_need hooks_need(const struct policy_run *r);
void hooks_run(struct policy_run *r);
void hooks_missed(struct policy_run *r);
void hooks_reset(struct policy *p, struct policy_session *s, void **state);
void hooks_end(struct policy *p, struct policy_session *s, void **state);

#endif
