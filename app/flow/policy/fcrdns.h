/* flow/policy/fcrdns.h: has the peer's address a name in DNS, and the name that address? (RFC 8601
 * 2.7.3, "iprev")
 *
 * ROOST_FCRDNS: off; record; on: who has none is refused. Where it is only written down, and no
 * rule of access and no milter looks at the name, nothing waits for it: it is asked for behind
 * the greeting (flow/policy/authentication/later.h) and taken in when it is there, at the end of
 * a message at the latest. */
#ifndef POLICY_FCRDNS_H
#define POLICY_FCRDNS_H
#include "flow/policy/check.h"

enum policy_need fcrdns_need(const struct policy_run *r);
void fcrdns_start(struct policy_run *r);
void fcrdns_run(struct policy_run *r);
void fcrdns_later(struct policy_run *r);
void fcrdns_end(struct policy *p, struct policy_session *s, void **state);

/* Is the setting of the form? */
enum err fcrdns_setting_check(struct str text, struct why *why) MUST_USE;

#endif
