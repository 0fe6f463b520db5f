/* flow/policy/early.h: detects peers that send before the greeting, as spam software does
 * (RFC 5321 4.3.1 requires them to wait): ROOST_GREETING_DELAY, off by default.
 *
 *	3s
 *	3s verdict=tag
 *	3s code=554 status=5.7.1 text="you are to wait for the greeting" */
#ifndef POLICY_EARLY_H
#define POLICY_EARLY_H
#include "flow/policy/check.h"

enum policy_need early_need(const struct policy_run *r);
void early_run(struct policy_run *r);

/* The delay of the greeting in this setting; 0: none. */
int64_t early_wait_ms(struct str text);
/* Is the text a valid setting? */
enum err early_check(struct str text, struct why *why) MUST_USE;

#endif
