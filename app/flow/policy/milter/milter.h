/* flow/policy/milter/milter.h: the check that calls milters: rspamd, opendkim,
 * clamav-milter and others.
 *
 * Each rule of ROOST_MILTERS is a filter (milter_rules.h). They run in order, and each
 * sees the changes of earlier ones. A filter's decision is final; after an accept, only
 * that filter is not called again. If a filter fails, its rule's fail= applies to this
 * message; the next message tries it again (filter_health.h). */
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
