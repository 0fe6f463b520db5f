/* flow/policy/limits.h: rate limits: ROOST_LIMITS.
 *
 *	account for=news@example.org messages=5000/1h recipients=off
 *	account messages=500/1h recipients=2000/1d new-recipients=300/1d then=hold
 *	address messages=100/10m then=tempfail
 *	network for=192.0.2.* recipients=1000/1h then=block:1h
 *	address unknown=100/1h then=block:1h
 *	sender messages=50/10m on=mx,submission
 *
 * A row is about account (its primary address), address (the peer's; an IPv6 one is
 * counted with all of its /64), network (its IPv4 /24 or IPv6 /64), helo, sender,
 * sender-domain, recipient or recipient-domain; "for" is a pattern, and the first row of
 * a kind whose pattern fits counts. messages are counted at MAIL (for recipient and
 * recipient-domain at RCPT), recipients at RCPT, after all that may refuse them before;
 * unknown counts unknown recipients, as harvesters try: its first row counts, even after
 * a matching row without it. new-recipients are those that the account has not written to
 * for KNOWN_DAYS. A limit is a token bucket that refills evenly over the period. "then"
 * is the verdict beyond it, tempfail by default. Rows about accounts apply to submission,
 * all others to mail from other servers unless "on" names the listeners.
 *
 * A held account cannot send until an administrator ends it (flow/policy/blocks/blocks.h) or its
 * time ends. Its mail in the queue is held too, and its domain's postmaster and its user
 * get a mail. This limits the damage of a stolen password, so these rows always run. Mail that the
 * filters of an account send counts for it too. */
#ifndef POLICY_LIMITS_H
#define POLICY_LIMITS_H
#include "flow/policy/check.h"

/* Rows about accounts. */
enum policy_need account_limits_need(const struct policy_run *r);
void account_limits_run(struct policy_run *r);
/* All others. */
enum policy_need limits_need(const struct policy_run *r);
void limits_run(struct policy_run *r);

/* A message that the filters of an account send to one recipient. */
struct limits_filtered {
	struct recall *recall; /* NULL: there are no limits */
	const struct settings *settings;
	struct str session, account; /* primary address */
	const struct mailaddr *rcpt;
	bool chosen; /* by the owner, so it is no new recipient from now on */
};
/* Count it by the rows about accounts like a submission, without their "then". False: a limit is
 * reached, which is logged; *why, in a, is the limit. */
bool limits_filtered_take(const struct limits_filtered *m, struct arena *a, struct str *why);

/* Is the text a valid setting? */
enum err limits_check(struct str text, struct why *why) MUST_USE;

#endif
