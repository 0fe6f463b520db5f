/* flow/delivery/refusal.h: why somebody whom a recipient leads to does not get the message, in
 * the words that its sender hears: of a report (report.h), or at once when nobody else gets it. */
#ifndef DELIVERY_REFUSAL_H
#define DELIVERY_REFUSAL_H
#include "model/directory/resolve.h"
#include "model/queue/queue.h"

extern const struct queue_reply refusal_full, refusal_too_big;

/* Of an address that leads to nobody: neither RESOLVE_OK nor RESOLVE_FOREIGN. */
const struct queue_reply *refusal_of(enum resolve_verdict why);

#endif
