/* flow/reports_out/failure_post.h: failure reports, from what was kept of messages to the queue.
 * For this folder only. */
#ifndef REPORTS_OUT_FAILURE_POST_H
#define REPORTS_OUT_FAILURE_POST_H
#include "flow/reports_out/post.h"

/* Send those that wait, or put them off; some at a time: *more says that there are others. Errors
 * are the store's. */
enum err out_failure_post(const struct out_post *p, bool *more, struct why *why) MUST_USE;

#endif
