/* flow/policy/grey.h: greylisting (RFC 6647): who is not known is asked to come back, and who does
 * was a mail server: ROOST_GREYLIST, off by default.
 *
 *	on
 *	on delay=5m window=2d keep=36d for=*@example.org
 *	on verdict=tag
 *	on code=450 status=4.2.0 text="come back in five minutes"
 *
 * A triplet of network (IPv4 /24, IPv6 /64), sender and recipient is put off until it comes back
 * after delay and within window. Then the network is known, for keep after its last mail, and
 * none of its mail waits again; another verdict than tempfail is what mail gets that would have
 * been put off. Not asked: users after their login, private addresses, the null
 * sender and postmaster (RFC 6647 5.4), and senders to whom an account of ours has written. */
#ifndef POLICY_GREY_H
#define POLICY_GREY_H
#include "flow/policy/check.h"

enum policy_need grey_need(const struct policy_run *r);
void grey_run(struct policy_run *r);

/* Is the text of the form? */
enum err grey_check(struct str text, struct why *why) MUST_USE;

#endif
