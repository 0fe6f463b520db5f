/* model/queue/add.h: adding messages to the queue, and the limits of its size. */
#ifndef QUEUE_ADD_H
#define QUEUE_ADD_H
#include "foundation/base/err.h"
#include "model/envelope/envelope.h"
#include "model/store/blob.h"

struct blob_draft;
struct queue;
struct settings;
struct txn;

struct queue_new {
	const struct blob_draft *draft; /* the message; or NULL and, stored already:  */
	struct blob_id blob;
	uint64_t size_bytes;            /* only with blob                          */
	struct envelope envelope;       /* rcpts: 1 or more, in any domains        */
	bool held; /* from the start, until queue_unhold                      */
};

/* Add a message, one entry for each destination, each with its own reference on the blob.
 * With ENVELOPE_LATER one entry for all, to which routing rules, named queues and suppressed
 * addresses apply only at its time. Due at once; the runner is woken after the commit. q
 * has routes and schedule. *message (may be NULL) is the id that the entries share, for
 * the log and the SMTP reply. Errors are the store's; ERR_MISSING: blob is not stored;
 * ERR_FULL: refused by queue_room. */
enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new,
                   uint64_t *message) MUST_USE;

struct queue_count {
	uint64_t messages; /* once for every destination */
	uint64_t bytes;
};
/* The size of the whole queue. One lookup. */
enum err queue_count_of(struct txn *t, struct queue_count *out) MUST_USE;

struct queue_room {
	const struct mailaddr *sender; /* null: bounces always have room      */
	uint32_t submitter;            /* 0: none                             */
	uint64_t messages, size_bytes; /* number and size of the new messages */
};
/* Is there room by ROOST_QUEUE_MAX_MESSAGES, _BYTES and the limits in ROOST_QUEUES?
 * ERR_FULL: the queue is full; ERR_LIMIT: the account or domain has reached its limit;
 * the transaction's why has which. queue_add checks it too, and returns ERR_FULL for
 * either. */
enum err queue_room(struct txn *t, const struct settings *s,
                    const struct queue_room *room) MUST_USE;

#endif
