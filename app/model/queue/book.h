/* model/queue/book.h: small things that are known of the queue as a whole; for this folder only.
 *
 *	queue_book: kind, whatever tells rows of that kind apart -> their record
 *
 * Who owns a kind says in his header what its rows are. */
#ifndef QUEUE_BOOK_H
#define QUEUE_BOOK_H
#include "model/store/kv.h"

enum book_kind {
	BOOK_COUNT = 'n',  /* count.h: how much there is               */
	BOOK_LATE = 'l',   /* late.h: what goes back at a time         */
	BOOK_PAUSE = 'p',  /* pause.c: what is let rest                */
	BOOK_PLACED = 'r', /* place.c: the rules that entries lie by   */
};

enum { BOOK_KEY_MAX = 300 }; /* of what comes after the kind */

/* As kv_get and so on. */
enum err book_get(struct txn *t, enum book_kind kind, struct str key, struct str *val) MUST_USE;
enum err book_put(struct txn *t, enum book_kind kind, struct str key, struct str val) MUST_USE;
enum err book_del(struct txn *t, enum book_kind kind, struct str key) MUST_USE;
/* Begin walking the rows of a kind; the first byte of the keys is the kind. */
void book_iter(struct kv_iter *it, struct txn *t, enum book_kind kind);
struct str book_iter_key(const struct kv_iter *it);

#endif
