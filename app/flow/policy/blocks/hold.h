/* flow/policy/blocks/hold.h: accounts whose sending is blocked for some time or until an
 * administrator ends it. */
#ifndef POLICY_HOLD_H
#define POLICY_HOLD_H
#include "flow/policy/check.h"

struct store;

/* Block sending of the session's account for for_ms (INT64_MAX: until an administrator
 * ends it) and hold its mail in the queue. Its postmaster and user get a notification,
 * and it is logged, once even for concurrent sessions. Refuses the current command. */
void hold_sending(struct policy_run *r, struct str why, int64_t for_ms);

/* The same for an administrator, without a notification: block sending of the account with this
 * primary address until a date (blocks.h), and hold its queued mail. In transactions of its own;
 * errors are the store's. */
enum err hold_account(struct store *s, uint32_t account, struct str address, struct str reason,
                      int64_t until_ms, struct why *why) MUST_USE;

/* Is the account blocked? Then the current command is refused. */
bool hold_refuses(struct policy_run *r);

#endif
