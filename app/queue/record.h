/* queue/record.h: the rows of the queue's two spaces; for this folder only.
 *
 * The only code that reads and writes them, always both together, so that each entry has
 * exactly one row in queue_due. What is read lives in the given arena. */
#ifndef QUEUE_RECORD_H
#define QUEUE_RECORD_H
#include "queue/queue.h"
#include "store/kv.h"

/* ERR_MISSING, ERR_CORRUPT. */
enum err record_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out) MUST_USE;
/* A new entry. The blob's reference is the caller's to add. */
enum err record_add(struct txn *t, const struct queue_item *item) MUST_USE;
/* Replace the entry old, as it was read in this transaction. */
enum err record_change(struct txn *t, const struct queue_item *old,
                       const struct queue_item *item) MUST_USE;
/* Delete the entry, and drop its reference on the blob. */
enum err record_del(struct txn *t, const struct queue_item *item) MUST_USE;

/* count ids in a row that no entry ever had, the first of them. */
enum err record_ids_take(struct txn *t, size_t count, uint64_t *first) MUST_USE;
/* The id that the next entry will get: all ids are below. */
enum err record_id_next(struct txn *t, uint64_t *id) MUST_USE;

/* Begin walking all entries by id, from this one on. */
void record_iter(struct kv_iter *it, struct txn *t, uint64_t from);
uint64_t record_iter_id(const struct kv_iter *it);
enum err record_read(const struct kv_iter *it, struct arena *a, struct queue_item *out) MUST_USE;

/* Call fn for every entry, by id, until it returns an error, which is returned. fn may
 * change the entry it is given, whose strings die when it returns. A row that cannot be
 * read is passed over: one must not stop the mail, and fsck tells of it. */
typedef enum err record_fn(struct txn *t, const struct queue_item *item, void *arg);
enum err record_each(struct txn *t, record_fn *fn, void *arg) MUST_USE;

/* A row of queue_due. */
struct record_due {
	int64_t due_ms;
	uint64_t id;
	struct str destination; /* borrowed from the iterator */
};

/* Begin walking queue_due, what is due first first. */
void record_due_iter(struct kv_iter *it, struct txn *t);
/* False: the key is none. */
bool record_due_read(const struct kv_iter *it, struct record_due *out);

/* One line of printable text, at most max bytes of it: what peers say, before it is kept.
 * Lives in a. */
struct str record_line(struct arena *a, struct str text, size_t max);

#endif
