/* console/api/overview_scope.h: how the domains of one administrator fare, counted when asked. */
#ifndef API_OVERVIEW_SCOPE_H
#define API_OVERVIEW_SCOPE_H
#include "foundation/base/err.h"
#include "foundation/observe/history.h"

struct api_call;

struct overview_scope {
	uint64_t queue;          /* entries that are his                        */
	int64_t queue_oldest_ms; /* INT64_MAX: none                             */
	uint64_t used_bytes;     /* of the mail of his accounts                 */
	/* Of the last day, from traces, so nothing when those are off: messages to his people,
	 * messages his people sent, messages refused. */
	struct history_point points[HISTORY_STEPS];
};

/* Reads the traces of a day, the whole queue and every account. Errors are the store's. */
enum err overview_scope_look(const struct api_call *c, int64_t now_ms,
                             struct overview_scope *out) MUST_USE;

#endif
