/* flow/policy/milter/milter.h: the check that asks milters: rspamd, opendkim, clamav-milter and
 * others.
 *
 * Each rule of ROOST_MILTERS is a filter (milter_rules.h); they are asked in order, and a later
 * one sees what those before have changed. What a filter decides is decided; what it accepts,
 * only it is not asked about any more. One that cannot be asked counts as its rule says (fail=),
 * for this message: the next one tries again (filter_health.h). */
#ifndef POLICY_MILTER_H
#define POLICY_MILTER_H
#include "flow/policy/check.h"

enum policy_need milter_need(const struct policy_run *r);
void milter_run(struct policy_run *r);
void milter_missed(struct policy_run *r);
void milter_reset(struct policy *p, struct policy_session *s, void **state);
void milter_restart(struct policy *p, struct policy_session *s, void **state);
void milter_end(struct policy *p, struct policy_session *s, void **state);

#endif
