/* model/queue/late.h: messages that go back at a time of their sender's (DELIVERBY with R, RFC 2852
 * 4.1.3), whatever the state of their destination; for this folder only.
 *
 *	queue_book: BOOK_LATE, that time in ms, id -> nothing
 *
 * Each entry with such a time has its row, unless it is held. */
#ifndef QUEUE_LATE_H
#define QUEUE_LATE_H
#include "model/queue/queue.h"
#include "model/store/kv.h"

struct queue_batch;

/* Bring the row in line with an entry that was old and becomes item; either may be NULL. */
enum err late_change(struct txn *t, const struct queue_item *old,
                     const struct queue_item *item) MUST_USE;

/* Send back what is late at now_ms, a batch at most, but what is being tried. What cannot be sent
 * back, for want of room or since it is damaged, is told and due a minute later: other mail does
 * not wait for it. *next_ms: when to ask again; INT64_MAX: no need. Not inside a transaction. */
enum err late_give_back(struct queue *q, int64_t now_ms, int64_t *next_ms,
                        struct why *why) MUST_USE;

/* For fsck: rows that are of no entry that goes back then. */
enum err late_check(struct txn *t, uint64_t *bad) MUST_USE;

#endif
