/* policy/signatures.h: which domains have signed a message that comes in (DKIM, RFC 6376), and who
 * has handed it on (ARC, RFC 8617)?
 *
 * Asked at the end of the message; the keys were asked for as soon as its header was there
 * (policy/ahead.h). What is found is written into the message (policy/verified.h) and decides
 * nothing by itself: who breaks signatures is mostly a mailing list. */
#ifndef POLICY_SIGNATURES_H
#define POLICY_SIGNATURES_H
#include "policy/check.h"

/* Has the message any signature of either kind? A look at its header. */
bool signatures_any(const struct policy_session *s);

/* ROOST_DKIM_VERIFY, which is about both. */
enum policy_need signatures_need(const struct policy_run *r);
void signatures_start(struct policy_run *r);
void signatures_run(struct policy_run *r);

#endif
