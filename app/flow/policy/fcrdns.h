/* flow/policy/fcrdns.h: does the peer's address have a name in DNS, and that name the
 * address? (RFC 8601 2.7.3, "iprev")
 *
 * ROOST_FCRDNS: off; record; on: refuse peers without one. With "record", and if no
 * access rule and no milter uses the name, nothing waits for it. It is looked up after
 * the greeting (flow/policy/authentication/later.h) and collected at the end of a message
 * at the latest. */
#ifndef POLICY_FCRDNS_H
#define POLICY_FCRDNS_H
#include "flow/policy/check.h"

enum policy_need fcrdns_need(const struct policy_run *r);
void fcrdns_start(struct policy_run *r);
void fcrdns_run(struct policy_run *r);
void fcrdns_later(struct policy_run *r);
void fcrdns_end(struct policy *p, struct policy_session *s, void **state);

/* Is the setting valid? */
enum err fcrdns_setting_check(struct str text, struct why *why) MUST_USE;

#endif
