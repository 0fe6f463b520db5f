/* model/queue/record.h: the rows of the queue's two spaces; for this folder only. Only
 * this code reads and writes them, always both together, so that each entry has exactly
 * one row in queue_due. Results live in the given arena. */
#ifndef QUEUE_RECORD_H
#define QUEUE_RECORD_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/queue/destinations/destinations.h"
#include "model/queue/entry.h"
#include "model/store/kv.h"

/* ERR_MISSING, ERR_CORRUPT. */
enum err record_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out) MUST_USE;
/* A new entry. The caller adds the blob's reference. */
enum err record_add(struct txn *t, const struct queue_item *item) MUST_USE;
/* Replace the entry old, as read in this transaction. */
enum err record_change(struct txn *t, const struct queue_item *old,
                       const struct queue_item *item) MUST_USE;
/* Record that it belongs to an API submission, if it does: part of record_add. */
enum err record_sent_put(struct txn *t, const struct queue_item *item) MUST_USE;
/* Delete the entry, and drop its reference on the blob. */
enum err record_del(struct txn *t, const struct queue_item *item) MUST_USE;

/* Reserve count consecutive unused ids; *first is the lowest. */
enum err record_ids_take(struct txn *t, size_t count, uint64_t *first) MUST_USE;
/* The id of the next entry: all ids are below. */
enum err record_id_next(struct txn *t, uint64_t *id) MUST_USE;

/* Iterate over all entries by id, from this one on. */
void record_iter(struct kv_iter *it, struct txn *t, uint64_t from);
uint64_t record_iter_id(const struct kv_iter *it);
enum err record_read(const struct kv_iter *it, struct arena *a, struct queue_item *out) MUST_USE;

/* The same without an arena: strings are borrowed from the iterator, rcpts and tried are NULL. */
enum err record_glance(const struct kv_iter *it, struct queue_item *out) MUST_USE;

/* Call fn for every entry, by id, until it returns an error, which is returned. fn may
 * change its entry, whose strings die when it returns. Unreadable rows are skipped: one
 * must not stop the mail, and fsck reports it. */
typedef enum err record_fn(struct txn *t, const struct queue_item *item, void *arg);
enum err record_each(struct txn *t, record_fn *fn, void *arg) MUST_USE;

/* A row of queue_due. */
struct record_due {
	struct str dest; /* key of destinations.h; borrowed from the iterator */
	int priority;
	int64_t due_ms;
	uint64_t id;
};

/* Iterate over queue_due: by destination queue, then by priority, then by time. */
void record_due_iter(struct kv_iter *it, struct txn *t);
/* Those of one destination queue. */
void record_dest_iter(struct kv_iter *it, struct txn *t, struct str dest);
/* False: the key is invalid. */
bool record_due_read(const struct kv_iter *it, struct record_due *out);
/* Does the row match this entry's current state? */
bool record_due_fits(const struct record_due *due, const struct queue_item *item);

/* Defer a row whose damaged record prevents work, until until_ms; a row without a record
 * is removed. A row changed since is left unchanged. */
enum err record_due_put_off(struct txn *t, const struct record_due *due, int64_t until_ms) MUST_USE;

/* The first row of each priority of each destination queue (or of one, if destination
 * queue is not empty): two seeks for each, for any number of rows. */
typedef void record_head_fn(const struct record_due *head, void *arg);
enum err record_heads(struct txn *t, struct str dest, record_head_fn *fn, void *arg) MUST_USE;

/* Convert rows of versions before 1.3. */
enum err record_due_renew(struct txn *t) MUST_USE;

/* Pack and parse an entry; as record_read, or with a NULL arena as record_glance. */
void entry_pack(struct buf *b, const struct queue_item *item);
enum err entry_parse(uint64_t id, struct str record, struct arena *a,
                      struct queue_item *out) MUST_USE;

/* The key of the entry's destination queue. */
struct str record_dest(char to[static DEST_KEY_MAX], const struct queue_item *item);

/* One line of printable text, at most max bytes: for text of peers before it is stored.
 * Lives in a. */
struct str record_line(struct arena *a, struct str text, size_t max);

#endif
