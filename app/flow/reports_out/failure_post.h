/* flow/reports_out/failure_post.h: queues failure reports from the stored messages. For
 * this folder only. */
#ifndef REPORTS_OUT_FAILURE_POST_H
#define REPORTS_OUT_FAILURE_POST_H
#include "flow/reports_out/post.h"

/* Send or defer pending reports, some at a time: *more if others are left. Errors are the
 * store's. */
enum err out_failure_post(const struct out_post *p, bool *more, struct why *why) MUST_USE;

#endif
