/* model/queue/split.h: groups recipients by destination; for this folder only. */
#ifndef QUEUE_SPLIT_H
#define QUEUE_SPLIT_H
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"
#include "model/queue/route.h"

struct split_part {
	struct str destination;
	struct envelope_rcpt *rcpts;
	size_t count;
};

struct split {
	struct split_part *parts; /* in the order of their first recipients */
	size_t count;
};

/* By the rules. Arrays and destinations live in a, other strings are borrowed. Recipients keep
 * their order. */
void split_rcpts(struct arena *a, const struct envelope_rcpt *rcpts, size_t count,
                 const struct routes *routes, const struct route_ask *ask, struct split *out);

#endif
