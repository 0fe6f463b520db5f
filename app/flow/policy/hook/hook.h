/* flow/policy/hook/hook.h: the check that calls HTTP hooks. Each rule of ROOST_HOOKS gets
 * a signed POST (wire_hook.h); its response counts like a filter's (milter.h).
 * docs/how-to/hooks.md describes request and response. */
#ifndef POLICY_HOOK_H
#define POLICY_HOOK_H
#include "flow/policy/check.h"

enum policy_need hooks_need(const struct policy_run *r);
void hooks_run(struct policy_run *r);
void hooks_missed(struct policy_run *r);
void hooks_reset(struct policy *p, struct policy_session *s, void **state);
void hooks_end(struct policy *p, struct policy_session *s, void **state);

#endif
