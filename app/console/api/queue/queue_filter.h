/* console/api/queue/queue_filter.h: which entries of the queue a call means: q, domain, sender,
 * state, queue and age, of the query string or of the body. */
#ifndef API_QUEUE_FILTER_H
#define API_QUEUE_FILTER_H
#include "model/queue/queue.h"

struct api_call;

/* All but after, max and keep; now_ms is set. False: c->why says what is wrong. */
bool queue_filter_query(struct api_call *c, struct queue_query *out);
bool queue_filter_body(struct api_call *c, struct queue_query *out);
/* What of the body it was, for the audit trail: "domain=example.org state=held"; in the arena. */
struct str queue_filter_text(struct api_call *c);

#endif
