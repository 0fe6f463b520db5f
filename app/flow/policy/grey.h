/* flow/policy/grey.h: greylisting (RFC 6647): an unknown client gets a temporary failure;
 * a mail server retries. ROOST_GREYLIST, off by default.
 *
 *	on
 *	on delay=5m window=2d keep=36d for=*@example.org
 *	on verdict=tag
 *	on code=450 status=4.2.0 text="come back in five minutes"
 *
 * A triplet of network (IPv4 /24, IPv6 /64), sender and recipient is deferred until it
 * returns after delay and within window. Then the network is known until keep after its
 * last mail, and none of its mail is deferred. A verdict other than tempfail applies to
 * mail that would be deferred. Exempt: authenticated users, private addresses, the null
 * sender and postmaster (RFC 6647 5.4), and senders to whom a local account has
 * written. */
#ifndef POLICY_GREY_H
#define POLICY_GREY_H
#include "flow/policy/check.h"

enum policy_need grey_need(const struct policy_run *r);
void grey_run(struct policy_run *r);

/* Is the text a valid setting? */
enum err grey_check(struct str text, struct why *why) MUST_USE;

#endif
