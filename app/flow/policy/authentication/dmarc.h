/* flow/policy/authentication/dmarc.h: does SPF or a signature prove the author's domain,
 * and if not, which policy does the domain have? (RFC 7489, RFC 9989) */
#ifndef POLICY_DMARC_H
#define POLICY_DMARC_H
#include "flow/policy/check.h"

/* ROOST_DMARC: off; record; obey: apply the domain's policy. */
enum policy_need dmarc_need(const struct policy_run *r);
/* Do these settings enable DMARC? */
bool dmarc_wanted(const struct settings *s);
void dmarc_start(struct policy_run *r);
void dmarc_run(struct policy_run *r);
/* The check could not run in time. Mail whose author's domain may request a refusal gets
 * 451. */
void dmarc_missed(struct policy_run *r);

/* Is the setting valid? */
enum err dmarc_setting_check(struct str text, struct why *why) MUST_USE;

#endif
