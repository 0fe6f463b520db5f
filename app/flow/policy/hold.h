/* flow/policy/hold.h: accounts that send no more, for a while or until somebody ends it. */
#ifndef POLICY_HOLD_H
#define POLICY_HOLD_H
#include "flow/policy/check.h"

struct store;

/* The session's account sends no more for so long (INT64_MAX: until somebody ends it); what it has
 * in the queue is held; its postmaster and its user are told by mail, and the log. All that once,
 * however many sessions come to it at one time. Refuses what was asked. */
void hold_sending(struct policy_run *r, struct str why, int64_t for_ms);

/* What the account has in the queue is held: once its sending is blocked, or more would come. In
 * transactions of its own; errors are the store's. */
enum err hold_queued(struct store *s, uint32_t account, struct why *why) MUST_USE;

/* Is it held? Then what was asked is refused. */
bool hold_refuses(struct policy_run *r);

#endif
