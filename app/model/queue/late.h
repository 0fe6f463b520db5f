/* model/queue/late.h: messages returned at a time set by their sender (DELIVERBY with R,
 * RFC 2852 4.1.3), whatever the state of their destination; for this folder only.
 *
 *	queue_book: BOOK_LATE, that time in ms, id -> nothing
 *
 * Each entry with such a time has a row, unless it is held. */
#ifndef QUEUE_LATE_H
#define QUEUE_LATE_H
#include "foundation/base/err.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "model/store/kv.h"

struct queue_batch;

/* Update the row for an entry that changes from old to item; either may be NULL. */
enum err late_change(struct txn *t, const struct queue_item *old,
                     const struct queue_item *item) MUST_USE;

/* Return entries that are late at now_ms, a batch at most, except those being tried. One
 * that cannot be returned, because room is missing or it is damaged, is logged and due a
 * minute later; other mail does not wait for it. *next_ms: time of the next call;
 * INT64_MAX: none. Not inside a transaction. */
enum err late_give_back(struct queue *q, int64_t now_ms, int64_t *next_ms,
                        struct why *why) MUST_USE;

/* For fsck: counts rows without such an entry. */
enum err late_check(struct txn *t, uint64_t *bad) MUST_USE;

#endif
