/* model/queue/count.h: sizes of the queue, in total and by sender; for this folder
 * only.
 *
 *	queue_book: BOOK_COUNT, nothing -> messages, bytes: of all
 *	            BOOK_COUNT, "a", account -> the same, of this account's mail
 *	            BOOK_COUNT, "d", domain  -> the same, of senders in this domain; lower case
 *
 * A message counts once for each of its entries. The rows change in the transactions that
 * add and delete entries, and are repaired at a start if they are wrong. */
#ifndef QUEUE_COUNT_H
#define QUEUE_COUNT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/queue/add.h"
#include "model/queue/entry.h"

/* Count one more of this kind (more), or one less. */
enum err count_change(struct txn *t, const struct queue_item *item, bool more) MUST_USE;

enum err count_of_account(struct txn *t, uint32_t account, struct queue_count *out) MUST_USE;
enum err count_of_domain(struct txn *t, struct str domain, struct queue_count *out) MUST_USE;

/* Read all entries, and repair wrong counts. */
enum err count_mend(struct store *s, struct why *why) MUST_USE;
/* For fsck: do all counts match the entries? */
enum err count_check(struct txn *t, bool *right) MUST_USE;

#endif
