/* flow/reports_out/post.h: makes and queues one report from the counts. For this folder
 * only. */
#ifndef REPORTS_OUT_POST_H
#define REPORTS_OUT_POST_H
#include "flow/reports_out/dmarc.h"
#include "flow/reports_out/reports_out.h"

#include <stdatomic.h>

struct out_post {
	const struct report_out_config *config;
	const atomic_bool *stop;
	bool now; /* ignore the time of the next attempt */
};

/* Make and send the report of a domain's day, or defer it. today: the day has not ended.
 * OK also if no recipient wants it: then its counts are removed. Errors are the
 * store's. */
enum err out_post_dmarc(const struct out_post *p, const struct out_dmarc_at *at, bool today,
                        struct why *why) MUST_USE;

#endif
