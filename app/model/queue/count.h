/* model/queue/count.h: how much lies in the queue, of whom; for this folder only.
 *
 *	queue_book: BOOK_COUNT, nothing -> messages, bytes: of all
 *	            BOOK_COUNT, "a", account -> the same, of what this account sent
 *	            BOOK_COUNT, "d", domain  -> the same, of what has a sender there; lower case
 *
 * A message counts once for each of its entries. Kept in the transactions that add and delete
 * them, and made anew at a start when they are not what the entries say. */
#ifndef QUEUE_COUNT_H
#define QUEUE_COUNT_H
#include "model/queue/queue.h"

/* One more of this kind, or (more false) one less. */
enum err count_change(struct txn *t, const struct queue_item *item, bool more) MUST_USE;

enum err count_of_account(struct txn *t, uint32_t account, struct queue_count *out) MUST_USE;
enum err count_of_domain(struct txn *t, struct str domain, struct queue_count *out) MUST_USE;

/* Look at all entries, and write anew what is wrong. */
enum err count_mend(struct store *s, struct why *why) MUST_USE;
/* For fsck: does every row say what the entries do? */
enum err count_check(struct txn *t, bool *right) MUST_USE;

#endif
