/* model/queue/owed.h: what is due to a message that waits, whether or not it is tried: where nobody
 * answers, most of a lane is left alone. For this folder only. */
#ifndef QUEUE_OWED_H
#define QUEUE_OWED_H
#include "model/queue/queue.h"
#include "model/queue/route.h"
#include "model/queue/schedule.h"

struct arena;
struct txn;

/* Does the sender want to hear of this (RFC 3461 4.1)? Without a wish: yes, but of a
 * delay only when it is a user of this server. */
bool owed_wants(const struct queue_item *item, size_t rcpt, unsigned event_bit);

/* The time that DELIVERBY set is over. */
bool owed_is_late(const struct queue_item *item, int64_t now_ms);

/* Is it time to tell the sender of the delay? RFC 2852 4.1.3: of the end of his own time he is told
 * even when he was told of a delay before. */
bool owed_notice(const struct queue_item *item, const struct schedule *s, int64_t now_ms);

/* When a report is owed, if nothing happens: it expires, or the sender is to be told. */
int64_t owed_ms(const struct queue_item *item, const struct schedule *s);

/* attempts more by a route, and at least so many in all: tried is made anew, in a. A route beyond
 * the ninth is not remembered. */
void owed_tried(struct queue_item *item, struct str route, uint32_t attempts, uint32_t least,
                struct arena *a);

/* Would it go another way than to destination, if it had been tried there so often? */
enum err owed_turn(struct txn *t, const struct routes *r, const struct queue_item *item,
                   struct str destination, uint32_t failures, bool *turns) MUST_USE;

#endif
