/* model/queue/sent.h: entries of API submissions (model/history/sent.h); for this folder,
 * and for cancellations. */
#ifndef QUEUE_SENT_H
#define QUEUE_SENT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"
#include "model/history/sent.h"
#include "model/queue/entry.h"

struct queue;
struct webhooks;

/* Record the state of a recipient; a no-op unless the message is a known API submission.
 * reply: in words, or empty. Errors are the store's. */
enum err queue_sent_note(struct txn *t, const struct queue_item *item,
                         const struct envelope_rcpt *rcpt, enum sent_state state,
                         struct str reply) MUST_USE;

/* The same for a recipient that gets no mail (SENT_CANCELLED, SENT_DROPPED), with a
 * webhook event, unless w is NULL or no local account submitted it. */
enum err queue_sent_gone(struct webhooks *w, struct txn *t, const struct queue_item *item,
                         const struct envelope_rcpt *rcpt, enum sent_state state) MUST_USE;

/* Cancel a message: remove its entries that are not being tried, and record it;
 * recipients being tried stay waiting. *count is the number of cancelled recipients.
 * Visits only its entries. */
enum err queue_sent_cancel(struct queue *q, struct txn *t, uint32_t account, uint64_t sent,
                           size_t *count) MUST_USE;

#endif
