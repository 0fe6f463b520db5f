/* model/queue/sent.h: entries of messages that a program has sent by the API
 * (model/history/sent.h); for this folder, and for who takes such a message back. */
#ifndef QUEUE_SENT_H
#define QUEUE_SENT_H
#include "model/history/sent.h"
#include "model/queue/queue.h"

/* The address as the sender wrote it, which is that of ORCPT where there is one (RFC 3461 4.2); in
 * a. */
struct str queue_rcpt_named(struct arena *a, const struct queue_rcpt *rcpt);

/* Note what became of the entry's message for a recipient; a no-op for one that did not come by the
 * API, and where it is not known any more. reply: in words, or empty. Errors are the store's. */
enum err queue_sent_note(struct txn *t, const struct queue_item *item,
                         const struct queue_rcpt *rcpt, enum sent_state state,
                         struct str reply) MUST_USE;

/* The same of a recipient to whom it will not go (SENT_CANCELLED, SENT_DROPPED), and webhooks hear
 * of it, unless w is NULL or nobody here submitted it. */
enum err queue_sent_gone(struct webhooks *w, struct txn *t, const struct queue_item *item,
                         const struct queue_rcpt *rcpt, enum sent_state state) MUST_USE;

/* Take a message back: forget those of its entries that are not being tried at this moment, and
 * note it; of whom is being tried, that he waits. *count says for how many recipients it was taken
 * back. Looks at its entries only. */
enum err queue_sent_cancel(struct queue *q, struct txn *t, uint32_t account, uint64_t sent,
                           size_t *count) MUST_USE;

#endif
