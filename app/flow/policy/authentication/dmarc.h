/* flow/policy/authentication/dmarc.h: is the author's domain one that SPF or a signature has
 * proven, and if not, what does it want done? (RFC 7489, RFC 9989) */
#ifndef POLICY_DMARC_H
#define POLICY_DMARC_H
#include "flow/policy/check.h"

/* ROOST_DMARC: off; record; obey: what the domain asks for is done. */
enum policy_need dmarc_need(const struct policy_run *r);
/* Is it asked at all by these settings? */
bool dmarc_wanted(const struct settings *s);
void dmarc_start(struct policy_run *r);
void dmarc_run(struct policy_run *r);
/* Nobody could ask in time: mail whose author's domain may want it refused comes again (451). */
void dmarc_missed(struct policy_run *r);

/* Is the setting of the form? */
enum err dmarc_setting_check(struct str text, struct why *why) MUST_USE;

#endif
