/* flow/policy/early.h: peers that speak before they were greeted (RFC 5321 4.3.1: they are to
 * wait). Programs that only want to get rid of spam do not: ROOST_GREETING_DELAY, off by default.
 *
 *	3s
 *	3s verdict=tag
 *	3s code=554 status=5.7.1 text="you are to wait for the greeting" */
#ifndef POLICY_EARLY_H
#define POLICY_EARLY_H
#include "flow/policy/check.h"

enum policy_need early_need(const struct policy_run *r);
void early_run(struct policy_run *r);

/* How long the greeting waits, by this text; 0: not at all. */
int64_t early_wait_ms(struct str text);
/* Is the text of the form? */
enum err early_check(struct str text, struct why *why) MUST_USE;

#endif
