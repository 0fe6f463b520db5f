/* flow/policy/recall.h: what checks remember of peers, senders and accounts: a number for each key,
 * until a point in time; also after a restart.
 *
 * Rows of SPACE_LOOKUP behind a cache: a change is in memory at once, and in the store some seconds
 * later, many in one transaction; a kill loses those seconds. What is not in memory is looked up
 * in the store. Bounded by LIMIT_policy_remembered in memory, and by rows_max in the store, where
 * greylisting is forgotten first, then counters, then whom accounts have written to; rows that are
 * over go each hour. Keys are any bytes, of which a hash is kept. Thread-safe; nobody waits for the
 * store to write. */
#ifndef POLICY_RECALL_H
#define POLICY_RECALL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct recall;
struct store;

/* Stored: the letters do not change. */
enum recall_kind {
	RECALL_BUCKET = 'b',   /* of limits.c                     */
	RECALL_RCPT = 'r',     /* an account has written to it    */
	RECALL_GREY = 'g',     /* a triplet was seen first, then  */
	RECALL_GREETED = 'G',  /* a network came back as it ought */
	RECALL_TOLD = 't',     /* somebody was told of it         */
};

enum err recall_open(struct store *store, size_t rows_max, struct recall **out,
                     struct why *why) MUST_USE;
/* Writes what is not written yet. NULL is a no-op; clears *m. */
void recall_close(struct recall **m);

/* False: nothing is remembered (any more). A failure of the store is that too. */
bool recall_get(struct recall *m, enum recall_kind kind, struct str key, int64_t *value);
/* until_ms is a point of clock_real_ms. */
void recall_put(struct recall *m, enum recall_kind kind, struct str key, int64_t value,
                int64_t until_ms);

/* A token bucket: may n more happen, where max may in period_ms? If so they are counted. At most
 * max at once; they come back evenly. A clock that was set back costs no more than a period. */
bool recall_take(struct recall *m, struct str key, uint64_t n, uint64_t max, int64_t period_ms);

/* Write at once; forget what is over. For tests, and for the thread. */
enum err recall_flush(struct recall *m, struct why *why) MUST_USE;
enum err recall_expire(struct recall *m, struct why *why) MUST_USE;

#endif
