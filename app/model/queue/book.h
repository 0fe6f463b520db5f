/* model/queue/book.h: small records about the queue as a whole; for this folder only.
 *
 *	queue_book: kind, key within the kind -> record
 *
 * The owner of a kind describes its rows in its header. */
#ifndef QUEUE_BOOK_H
#define QUEUE_BOOK_H
#include "model/store/kv.h"

enum book_kind {
	BOOK_COUNT = 'n',  /* count.h: size of the queue                     */
	BOOK_LATE = 'l',   /* late.h: entries that are returned at a time    */
	BOOK_PAUSE = 'p',  /* pause.c: what is paused                        */
	BOOK_PLACED = 'r', /* place.c: the rules by which entries are placed */
};

enum { BOOK_KEY_MAX = 300 }; /* of the key within the kind */

/* Like kv_get and so on. */
enum err book_get(struct txn *t, enum book_kind kind, struct str key, struct str *val) MUST_USE;
enum err book_put(struct txn *t, enum book_kind kind, struct str key, struct str val) MUST_USE;
enum err book_del(struct txn *t, enum book_kind kind, struct str key) MUST_USE;
/* Iterate over the rows of a kind; the first byte of the keys is the kind. */
void book_iter(struct kv_iter *it, struct txn *t, enum book_kind kind);
struct str book_iter_key(const struct kv_iter *it);

#endif
