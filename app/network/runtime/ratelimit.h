/* network/runtime/ratelimit.h: rate limits by key, in memory of a fixed size.
 *
 * Two kinds: a token bucket (connections per minute) and a failure counter that locks a key for a
 * time (logins). Keys are any bytes: addr_network_key, a login name. A full table evicts the entry
 * that is closest to having no effect. Thread-safe, lost at a restart. */
#ifndef RUNTIME_RATELIMIT_H
#define RUNTIME_RATELIMIT_H
#include "foundation/base/str.h"

struct ratelimit;

/* Token bucket: at most burst at once, refilled evenly with burst per period_ms. capacity is the
 * most keys in the table. */
struct ratelimit *ratelimit_new(unsigned burst, int64_t period_ms, size_t capacity) MUST_USE;
/* Take one token of key; false when there is none: refuse. */
bool ratelimit_take(struct ratelimit *r, struct str key);
void ratelimit_free(struct ratelimit **r);

struct lockout;

/* After max failures, each less than lock_ms after the one before, the key is locked for
 * lock_ms from the last of them. */
struct lockout *lockout_new(unsigned max, int64_t lock_ms, size_t capacity) MUST_USE;
/* Milliseconds until the lock of key ends, 0 when it is not locked. */
int64_t lockout_left_ms(struct lockout *l, struct str key);
/* The number of counted failures of a key; max when it is locked. */
unsigned lockout_failures(struct lockout *l, struct str key);
/* Count a failure; true when this one locked the key (log it once). A failure does not extend a
 * lock: otherwise a peer could lock its victim out for ever at no cost. */
bool lockout_fail(struct lockout *l, struct str key);
/* Remove the failures of a key, and its lock. */
void lockout_forget(struct lockout *l, struct str key);
/* Remove all failures and locks. */
void lockout_clear(struct lockout *l);
void lockout_free(struct lockout **l);

#endif
