/* flow/policy/names.h: checks the names that a peer gives: HELO, the sender's domain. */
#ifndef POLICY_NAMES_H
#define POLICY_NAMES_H
#include "flow/policy/check.h"

/* ROOST_HELO_CHECK: the peer's HELO name. basic not by our names; an address that is not
 * its own is tagged, no more (RFC 5321 4.1.4) name and by a name with a dot in it, or by
 * its address and no other resolves and a name that has an address, or an MX */
enum policy_need helo_need(const struct policy_run *r);
void helo_start(struct policy_run *r);
void helo_run(struct policy_run *r);

/* ROOST_SENDER_DOMAIN: can a reply reach the sender? (RFC 5321 3.6.2, RFC 7505 4.2) */
enum policy_need sender_need(const struct policy_run *r);
void sender_start(struct policy_run *r);
void sender_run(struct policy_run *r);

/* Are the two settings valid? */
enum err policy_names_check(const struct settings *s, struct why *why) MUST_USE;

#endif
