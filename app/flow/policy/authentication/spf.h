/* flow/policy/authentication/spf.h: may the peer use its HELO name and sender domain?
 * (RFC 7208)
 *
 * Both names are checked at MAIL. The result is recorded
 * (flow/policy/authentication/verified.h) for DMARC, and decides nothing itself unless
 * ROOST_SPF says so. Only then does MAIL wait for it. Otherwise it continues after MAIL
 * (flow/policy/authentication/later.h) and is collected before DMARC at the latest. */
#ifndef POLICY_SPF_H
#define POLICY_SPF_H
#include "flow/policy/check.h"

/* ROOST_SPF: off; record; fail: refuse "fail"; softfail: refuse both. */
enum policy_need spf_need(const struct policy_run *r);
void spf_start(struct policy_run *r);
void spf_run(struct policy_run *r);
/* The check could not run in time: recorded for DMARC. */
void spf_missed(struct policy_run *r);
void spf_later(struct policy_run *r);
void spf_reset(struct policy *p, struct policy_session *s, void **state);

/* Is the setting valid? */
enum err spf_setting_check(struct str text, struct why *why) MUST_USE;

#endif
