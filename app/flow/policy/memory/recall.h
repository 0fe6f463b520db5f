/* flow/policy/memory/recall.h: persistent memory of checks about peers, senders and accounts: a
 * number for each key, until a time; also after a restart.
 *
 * Rows of SPACE_LOOKUP behind a cache. A change is in memory at once and in the store
 * some seconds later, many in one transaction; a kill loses those seconds. A key that is
 * not in memory is read from the store. LIMIT_policy_remembered limits the memory.
 * rows_max limits the store: greylisting and keys of scripts are evicted first, then
 * counters, then recipients of accounts. Expired rows are removed each hour. Keys are any
 * bytes and stored as a hash. Thread-safe; callers do not wait for writes. */
#ifndef POLICY_RECALL_H
#define POLICY_RECALL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct recall;
struct store;

/* Stored: the letters do not change. */
enum recall_kind {
	RECALL_BUCKET = 'b',   /* of limits.c                            */
	RECALL_RCPT = 'r',     /* an account has written to this address */
	RECALL_GREY = 'g',     /* first time of a triplet                */
	RECALL_GREETED = 'G',  /* a network has retried correctly        */
	RECALL_SEEN = 's',     /* first time of a key of a script        */
	RECALL_NOTIFIED = 't',     /* a notification was sent                */
};

enum err recall_open(struct store *store, size_t rows_max, struct recall **out,
                     struct why *why) MUST_USE;
/* Writes all pending changes. NULL is a no-op; clears *m. */
void recall_close(struct recall **m);

/* False: no value, or expired, or the store failed. */
bool recall_get(struct recall *m, enum recall_kind kind, struct str key, int64_t *value);
/* until_ms is a point of clock_real_ms. */
void recall_put(struct recall *m, enum recall_kind kind, struct str key, int64_t value,
                int64_t until_ms);

/* A token bucket: are n of max in period_ms available? If so they are consumed. At most
 * max at once; it refills evenly. A clock that was set back costs at most one period. */
bool recall_take(struct recall *m, struct str key, uint64_t n, uint64_t max, int64_t period_ms);

/* Write at once; remove expired rows. For tests, and for the thread. */
enum err recall_flush(struct recall *m, struct why *why) MUST_USE;
enum err recall_expire(struct recall *m, struct why *why) MUST_USE;

#endif
