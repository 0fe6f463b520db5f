/* flow/policy/authentication/spf.h: may the peer use the names that it gives? (RFC 7208)
 *
 * Both names are asked about at MAIL: the one of EHLO and the domain of the sender. What is
 * found is written into the message (flow/policy/authentication/verified.h), and decides nothing
 * by itself unless ROOST_SPF says so: DMARC does. So MAIL waits for it only where the setting
 * says that; else it goes on behind MAIL (flow/policy/authentication/later.h), and is taken in
 * when it is there, before DMARC at the latest. */
#ifndef POLICY_SPF_H
#define POLICY_SPF_H
#include "flow/policy/check.h"

/* ROOST_SPF: off; record; fail: who gets "fail" is refused; softfail: and who gets that. */
enum policy_need spf_need(const struct policy_run *r);
void spf_start(struct policy_run *r);
void spf_run(struct policy_run *r);
/* There was no time for it: for DMARC. */
void spf_missed(struct policy_run *r);
void spf_later(struct policy_run *r);
void spf_reset(struct policy *p, struct policy_session *s, void **state);

/* Is the setting of the form? */
enum err spf_setting_check(struct str text, struct why *why) MUST_USE;

#endif
