/* network/runtime/ratelimit.h: how often may a key do something, in memory, bounded.
 *
 * Two kinds: a token bucket (connections per minute) and a failure counter that locks a key
 * for a while (logins). Keys are any bytes: addr_network_key, a login name. Tables have a
 * fixed number of places; when they are full the entry that matters least goes: the one
 * closest to having no effect. Thread-safe, lost at a restart. */
#ifndef RUNTIME_RATELIMIT_H
#define RUNTIME_RATELIMIT_H
#include "foundation/base/str.h"

struct ratelimit;

/* Token bucket: at most burst at once, refilled evenly with burst per period_ms. capacity
 * is the number of keys remembered. */
struct ratelimit *ratelimit_new(unsigned burst, int64_t period_ms, size_t capacity) MUST_USE;
/* Take one token of key; false when there is none: refuse. */
bool ratelimit_take(struct ratelimit *r, struct str key);
void ratelimit_free(struct ratelimit **r);

struct lockout;

/* After max failures, each less than lock_ms after the one before, the key is locked for
 * lock_ms from the last of them. */
struct lockout *lockout_new(unsigned max, int64_t lock_ms, size_t capacity) MUST_USE;
/* Milliseconds until key is free again, 0 when it is not locked. */
int64_t lockout_left_ms(struct lockout *l, struct str key);
/* Failures that are counted of a key; max when it is locked. */
unsigned lockout_failures(struct lockout *l, struct str key);
/* Count a failure; true when this one locked the key (log it once). A locked key stays
 * locked for the same time: retrying does not extend it, or a peer could lock its victim
 * out for ever at no cost. */
bool lockout_fail(struct lockout *l, struct str key);
/* Forget the failures of a key, and its lock. */
void lockout_forget(struct lockout *l, struct str key);
/* Forget all failures and locks. */
void lockout_clear(struct lockout *l);
void lockout_free(struct lockout **l);

#endif
