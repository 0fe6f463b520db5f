/* flow/policy/names.h: checks the names that a peer gives: HELO, the sender's domain. */
#ifndef POLICY_NAMES_H
#define POLICY_NAMES_H
#include "flow/policy/check.h"

/* ROOST_HELO_CHECK: the peer's HELO name.
 * basic     must not be a name of this server; a foreign address literal is tagged (RFC 5321 4.1.4)
 * name      also must be a name with a dot, or the peer's own address
 * resolves  also must have an address or an MX */
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
